package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// documentedRate is what Slack promises for admin.users.session.reset: 20 calls a minute or more.
const documentedRate = 20

// signOut does what the settings say. It returns the exit status, and an error where there is more to say.
func signOut(ctx context.Context, s settings, env environment) (int, error) {
	fmt.Fprintln(env.stdout, s.where())
	l, err := s.readList(env.stdin)
	if err != nil {
		return exitUsage, err
	}
	p := newProgress(env)
	client, err := s.newClient(l, p, env)
	if err != nil {
		return exitUsage, err
	}
	if s.dryRun {
		return s.rehearse(l, env.stdout)
	}
	j, err := s.openJournal()
	if err != nil {
		return exitUsage, err
	}
	defer func() { _ = j.Close() }() // nothing is left to be written
	past := j.history()
	past.announce(s.journal, l, env.stderr)
	out, todo := past.split(l)
	if err := s.confirm(len(todo), env); err != nil {
		return exitUsage, err
	}
	report, err := s.openReport()
	if err != nil {
		return exitUsage, err
	}

	b := &batch{settings: s, client: client, journal: j, progress: p}
	outcomes, stopped := b.run(ctx, todo, env.interrupts())
	r := result{list: l, past: out, outcomes: outcomes, stopped: stopped, progress: p, journal: s.journal}
	r.print(env.stdout)
	if err := r.save(report); err != nil {
		return exitStopped, err
	}
	return r.status(), nil
}

// where is the first line of every run.
func (s settings) where() string {
	where := "On the embedded Slack: nobody is really signed out. With -live it is for real."
	if s.live {
		where = "Live, on " + s.target() + "."
	}
	if s.dryRun {
		where += " Dry run: nothing is sent."
	}
	return where
}

func (s settings) readList(stdin io.Reader) (*list, error) {
	switch {
	case s.sample():
		return readList("sample.csv", strings.NewReader(sample), nil)
	case s.file == "":
		return readList("-user", strings.NewReader(""), s.users)
	case s.file == "-":
		return readList("standard input", stdin, s.users)
	}
	f, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readList(s.file, f, s.users)
}

// rehearse tells what would be done.
func (s settings) rehearse(l *list, w io.Writer) (status int, err error) {
	past, err := s.readJournal()
	if err != nil {
		return exitUsage, err
	}
	past.announce(s.journal, l, w)
	_, todo := past.split(l)
	fmt.Fprintf(w, "%s in the list, %s.\n", plural(len(l.users), "user"), plural(l.duplicates, "duplicate"))
	fmt.Fprintf(w, "Would end %s of %s (about %s at %d a minute).\n",
		s.occasion(), plural(len(todo), "user"), atDocumentedRate(len(todo)), documentedRate)
	return exitAllOut, nil
}

// atDocumentedRate is how long n calls take at the rate that Slack promises.
func atDocumentedRate(n int) string {
	return roughly(time.Duration(n) * time.Minute / documentedRate)
}

func (s settings) newClient(l *list, p *progress, env environment) (*wrapper.Client, error) {
	token, transport := env.getenv("SLACK_TOKEN"), env.transport
	if s.live && !s.dryRun && token == "" {
		return nil, errors.New("-live needs a token: set the environment variable SLACK_TOKEN")
	}
	if !s.live {
		token, transport = "xoxp-test-embedded", embeddedSlack(l.users) //nolint:gosec // G101: opens nothing
	}
	var opts wrapper.Options
	if transport != nil {
		opts.HTTPClient = &http.Client{Transport: transport}
	}
	opts.BaseURL = s.api()
	opts.Observe = p.attempt
	if s.verbose {
		log := wrapper.LogAttempts(slog.New(slog.NewTextHandler(p.err, nil)))
		opts.Observe = func(ctx context.Context, a wrapper.Attempt) {
			p.attempt(ctx, a)
			log(ctx, a)
		}
	}
	return wrapper.New(wrapper.StaticToken(token), opts)
}

func (s settings) occasion() occasion { return occasion{Target: s.target(), Sessions: s.sessions()} }

func (s settings) openJournal() (*journal, error) {
	if s.journal == "" {
		return nil, nil
	}
	return openJournal(s.journal, s.occasion())
}

// readJournal reads the journal without making it this run's.
func (s settings) readJournal() (history, error) {
	if s.journal == "" {
		return history{}, nil
	}
	f, err := os.Open(s.journal)
	if errors.Is(err, fs.ErrNotExist) {
		return history{}, nil
	}
	if err != nil {
		return history{}, err
	}
	defer func() { _ = f.Close() }()
	h, _, err := readJournal(s.journal, f, s.occasion())
	return h, err
}

// confirm asks before users are signed out for real.
func (s settings) confirm(n int, env environment) error {
	if !s.live || s.yes || n == 0 {
		return nil
	}
	if s.file == "-" || !isTerminal(env.stdin) {
		return errors.New("-live asks before it signs anybody out, and standard input is no terminal to ask on: add -yes")
	}
	fmt.Fprintf(env.stderr, "End %s of %s (about %s at %d a minute)? Type yes: ",
		s.occasion(), plural(n, "user"), atDocumentedRate(n), documentedRate)
	answer, err := bufio.NewReader(env.stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		return errors.New("not confirmed; nothing was sent")
	}
	return nil
}

// openReport opens the file of the report without touching what it holds, so that a name that cannot be
// written to is found before the run and not after.
func (s settings) openReport() (*os.File, error) {
	if s.report == "" {
		return nil, nil
	}
	f, err := os.OpenFile(s.report, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for _, other := range []string{s.file, s.journal} {
		if sameFile(s.report, other) {
			return nil, errors.Join(fmt.Errorf("the report would overwrite %s; give another -report", other), f.Close())
		}
	}
	return f, nil
}

func sameFile(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}
