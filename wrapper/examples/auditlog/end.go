package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// documentedRate is what Slack promises for admin.users.session.invalidate: 20 calls a minute or more.
const documentedRate = 20

// endSessions does what the settings say. It returns the exit status, and an error where nothing was sent.
func endSessions(ctx context.Context, s settings, env environment) (status int, err error) {
	fmt.Fprintln(env.stdout, s.where())
	var p plan
	var w world
	err = s.readFiles(env.stdin, func(e entry, err error) {
		p.add(s.filter, e, err)
		if !s.live {
			w.add(e)
		}
	})
	if err != nil {
		return exitUsage, err
	}
	p.print(env.stdout)
	if len(p.sessions) == 0 {
		return new(tally).status(&p), nil
	}
	took := (time.Duration(len(p.sessions)) * time.Minute / documentedRate).Round(time.Second)
	if s.dryRun {
		for _, n := range p.sessions {
			fmt.Fprintln(env.stdout, n, "would end")
		}
		fmt.Fprintf(env.stdout, "At %d a minute it would take about %v.\n", documentedRate, took)
		return new(tally).status(&p), nil
	}
	client, err := s.newClient(w, env)
	if err != nil {
		return exitUsage, err
	}
	if err := s.confirm(len(p.sessions), took, env); err != nil {
		return exitUsage, err
	}
	ctx, stop := env.interruptible(ctx)
	defer stop()
	t := p.run(ctx, client, env.stdout)
	t.print(&p, env.stdout)
	return t.status(&p), nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

// printable keeps what others wrote from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
