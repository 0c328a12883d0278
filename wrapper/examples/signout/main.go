// Signout signs the users of a list out of Slack: all their sessions, or those on mobile devices or in
// browsers only.
//
//	signout [flags] FILE
//
// FILE is a CSV whose header has a column user_id, or a plain list with one user ID on each line, in which
// lines that begin with # are comments; "-" is standard input. Without FILE and -user it signs out a
// built-in sample.
//
// It runs on an embedded Slack, which signs nobody out, unless -live is given. Then it takes the token
// from the environment variable SLACK_TOKEN: a user token of an Org Owner or Org Admin with the scope
// admin.users:write.
//
// With -journal it records every user before and after the call, so that a crash, kill -9 or Ctrl-C loses
// nothing: the same command again skips who is signed out and repeats all others, those included that Slack
// refused before and those whose outcome is unknown. A journal belongs to one occasion; for the next one give
// another. FILE.lock beside it keeps two runs apart.
//
// The first Ctrl-C takes no more users, waits for those in flight, and reports. The second ends at once.
//
// The exit status is 0 when all users are signed out, 1 when some are not, 2 when the command or its input
// is wrong and nothing was sent, and 3 when it stopped before it was through with the list, or could not
// write the report.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

const (
	exitAllOut = iota
	exitSomeNot
	exitUsage
	exitStopped
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], environment{
		stdin:      os.Stdin,
		stdout:     os.Stdout,
		stderr:     os.Stderr,
		getenv:     os.Getenv,
		interrupts: interrupts,
	}))
}

// environment is what the program meets outside.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	interrupts     func() <-chan os.Signal // from now on; until then they end the process
	transport      http.RoundTripper       // to Slack; nil = the network
}

func interrupts() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	return c
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// run is the program; it returns the exit status.
func run(ctx context.Context, args []string, env environment) int {
	s, err := parseFlags(args)
	if errors.Is(err, flag.ErrHelp) {
		usage(env.stdout)
		return exitAllOut
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "signout: %v\nsignout -h tells how to use it.\n", err)
		return exitUsage
	}
	status, err := signOut(ctx, s, env)
	if err != nil {
		fmt.Fprintln(env.stderr, "signout:", err)
	}
	return status
}
