// Auditlog ends the Slack sessions that a search of the audit log brings up, each once, and leaves all
// others alone.
//
//	auditlog [flags] FILE...
//
// FILE holds entries as the Audit Logs API gives them: one on each line, or the API's pages,
// {"entries": [...]}, as they are; "-" is standard input. Without FILE it works on a built-in sample. Flags
// say which entries are meant; an entry has to match all of them, and where one is repeated, any of its
// values. Look first, then act:
//
//	auditlog -ip 198.51.100.0/24 -since 48h -dry-run log.jsonl
//	auditlog -ip 198.51.100.0/24 -since 48h -live log.jsonl
//
// It runs on an embedded Slack, which ends no session of anybody, unless -live is given. Then it takes the
// token from the environment variable SLACK_TOKEN: a user token of an Org Owner or Org Admin with the scope
// admin.users:write.
//
// The session that ends is the one in which the entry's action was done, context.session_id, and its user is
// the entry's actor. An entry that matches and names no session is reported; to be safe there, end all
// sessions of its user, with the signout program. The same command may be run again at any time.
//
// The exit status is 0 when all sessions that were meant are over, 1 when some may not be or some entries
// need a look, and 2 when the command or the log is wrong and nothing was sent. A session that Slack does
// not know, or knows as expired, counts as over.
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
	exitAllOver = iota
	exitSomeNot
	exitUsage
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], environment{
		stdin:         os.Stdin,
		stdout:        os.Stdout,
		stderr:        os.Stderr,
		terminal:      term.IsTerminal(int(os.Stdin.Fd())),
		getenv:        os.Getenv,
		interruptible: interruptible,
	}))
}

// interruptible ends the context on Ctrl-C. A second one ends the process.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// environment is what the program meets outside.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // somebody is there to ask
	getenv         func(string) string
	interruptible  func(context.Context) (context.Context, context.CancelFunc) // until then Ctrl-C ends the process
	transport      http.RoundTripper                                           // to Slack; nil = the network
}

// run is the program; it returns the exit status.
func run(ctx context.Context, args []string, env environment) int {
	s, err := parseFlags(args)
	if errors.Is(err, flag.ErrHelp) {
		usage(env.stdout)
		return exitAllOver
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "auditlog: %v\nauditlog -h tells how to use it.\n", err)
		return exitUsage
	}
	status, err := endSessions(ctx, s, env)
	if err != nil {
		fmt.Fprintln(env.stderr, "auditlog:", err)
	}
	return status
}
