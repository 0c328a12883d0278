package runner

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInputIsReadAsUTF8(t *testing.T) {
	utf16 := func(order string) string {
		var b strings.Builder
		for _, c := range []byte("user_id\r\nW1\r\n") {
			b.WriteString(strings.NewReplacer("c", string(c), "0", "\x00").Replace(order))
		}
		return b.String()
	}
	for name, content := range map[string]string{
		"UTF-8":                         "user_id\r\nW1\r\n",
		"with a byte order mark":        "\xef\xbb\xbfuser_id\r\nW1\r\n",
		"Unicode Text of Excel":         "\xff\xfe" + utf16("c0"),
		"UTF-16BE":                      "\xfe\xff" + utf16("0c"),
		"UTF-16 without a mark":         utf16("c0"),
		"UTF-16BE without a mark":       utf16("0c"),
		"UTF-16 with a mark, in a pipe": "\xff\xfe" + utf16("c0"),
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{stdin: strings.NewReader(content)}
			path := "-"
			if !strings.HasSuffix(name, "pipe") {
				path = file(t, "list", content)
			}
			_, text, err := in.Open(path)
			require.NoError(t, err)
			read, err := io.ReadAll(text)
			require.NoError(t, err)
			assert.Equal(t, "user_id\r\nW1\r\n", string(read))
			require.NoError(t, text.Close())
		})
	}
}

func TestAFileThatCannotBeOpenedIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nofile.csv")
	_, _, err := (&Input{}).Open(path)
	require.EqualError(t, err, path+": no such file or directory")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestAFileThatIsNoTextIsRefusedWithItsKind(t *testing.T) {
	for content, want := range map[string]string{
		"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml":                            "is an Excel workbook; save it as CSV UTF-8",
		"PK\x03\x04\x14\x00\x00\x00xl/workbook.xml":                                "is an Excel workbook; save it as CSV UTF-8",
		"PK\x03\x04\x14\x00Index/Document.iwa":                                     "is a Numbers document; export it as CSV",
		"PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet": "is an OpenDocument spreadsheet",
		"PK\x03\x04\x14\x00leavers.csv":                                            "is a ZIP archive",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":                                         "is an Excel workbook",
		"\x1f\x8b\x08\x00":                                                         "is compressed with gzip; unpack it with gunzip",
		"BZh91AY":                                                                  "is compressed with bzip2",
		"\x28\xb5\x2f\xfd\x00":                                                     "is compressed with zstd",
		"%PDF-1.7":                                                                 "is a PDF",
		`{\rtf1\ansi`:                                                              "is rich text; save it as plain text",
		"\n<!DOCTYPE html>\n<html>":                                                "is an HTML page",
		"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table><tr><td>W1</td></tr>": "is an HTML page",
	} {
		path := filepath.Join(t.TempDir(), "list.csv")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		for name, in := range map[string]string{path: path, "standard input": "-"} {
			_, _, err := (&Input{stdin: strings.NewReader(content)}).Open(in)
			require.ErrorContains(t, err, name+":1: the file "+want)
		}
	}
}
