//go:build unix

package runner

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// These tests run the programs themselves, in processes of their own.

func TestARunKilledAtAnyMomentCanBeResumed(t *testing.T) {
	forBoth(t, func(t *testing.T, name string) {
		o := newOffice(t, name, 450)
		for range 50 {
			var p *exec.Cmd
			if o.upTo(5) == 0 { // while it starts
				p = o.start(0, nil)
				time.AfterFunc(o.upTo(60*time.Millisecond), func() { kill(p) })
				_ = p.Wait()
			} else {
				p = o.startAndThen(func(p *exec.Cmd) { time.AfterFunc(o.upTo(4*time.Millisecond), func() { kill(p) }) })
			}
			require.Equal(t, -1, p.ProcessState.ExitCode(), "it was killed")
			o.check()
		}
		o.finish()
	})
}

func TestAnInterruptedRunCanBeResumedWithoutRepeats(t *testing.T) {
	forBoth(t, func(t *testing.T, name string) {
		o := newOffice(t, name, 350)
		for range 25 {
			p := o.startAndThen(func(p *exec.Cmd) { _ = p.Process.Signal(os.Interrupt) })
			require.Equal(t, Stopped, p.ProcessState.ExitCode())
			o.checkNoneInFlight()
		}
		o.finish()
		o.hasNoRepeats()
	})
}

func TestARunThatLosesItsTerminalCanBeResumedWithoutRepeats(t *testing.T) {
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)     // a program that nohup started inherits that they are ignored
	t.Cleanup(func() { signal.Stop(hangUps) }) // after the programs, which run side by side
	forBoth(t, func(t *testing.T, name string) {
		o := newOffice(t, name, 350)
		for range 25 {
			p := o.hangUp()
			require.Equal(t, Stopped, p.ProcessState.ExitCode(), p.ProcessState.String())
			o.checkNoneInFlight()
		}
		o.finish()
		o.hasNoRepeats()
	})
}

func TestARunInterruptedTwiceEndsAtOnceAndCanBeResumed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "signout", 200)
	o.hang.Store(true)
	for range 10 {
		start := time.Now()
		p := o.startAndThen(func(p *exec.Cmd) {
			_ = p.Process.Signal(os.Interrupt)
			_ = p.Process.Signal(syscall.SIGTERM)
		})
		require.Equal(t, Stopped, p.ProcessState.ExitCode())
		require.Less(t, time.Since(start), hanging)
		o.checkNoneInFlight()
	}
	o.hang.Store(false)
	o.finish()
}

func TestARunGoesOnWithoutAReader(t *testing.T) {
	forBoth(t, func(t *testing.T, name string) {
		for lines := range 10 {
			o := newOffice(t, name, 30)
			gone := make(chan struct{})
			o.arm(12, func() {}) // enough for the lines that are read
			o.waitFor(gone)
			p := o.command()
			var words strings.Builder
			p.Stderr = &words
			r, w, err := os.Pipe()
			require.NoError(t, err)
			p.Stdout = w
			require.NoError(t, p.Start())
			require.NoError(t, w.Close())
			for buffer, seen := make([]byte, 1), 0; seen < lines; {
				_, err := io.ReadFull(r, buffer)
				require.NoError(t, err)
				if buffer[0] == '\n' {
					seen++
				}
			}
			require.NoError(t, r.Close())
			close(gone)
			_ = p.Wait()
			require.Equal(t, AllOut, p.ProcessState.ExitCode(), &words)
			assert.Contains(t, words.String(), "Cannot write to standard output")
			o.reported()
		}
	})
}

func TestACrashDoesNotEndWithTheStatusForNothingSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "signout", 100)
	var p *exec.Cmd
	started := make(chan struct{})
	o.arm(5, func() { <-started; _ = p.Process.Signal(syscall.SIGQUIT) })
	p = o.command()
	var words strings.Builder
	p.Stderr = &words
	require.NoError(t, p.Start())
	close(started)
	_ = p.Wait()
	assert.NotContains(t, []int{AllOut, Usage, Nothing}, p.ProcessState.ExitCode())
	assert.Contains(t, words.String(), "goroutine ")
	o.check()
}

// kill sends SIGKILL, which a program cannot catch.
func kill(p *exec.Cmd) { _ = p.Process.Kill() }

