package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

const maxList = 128 << 20 // bytes; 200,000 users take a tenth

// readAll reads a whole file, because the list is checked before the first request. A file that is not UTF-8 is read as
// Windows-1252, in which Excel writes a plain CSV.
func readAll(in *runner.Input, path string) (name, data string, err error) {
	name, text, err := in.Open(path)
	if err != nil {
		return name, "", err
	}
	defer func() { _ = text.Close() }()
	var b strings.Builder
	if info, err := os.Stat(path); err == nil && info.Size() <= maxList {
		b.Grow(int(info.Size()))
	}
	switch n, err := io.Copy(&b, io.LimitReader(text, maxList+1)); {
	case err != nil:
		return name, "", fmt.Errorf("%s: %w", name, err)
	case n > maxList:
		return name, "", fmt.Errorf("%s: longer than %d MiB; is it a list of users?", name, maxList>>20)
	}
	if utf8.ValidString(b.String()) {
		return name, b.String(), nil
	}
	data, err = charmap.Windows1252.NewDecoder().String(b.String())
	return name, data, err
}
