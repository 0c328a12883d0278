// Review prints what a maintainer must do by hand after a change of the spec: what go generate does not
// write and no compiler asks for. It prints a line for each chore, with the file to edit, in the order of
// the work: spec, generated code, wrapper, fake, contract, README.
//
//	go run ./wrapper/internal/review [-root DIR]
//
// It exits 0 whatever there is to do, 1 where it cannot read the project.
package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

func main() {
	root := flag.String("root", ".", "the project's `directory`, or that of a copy")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, os.DirFS(*root)); err != nil {
		fmt.Fprintln(os.Stderr, "review:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir fs.FS) error {
	p, err := read(dir)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, lines(p.chores()))
	return err
}

func lines(todo []string) string {
	if len(todo) == 0 {
		return "nothing to do by hand\n"
	}
	return strings.Join(todo, "\n") + "\n"
}