// forBoth runs a test for both programs, at the same time.
func forBoth(t *testing.T, test func(t *testing.T, name string)) {
	t.Helper()
	t.Parallel()
	for _, name := range []string{"signout", "auditlog"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name)
		})
	}
}

// office is a Slack on loopback, and a program that signs the users of a list out of it.
type office struct {
	t       *testing.T
	program string
	slack   *slacktest.Slack
	users   map[string]string // user IDs by the IDs in the journal
	there   []string          // users that Slack can sign out
	gone    []string          // users that Slack refuses to sign out
	args    []string
	hang    atomic.Bool   // one response in ten does not come
	gate    chan struct{} // closed when Slack may respond slowly; nil = at once

	target, journal, report string

	mu     sync.Mutex
	random *rand.Rand
	runs   int // number of processes so far; each has its own token, so that late requests of an earlier one do not count
	left   int // requests until then is called; from there on Slack is slow, so that few follow
	then   func()
}

// token returns the token of the latest process.
func (o *office) token() string { return fmt.Sprintf("%s-%d", testToken, o.runs) }

const hanging = time.Minute

func newOffice(t *testing.T, program string, people int) *office {
	dir := t.TempDir()
	o := &office{
		t: t, program: program, slack: slacktest.New(), users: map[string]string{},
		random:  rand.New(rand.NewPCG(1, 2)), //nolint:gosec // G404: the same moments each time
		journal: filepath.Join(dir, "journal"), report: filepath.Join(dir, "report.csv"),
	}
	var list strings.Builder
	for i := range people {
		user, session := fmt.Sprintf("W%d", i), int64(1000+i)
		if program == "signout" {
			fmt.Fprintln(&list, user)
			o.users[user] = user
		} else {
			fmt.Fprintf(&list, `{"action":"user_login","actor":{"user":{"id":%q}},"context":{"session_id":"%d"}}`+"\n", user, session)
			o.users[strconv.FormatInt(session, 10)] = user
		}
		switch i % 200 {
		case 150:
			o.gone = append(o.gone, user)
		case 151:
			o.slack.AddUser(slacktest.User{ID: user, PrimaryOwner: true})
			o.gone = append(o.gone, user)
		default:
			o.slack.AddUser(slacktest.User{ID: user, Sessions: []slacktest.Session{{ID: session}}})
			o.there = append(o.there, user)
		}
	}
	o.slack.Respond(func(c slacktest.Call) slacktest.Answer {
		answer, gate := o.answer(c)
		if gate != nil {
			<-gate
		}
		return answer
	})
	server := httptest.NewServer(o.slack)
	t.Cleanup(server.Close)
	o.target = server.URL
	o.args = []string{"--live", "--yes", "--base-url", server.URL, "--journal", o.journal, "--report", o.report, file(t, "list", list.String())}
	return o
}

// waitFor makes Slack wait for gone before it responds slowly.
func (o *office) waitFor(gone chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gate = gone
}

// answer returns the response to a call, and what it waits for.
func (o *office) answer(c slacktest.Call) (answer slacktest.Answer, gate chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c.Token != o.token() {
		return slacktest.Answer{}, nil
	}
	if o.left--; o.left == 0 {
		go o.then()
	}
	switch {
	case o.hang.Load() && o.random.IntN(10) == 0:
		return slacktest.Answer{Delay: hanging}, nil
	case o.left <= 0:
		return slacktest.Answer{Delay: 50 * time.Millisecond}, o.gate
	default:
		return slacktest.Answer{Delay: 2 * time.Millisecond}, nil
	}
}

// upTo returns a random number or duration below most.
func (o *office) upTo(most time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Duration(o.random.Int64N(int64(most)))
}

// arm calls then after a number of requests of the next process.
func (o *office) arm(requests int, then func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left, o.then = requests, then
	o.runs++
}

// command returns the next process, which arm has prepared.
func (o *office) command() *exec.Cmd {
	dir, err := programs()
	require.NoError(o.t, err)
	p := exec.CommandContext(o.t.Context(), filepath.Join(dir, o.program), o.args...) //nolint:gosec // G204: built by this test
	p.Env = append(os.Environ(), "SLACK_TOKEN="+o.token())
	return p
}

func (o *office) start(requests int, then func()) *exec.Cmd {
	o.arm(requests, then)
	p := o.command()
	require.NoError(o.t, p.Start())
	return p
}

