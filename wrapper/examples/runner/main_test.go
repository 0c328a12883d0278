package runner

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const testToken = "xoxp-test-runner"

func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(m.Run()) // each worker of a fuzz target is a process, which needs no programs
	}
	_ = flag.Set("test.parallel", "8") // parallel tests wait for processes
	go func() { _, _ = programs() }()  // takes a while; tests that need them wait, and get the error
	status := m.Run()
	if dir, err := programs(); err == nil {
		_ = os.RemoveAll(dir)
	}
	if err := goleak.Find(); err != nil && status == 0 {
		panic(err)
	}
	os.Exit(status)
}

// programs builds both programs and returns their directory.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "programs")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir, "../signout", "../auditlog").CombinedOutput() //nolint:gosec // G204: constants and a directory of the test
	if err != nil {
		return dir, fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

// program returns a simple program. Its list is words: an ID, or an ID, a name and an address with / between.
func program() Program[wrapper.ResetOptions] {
	load := func(in *Input) (*List[wrapper.ResetOptions], error) {
		l := &List[wrapper.ResetOptions]{Sessions: "all sessions", Out: "signed out", Header: []string{"user_id"}}
		words := []string{"WSAMPLE"}
		if len(in.Args) > 0 {
			_, text, err := in.Open(in.Args[0])
			if err != nil {
				return nil, err
			}
			defer func() { _ = text.Close() }()
			var b bytes.Buffer
			if _, err := b.ReadFrom(text); err != nil {
				return nil, err
			}
			words = strings.Fields(b.String())
		}
		for _, word := range words {
			if word == "bad" {
				return nil, errors.New("a bad word")
			}
			if word == "doubt" {
				l.Items = append(l.Items, &Item[wrapper.ResetOptions]{ID: word, Skip: &Skip{"doubtful", "there is a doubt"}, Row: NewRow(word)})
				continue
			}
			person := append(strings.Split(word, "/"), "", "")
			l.Items = append(l.Items, &Item[wrapper.ResetOptions]{
				ID: person[0], Name: person[1], Address: person[2],
				Row: NewRow(person[0]), Options: wrapper.ResetOptions{UserID: person[0]},
			})
		}
		return l, nil
	}
	return Program[wrapper.ResetOptions]{
		Name: "words", Method: slacktest.MethodReset, Item: "user",
		Load: load, ReadsReports: true,
		Call: (*wrapper.Client).BulkReset,
		Demo: func(*List[wrapper.ResetOptions]) *slacktest.Slack { return slacktest.New() },
		Left: func(slack *slacktest.Slack, o wrapper.ResetOptions) int { return len(slack.Sessions(o.UserID)) },
	}
}

// signedOutBut returns a Slack that refuses one user.
func signedOutBut(id string) *slacktest.Slack {
	slack := slacktest.New()
	slack.Respond(func(c slacktest.Call) slacktest.Answer {
		if c.UserID == id {
			return slacktest.Refused("cannot_reset_bot")
		}
		return slacktest.Answer{}
	})
	return slack
}

// ran is the result of a run.
type ran struct {
	status         int
	stdout, stderr string
}

// onSlack runs the program with --live --yes on a Slack in memory.
func onSlack(t *testing.T, slack http.RoundTripper, args ...string) ran {
	t.Helper()
	return runIn(t, Env{Transport: slack}, append([]string{"--live", "--yes"}, args...)...)
}

func runIn(t *testing.T, env Env, args ...string) ran {
	t.Helper()
	return runProgram(t, program(), env, args...)
}

func runProgram(t *testing.T, p Program[wrapper.ResetOptions], env Env, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env.Args = args
	if env.Stdout == nil {
		env.Stdout = &stdout
	}
	if env.Stderr == nil {
		env.Stderr = &stderr
	}
	if env.Stdin == nil {
		env.Stdin = strings.NewReader("")
	}
	if env.Getenv == nil {
		env.Getenv = func(name string) string { return map[string]string{"SLACK_TOKEN": testToken}[name] }
	}
	if env.Signals == nil {
		env.Signals = func() <-chan os.Signal { return nil }
	}
	status := Run(context.Background(), p, env)
	require.NotContains(t, stdout.String()+stderr.String(), testToken)
	return ran{status, stdout.String(), stderr.String()}
}

// file writes a file for one test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path) //nolint:gosec // G304: a file of the test
	require.NoError(t, err)
	return string(b)
}

// effects counts how often a request ended sessions of each user.
func effects(slack *slacktest.Slack) map[string]int {
	n := map[string]int{}
	for _, c := range slack.Calls() {
		if c.Ended > 0 {
			n[c.UserID]++
		}
	}
	return n
}
