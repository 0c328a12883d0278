// Package runner has what the programs signout and auditlog share: flags, the token, the question before a live run,
// signals, the journal, progress, a second attempt after temporary failures, the report and the exit status. A [Program]
// adds its input and the call for each item.
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

// Main runs a program and ends the process with its exit status.
func Main[O any](p Program[O]) {
	debug.SetTraceback("crash")    // with it a panic or SIGQUIT ends in SIGABRT, not in status 2, which means that nothing was sent
	debug.SetGCPercent(25)         // saves a third of the memory of a list of 200,000 users; a run waits most of the time
	signal.Ignore(syscall.SIGPIPE) // a run goes on if nothing reads its output
	os.Exit(Run(context.Background(), p, Env{
		Args:    os.Args[1:],
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Signals: catchSignals,
	}))
}

func catchSignals() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(c, syscall.SIGHUP)
	}
	return c
}

// Run runs a program and returns its exit status.
func Run[O any](ctx context.Context, p Program[O], env Env) int {
	r := &run[O]{Program: p, env: env}
	err := r.parse(env.Args)
	if errors.Is(err, errPrinted) {
		return AllOut
	}
	r.output = newOutput(env, &r.opts)
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
	if status == AllOut && r.out.lostOutput() {
		return SomeNot
	}
	return status
}

// run is one run of a program.
type run[O any] struct {
	Program[O]
	*output
	opts settings
	env  Env

	input      Input
	list       *List[O]
	client     *wrapper.Client
	redis      io.Closer        // connection of --fleet; nil without it
	embedded   *slacktest.Slack // of a demo
	journal    *journal         // nil without --journal
	reportFile string           // regular file that --report names, without symbolic links; "" if it names none
	progress   *progress

	columns  []string                // names of the list's columns, each once
	todo     []int                   // indexes of the items to call for
	skipped  int                     // number of items with Skip
	outcomes []outcome               // of each item
	stop     context.CancelCauseFunc // keeps the run from taking more items, with the reason
	stopped  error                   // why the run stopped early; nil if it did not
	sent     bool                    // Slack got a request
}

// do runs what the flags ask for, and returns the exit status and an error to print. An error with status Usage means that
// nothing was sent.
func (r *run[O]) do(ctx context.Context) (status int, err error) {
	fmt.Fprintln(r.info, r.opts.headline())
	r.input = Input{Args: r.opts.Args, Demo: r.opts.Demo, Slack: r.opts.slackFlags(), Report: r.opts.Report, stdin: r.env.Stdin}
	if r.list, err = r.Load(&r.input); err != nil {
		return Usage, err
	}
	defer r.close()
	if err := r.newClient(ctx); err != nil {
		return Usage, err
	}
	if err := r.openJournal(); err != nil {
		return Usage, err
	}
	r.plan()
	if r.opts.DryRun {
		return r.printDryRun(), nil
	}
	if err := r.checkReport(); err != nil {
		return Usage, err
	}
	if len(r.todo) > 0 {
		if err := r.confirm(); err != nil {
			return Usage, err
		}
		if err := r.journal.begin(); err != nil {
			return Usage, err
		}
	}
	if err := r.keepOldReport(); err != nil {
		return Usage, err
	}
	if len(r.todo) > 0 {
		r.callAll(ctx)
	}
	r.printSummary()
	err = r.writeReport()
	return r.exitStatus(err), err
}

// close releases what the run has opened. What it wrote is on the disk already.
func (r *run[O]) close() {
	_ = r.journal.Close()
	if r.redis != nil {
		_ = r.redis.Close()
	}
}
