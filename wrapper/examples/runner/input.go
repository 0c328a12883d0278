package runner

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Input is what a program reads its list from.
type Input struct {
	Args   []string // arguments of the command line
	Demo   bool     // without Args, a program may read its sample
	Slack  string   // flags for commands in messages, so that they use the same Slack: "--gov "
	Report string   // file of --report, for commands in messages; "" if there is none

	stdin  io.Reader
	opened []string // paths of the files that were opened
}

// Open opens a file, or standard input for "-", and returns its name for messages. It converts UTF-16, which Excel and
// PowerShell write, to UTF-8, and drops a byte order mark. It refuses files of other kinds, and says which kind it is.
func (in *Input) Open(path string) (name string, text io.ReadCloser, err error) {
	name, text = "standard input", io.NopCloser(in.stdin)
	if path != "-" {
		name = path
		f, err := os.Open(path) //nolint:gosec // G304: the user names the file
		if err != nil {
			return name, nil, fmt.Errorf("%s: %w", path, fileCause(err))
		}
		in.opened = append(in.opened, path)
		text = f
	}
	b := bufio.NewReader(text)
	start, _ := b.Peek(b.Size())
	if kind := notText(start); kind != "" {
		_ = text.Close()
		return name, nil, fmt.Errorf("%s:1: the file is %s", name, kind)
	}
	var decoder transform.Transformer = transform.Nop
	switch { // without a byte order mark
	case len(start) > 1 && start[1] == 0:
		decoder = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case len(start) > 1 && start[0] == 0:
		decoder = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	}
	return name, struct {
		io.Reader
		io.Closer
	}{transform.NewReader(b, unicode.BOMOverride(decoder)), text}, nil
}

// notText returns the kind of a file that is no text, and what to do; "" for text. start is the beginning of the file.
func notText(start []byte) string {
	for _, kind := range []struct{ begin, contains, text string }{
		{"PK\x03\x04", ".iwa", "a Numbers document; export it as CSV"},
		{"PK\x03\x04", "opendocument", "an OpenDocument spreadsheet; save it as CSV"},
		{"PK\x03\x04", "[Content_Types].xml", "an Excel workbook; save it as CSV UTF-8"},
		{"PK\x03\x04", "xl/", "an Excel workbook; save it as CSV UTF-8"},
		{"PK\x03\x04", "", "a ZIP archive, or a spreadsheet that was not exported; unpack it, or save it as CSV"},
		{"\xd0\xcf\x11\xe0", "", "an Excel workbook; save it as CSV UTF-8"},
		{"\x1f\x8b", "", "compressed with gzip; unpack it with gunzip"},
		{"BZh", "", "compressed with bzip2; unpack it with bunzip2"},
		{"(\xb5/\xfd", "", "compressed with zstd; unpack it with unzstd"},
		{"%PDF", "", "a PDF; get the list as CSV"},
		{`{\rtf`, "", "rich text; save it as plain text"},
	} {
		if bytes.HasPrefix(start, []byte(kind.begin)) && bytes.Contains(start, []byte(kind.contains)) {
			return kind.text
		}
	}
	page := strings.ToLower(string(bytes.TrimSpace(start[:min(len(start), 200)])))
	if strings.HasPrefix(page, "<!doctype html") || strings.HasPrefix(page, "<html") {
		return "an HTML page, such as a login page; get the list as a file"
	}
	return ""
}
