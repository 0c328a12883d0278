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
	Args []string // of the command line
	Demo bool     // without Args, a sample may be read
	Gov  bool     // the run is for GovSlack; commands that messages recommend should be too

	stdin io.Reader
	read  []string // files opened
}

// Open opens a file, or standard input for "-", and returns what messages call it. UTF-16, as Excel and PowerShell
// write it, is read as UTF-8, and a byte order mark is skipped. What is no text is refused by the name of its kind.
func (in *Input) Open(path string) (name string, text io.ReadCloser, err error) {
	name, text = "standard input", io.NopCloser(in.stdin)
	if path != "-" {
		name = path
		f, err := os.Open(path) //nolint:gosec // G304: the user names the file
		if err != nil {
			return name, nil, err
		}
		in.read = append(in.read, path)
		text = f
	}
	b := bufio.NewReader(text)
	start, _ := b.Peek(b.Size())
	if is := notText(start); is != "" {
		_ = text.Close()
		return name, nil, fmt.Errorf("%s:1: the file is %s", name, is)
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

// notText says what a file is that begins so, and what to do; "" for text.
func notText(start []byte) string {
	page := strings.ToLower(string(bytes.TrimSpace(start[:min(len(start), 200)])))
	for _, kind := range []struct{ begin, has, is string }{
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
		if bytes.HasPrefix(start, []byte(kind.begin)) && bytes.Contains(start, []byte(kind.has)) {
			return kind.is
		}
	}
	if strings.HasPrefix(page, "<!doctype html") || strings.HasPrefix(page, "<html") {
		return "an HTML page, such as that of a login; get the list as a file"
	}
	return ""
}
