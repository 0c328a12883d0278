package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const testToken = "xoxp-test-signout"

// asProgram makes the test binary the program itself, for tests that kill it.
const asProgram = "SIGNOUT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// ran is what a run of the program left behind.
type ran struct {
	status         int
	stdout, stderr string
}

// onSlack runs the program with -live -yes on a Slack in memory.
func onSlack(t *testing.T, slack *slacktest.Slack, args ...string) ran {
	t.Helper()
	return runIn(t, environment{transport: slack}, append([]string{"-live", "-yes"}, args...)...)
}

func runIn(t *testing.T, env environment, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env.stdout, env.stderr = &stdout, &stderr
	if env.stdin == nil {
		env.stdin = strings.NewReader("")
	}
	if env.getenv == nil {
		env.getenv = func(name string) string { return map[string]string{"SLACK_TOKEN": testToken}[name] }
	}
	if env.interrupts == nil {
		env.interrupts = func() <-chan os.Signal { return nil }
	}
	status := run(context.Background(), args, env)
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

// signedIn is a Slack where these users have a mobile and a web session.
func signedIn(ids ...string) *slacktest.Slack {
	slack := slacktest.New()
	for _, id := range ids {
		slack.AddUser(slacktest.User{ID: id, Sessions: []slacktest.Session{
			{ID: 1, Device: slacktest.Mobile}, {ID: 2, Device: slacktest.Web},
		}})
	}
	return slack
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
