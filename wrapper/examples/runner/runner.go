// Package runner is what the programs beside it have in common: flags, the token, the question before
// anything is sent, signals, the journal, progress, a second pass over what failed for a passing reason, the
// report and the exit status. A [Program] adds what it is about: its input and the call for each item of it.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// Main runs a program in a process of its own and ends it.
func Main[O any](p Program[O]) {
	// A panic and SIGQUIT end a Go program with status 2, which means here that nothing was sent. So does
	// SIGABRT, with the same dump and without the status.
	debug.SetTraceback("crash")
	debug.SetGCPercent(50)         // a run waits most of the time, and a list of 200,000 users takes a fifth less memory
	signal.Ignore(syscall.SIGPIPE) // the end of a pipe's reader is no reason to end in the middle of a run
	os.Exit(Run(context.Background(), p, Env{
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Signals: signals,
	}))
}

func signals() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(c, syscall.SIGHUP)
	}
	return c
}

// Run runs a program and returns its exit status.
func Run[O any](ctx context.Context, p Program[O], env Env) int {
	r := &run[O]{Program: p, env: env}
	err := r.parse(env.Args)
	switch {
	case errors.Is(err, errHelp):
		r.usage(env.Stdout)
		return AllOut
	case errors.Is(err, errVersion):
		fmt.Fprintln(env.Stdout, p.Name, version())
		return AllOut
	}
	r.newOutput(env)
	status := Usage
	if err == nil {
		status, err = r.do(ctx)
	} else {
		err = fmt.Errorf("%w\n%s -h lists the flags", err, p.Name)
	}
	if err != nil {
		fmt.Fprintf(r.err, "%s: %v\n", p.Name, err)
		if status == Usage {
			fmt.Fprintln(r.err, "Nothing was sent.")
		}
	}
	return r.exit(status)
}

// run is one run of a program.
type run[O any] struct {
	Program[O]
	output
	opts settings
	env  Env

	input    Input
	list     *List[O]
	client   *wrapper.Client
	embedded *slacktest.Slack // of a demo
	redis    io.Closer        // of --fleet; nil without it
	journal  *journal
	report   *report
	progress *progress

	columns  []string  // names of the list's columns, no two alike
	todo     []int     // items to call for, by their place in the list
	outcomes []outcome // of all items
	before   int       // how many were out before this run
	skipped  int       // how many no call is made for
	sent     bool      // something reached Slack
	stopped  error     // why the run ended early; nil = it did not
}

// do does what the flags say. It returns the exit status, and an error if there is more to say. With an error and
// status Usage nothing was sent.
func (r *run[O]) do(ctx context.Context) (status int, err error) {
	fmt.Fprintln(r.say, r.opts.headline())
	r.input = Input{Args: r.opts.Args, Demo: r.opts.Demo, Gov: r.opts.Gov, stdin: r.env.Stdin}
	if r.list, err = r.Load(&r.input); err != nil {
		return Usage, err
	}
	defer func() {
		if r.redis != nil {
			_ = r.redis.Close() // nothing of it is needed any more
		}
	}()
	if err := r.newClient(ctx); err != nil {
		return Usage, err
	}
	if err := r.openJournal(); err != nil {
		return Usage, err
	}
	defer func() { _ = r.journal.Close() }() // all that counts is synced
	r.plan()
	if r.opts.DryRun {
		return r.rehearse(), nil
	}
	if err := r.openReport(); err != nil {
		return Usage, err
	}
	defer r.report.Close()
	if len(r.todo) > 0 {
		if err := r.confirm(); err != nil {
			return Usage, err
		}
		if err := r.journal.begin(); err != nil {
			return Usage, err
		}
	}
	aside, err := r.report.begin()
	if err != nil {
		return Usage, err
	}
	if aside != "" {
		fmt.Fprintf(r.say, "The report of an earlier run is kept as %s.\n", aside)
	}
	if len(r.todo) > 0 {
		r.passes(ctx)
	}
	r.summary()
	return r.status(r.saveReport())
}
