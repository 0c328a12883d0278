package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestKilledAtAnyMomentAndResumedItLosesNobody(t *testing.T) {
	o := newOffice(t, 2000)
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
}

func TestInterruptedAtAnyMomentAndResumedItRepeatsNobody(t *testing.T) {
	o := newOffice(t, 1000)
	for range 25 {
		p := o.startAndThen(func(p *exec.Cmd) { _ = p.Process.Signal(os.Interrupt) })
		require.Equal(t, exitStopped, p.ProcessState.ExitCode())
		require.Empty(t, o.check().open, "who was in flight has an outcome")
	}
	o.finish()
	for id, n := range o.requests() {
		if n > 1 {
			assert.Contains(t, o.gone, id)
		}
	}
}

func TestInterruptedTwiceItEndsAtOnceAndLosesNobody(t *testing.T) {
	o := newOffice(t, 300)
	o.hang.Store(true)
	for range 10 {
		start := time.Now()
		p := o.startAndThen(func(p *exec.Cmd) {
			_ = p.Process.Signal(os.Interrupt)
			_ = p.Process.Signal(syscall.SIGTERM)
		})
		require.Equal(t, exitStopped, p.ProcessState.ExitCode())
		require.Less(t, time.Since(start), hanging)
		require.Empty(t, o.check().open)
	}
	o.hang.Store(false)
	o.finish()
}

// kill is SIGKILL: the program cannot see it coming.
func kill(p *exec.Cmd) { _ = p.Process.Kill() }

// office is a Slack on loopback and a list of people, whom the program signs out in a process of its own.
type office struct {
	t     *testing.T
	slack *slacktest.Slack
	there []string // whom Slack can sign out
	gone  []string // whom it cannot
	args  []string
	hang  atomic.Bool // one answer of ten does not come

	journal, report string

	mu     sync.Mutex
	random *rand.Rand
	left   int // requests until then is called; Slack is slow from there on, so that few follow
	then   func()
}

const hanging = time.Minute

func newOffice(t *testing.T, people int) *office {
	dir := t.TempDir()
	o := &office{
		t: t, slack: slacktest.New(), random: rand.New(rand.NewPCG(1, 2)), //nolint:gosec // G404: the same moments each time
		journal: filepath.Join(dir, "journal"), report: filepath.Join(dir, "report.csv"),
	}
	var list strings.Builder
	for i := range people {
		id := fmt.Sprintf("W%d", i)
		fmt.Fprintln(&list, id)
		switch i % 200 {
		case 150:
			o.gone = append(o.gone, id)
		case 151:
			o.slack.AddUser(slacktest.User{ID: id, Bot: true})
			o.gone = append(o.gone, id)
		default:
			o.slack.AddUser(slacktest.User{ID: id, Sessions: []slacktest.Session{{ID: int64(i)}}})
			o.there = append(o.there, id)
		}
	}
	o.slack.Respond(func(slacktest.Call) slacktest.Answer {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.left--; o.left == 0 {
			go o.then()
		}
		switch {
		case o.hang.Load() && o.random.IntN(10) == 0:
			return slacktest.Answer{Delay: hanging}
		case o.left <= 0:
			return slacktest.Answer{Delay: 50 * time.Millisecond}
		default:
			return slacktest.Answer{Delay: 2 * time.Millisecond}
		}
	})
	server := httptest.NewServer(o.slack)
	t.Cleanup(server.Close)
	o.args = []string{"-live", "-yes", "-base-url", server.URL, "-journal", o.journal, "-report", o.report, file(t, "users", list.String())}
	return o
}

// upTo is a random number or time below most.
func (o *office) upTo(most time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Duration(o.random.Int64N(int64(most)))
}

// start starts the program, and calls then when Slack has had a number of its requests.
func (o *office) start(requests int, then func()) *exec.Cmd {
	o.mu.Lock()
	o.left, o.then = requests, then
	o.mu.Unlock()
	p := exec.CommandContext(o.t.Context(), os.Args[0], o.args...) //nolint:gosec // G204: this binary
	p.Env = append(os.Environ(), asProgram+"=1", "SLACK_TOKEN="+testToken)
	require.NoError(o.t, p.Start())
	return p
}

// startAndThen starts the program, does something after a random number of its requests, and waits for
// its end.
func (o *office) startAndThen(then func(*exec.Cmd)) *exec.Cmd {
	after := 1 + int(o.upTo(25))
	started := make(chan *exec.Cmd, 1)
	p := o.start(after, func() { then(<-started) })
	started <- p
	_ = p.Wait()
	return p
}

// check holds what the journal says against what Slack knows.
func (o *office) check() history {
	f, err := os.Open(o.journal)
	if os.IsNotExist(err) {
		return history{}
	}
	require.NoError(o.t, err)
	defer func() { _ = f.Close() }()
	h, _, err := readJournal(o.journal, f, occasion{Target: o.args[3], Sessions: "all sessions"})
	require.NoError(o.t, err)
	for id := range h.out {
		require.Empty(o.t, o.slack.Sessions(id), "%s is out in the journal", id)
	}
	said := read(o.t, o.journal)
	for id := range o.requests() {
		require.Contains(o.t, said, `"user":"`+id+`"`, "%s was asked for and is not in the journal", id)
	}
	return h
}

// finish runs the program to its end, and holds what it reports against what Slack knows.
func (o *office) finish() {
	p := o.start(math.MaxInt, nil)
	_ = p.Wait()
	require.Equal(o.t, exitSomeNot, p.ProcessState.ExitCode())
	o.check()
	lines, err := csv.NewReader(strings.NewReader(read(o.t, o.report))).ReadAll()
	require.NoError(o.t, err)
	reported := map[string][]string{}
	for _, line := range lines[1:] {
		reported[line[1]] = append(reported[line[1]], line[0])
	}
	assert.ElementsMatch(o.t, o.there, reported["out"])
	assert.ElementsMatch(o.t, o.gone, reported["refused"])
	effects := effects(o.slack)
	for _, id := range o.there {
		assert.Empty(o.t, o.slack.Sessions(id))
		assert.Equal(o.t, 1, effects[id], "%s was signed out once in effect", id)
	}
	assert.Len(o.t, effects, len(o.there))
	o.t.Logf("%d people, %d signed out once each in effect, %d requests", len(o.there)+len(o.gone), len(effects), len(o.slack.Calls()))
}

// requests counts them for each user.
func (o *office) requests() map[string]int {
	n := map[string]int{}
	for _, c := range o.slack.Calls() {
		n[c.UserID]++
	}
	return n
}