// moment returns a random number of requests.
func (o *office) moment() int { return 1 + int(o.upTo(8)) }

// startAndThen starts the program, does something after a random number of its requests, and waits for
// its end.
func (o *office) startAndThen(then func(*exec.Cmd)) *exec.Cmd {
	started := make(chan *exec.Cmd, 1)
	p := o.start(o.moment(), func() { then(<-started) })
	started <- p
	_ = p.Wait()
	return p
}

// hangUp starts the program on a terminal, which goes away after a random number of its requests.
func (o *office) hangUp() *exec.Cmd {
	started := make(chan *os.File, 1)
	o.arm(o.moment(), func() { _ = (<-started).Close() })
	p := o.command()
	opened, err := pty.StartWithSize(p, &pty.Winsize{Rows: 24, Cols: 100})
	require.NoError(o.t, err)
	screen := nonblocking(o.t, opened)
	go func() { _, _ = io.Copy(io.Discard, screen) }() // until it is closed
	started <- screen
	_ = p.Wait()
	return p
}

// check compares the journal with Slack.
func (o *office) check() history {
	f, err := os.Open(o.journal)
	if os.IsNotExist(err) {
		return history{}
	}
	require.NoError(o.t, err)
	defer func() { _ = f.Close() }()
	sessions := map[string]string{"signout": "all sessions"}[o.program]
	h, _, err := readJournal(o.journal, f, occasion{Program: o.program, Target: o.target, Sessions: sessions})
	require.NoError(o.t, err)
	known := map[string]bool{}
	for id, outcome := range h.outcomes {
		if outcome.Status == statusOut {
			require.Empty(o.t, o.slack.Sessions(o.users[id]), "%s is out in the journal", id)
		}
		known[o.users[id]] = true
	}
	for user := range o.requests() {
		require.True(o.t, known[user], "%s got a request and is not in the journal", user)
	}
	return h
}

// checkNoneInFlight checks the journal, and that each call has its outcome there.
func (o *office) checkNoneInFlight() {
	for id, outcome := range o.check().outcomes {
		require.NotEqual(o.t, inFlight, outcome, id)
	}
}

// finish runs the program to its end.
func (o *office) finish() {
	p := o.start(math.MaxInt, nil)
	_ = p.Wait()
	require.Equal(o.t, SomeNot, p.ProcessState.ExitCode())
	o.check()
	o.reported()
}

// reported compares the report with Slack.
func (o *office) reported() {
	lines, err := csv.NewReader(strings.NewReader(read(o.t, o.report))).ReadAll()
	require.NoError(o.t, err)
	status := slices.Index(lines[0], "status")
	reported := map[string][]string{}
	for _, line := range lines[1:] {
		reported[line[status]] = append(reported[line[status]], o.users[line[0]])
	}
	assert.ElementsMatch(o.t, o.there, reported["out"])
	assert.ElementsMatch(o.t, o.gone, reported["refused"])
	effects := effects(o.slack)
	for _, user := range o.there {
		assert.Empty(o.t, o.slack.Sessions(user))
		assert.Equal(o.t, 1, effects[user], "%s was signed out once in effect", user)
	}
	assert.Len(o.t, effects, len(o.there))
	o.t.Logf("%d people, %d signed out once each in effect, %d requests", len(o.users), len(effects), len(o.slack.Calls()))
}

// hasNoRepeats checks that only refused users got more than one request.
func (o *office) hasNoRepeats() {
	for user, n := range o.requests() {
		if n > 1 {
			assert.Contains(o.t, o.gone, user)
		}
	}
}

// requests counts them for each user.
func (o *office) requests() map[string]int {
	n := map[string]int{}
	for _, c := range o.slack.Calls() {
		n[c.UserID]++
	}
	return n
}

// nonblocking returns a terminal that closes at once although a goroutine reads from it.
func nonblocking(t *testing.T, terminal *os.File) *os.File {
	t.Helper()
	syscall.ForkLock.RLock() // no other program of these tests keeps it open
	fd, err := syscall.Dup(int(terminal.Fd()))
	syscall.CloseOnExec(fd)
	syscall.ForkLock.RUnlock()
	require.NoError(t, err)
	require.NoError(t, terminal.Close())
	require.NoError(t, syscall.SetNonblock(fd, true))
	return os.NewFile(uintptr(fd), terminal.Name())
}
