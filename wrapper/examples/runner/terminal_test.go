//go:build unix

package runner

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestLiveAsksOnATerminal(t *testing.T) {
	for answer, want := range map[string]int{"yes\n": AllOut, "YES\n": AllOut, "y\n": Usage, "\n": Usage, "\x04": Usage} {
		keyboard, terminal, err := pty.Open()
		require.NoError(t, err)
		_, err = keyboard.WriteString(answer)
		require.NoError(t, err)
		slack := slacktest.New()
		dir := t.TempDir()
		r := runIn(t, Env{Transport: slack, Stdin: terminal}, "--live",
			"--journal", filepath.Join(dir, "journal"), "--report", filepath.Join(dir, "report.csv"), users(t, 40))
		assert.Equal(t, want, r.status, "%q", answer)
		assert.Contains(t, r.stderr, "End all sessions of 40 users: W1, W2, W3 and 37 more, on https://slack.com/api (about 2m0s at 20 a minute)? Type yes: ")
		if want == Usage {
			assert.Empty(t, slack.Calls())
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, left, "neither journal nor report nor lock")
		}
		require.NoError(t, terminal.Close())
		require.NoError(t, keyboard.Close())
	}
}

// onTerminal runs the program on a terminal of a width and returns all that it wrote there.
func onTerminal(t *testing.T, width uint16, slack *slacktest.Slack, args ...string) string {
	t.Helper()
	return onTerminalIn(t, nil, width, slack, args...)
}

// onTerminalIn is onTerminal with an environment.
func onTerminalIn(t *testing.T, environment map[string]string, width uint16, slack *slacktest.Slack, args ...string) string {
	t.Helper()
	screen, terminal, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: width}))
	shown := make(chan string)
	go func() {
		b, _ := io.ReadAll(screen) // ends with an error when the terminal is closed
		shown <- string(b)
	}()
	getenv := func(name string) string {
		if name == "SLACK_TOKEN" {
			return testToken
		}
		return environment[name]
	}
	r := runIn(t, Env{Transport: slack, Stdout: terminal, Stderr: terminal, Getenv: getenv}, append([]string{"--live", "--yes"}, args...)...)
	require.NoError(t, terminal.Close())
	text := regexp.MustCompile(`(\x1b\[\d*[AJ])+`).ReplaceAllString(<-shown, "\r") // redraws the status line
	require.NoError(t, screen.Close())
	assert.Equal(t, AllOut, r.status)
	return text
}

// limited returns a slow Slack that limits the rate once.
func limited() *slacktest.Slack {
	slack := slacktest.New()
	slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: 40 * time.Millisecond} })
	slack.Script(slacktest.Answer{}, slacktest.RateLimited(time.Second))
	return slack
}

func TestTheSummaryIsShownOnceBesideTee(t *testing.T) {
	screen, terminal, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(screen, &pty.Winsize{Rows: 24, Cols: 100}))
	shown := make(chan string)
	go func() {
		b, _ := io.ReadAll(screen) // ends with an error when the terminal is closed
		shown <- string(b)
	}()
	pipe, stdout, err := os.Pipe()
	require.NoError(t, err)
	slack := slacktest.New()
	slack.Respond(func(c slacktest.Call) slacktest.Answer {
		answer := slacktest.Answer{}
		if c.UserID == "W2" {
			answer = slacktest.Refused("cannot_reset_bot")
		}
		answer.Delay = 300 * time.Millisecond // long enough for a status line
		return answer
	})
	r := runIn(t, Env{Transport: slack, Stdout: stdout, Stderr: terminal}, "--live", "--yes", file(t, "list", "W1 W2"))
	assert.Equal(t, SomeNot, r.status)
	require.NoError(t, stdout.Close())
	piped, err := io.ReadAll(pipe)
	require.NoError(t, err)
	require.NoError(t, terminal.Close())
	assert.Contains(t, string(piped), "2 users: 1 signed out, 1 refused.")
	text := <-shown
	assert.NotContains(t, text, "2 users:")
	assert.NotContains(t, text, "\x1b[", "a status line would erase what tee writes")
	require.NoError(t, screen.Close())
	require.NoError(t, pipe.Close())
}

func TestATerminalShowsABarBelowTheLines(t *testing.T) {
	t.Parallel()
	text := onTerminal(t, 100, limited(), users(t, 12))
	assert.Regexp(t, `\[=* +\] \d+ of 12, rate limit 1s`, text)
	assert.Len(t, regexp.MustCompile(`signed out  W\d+`).FindAllString(text, -1), 12)
	assert.Regexp(t, `12 of 12, \d+ a minute, 0s left\r\n\r\r\n12 users: 12 signed out\.`, text, "the bar is removed before the summary")
}

func TestTheStatusLineFitsANarrowTerminal(t *testing.T) {
	t.Parallel()
	text := onTerminal(t, 40, limited(), users(t, 60))
	assert.Regexp(t, `[\r\n]\d+ of 60, \d+ a minute, \w+ left`, text)
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		assert.LessOrEqual(t, len(line), 100)
		if strings.Contains(line, " of 60") {
			assert.Less(t, len(line), 40)
			assert.Regexp(t, `^\d+ of 60(,|$)`, line)
		}
	}
}

func TestATerminalWithoutAPersonGetsLines(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"CI": "true", "TERM": "dumb"} {
		text := onTerminalIn(t, map[string]string{name: value}, 100, limited(), users(t, 12))
		assert.NotContains(t, text, "[=", name)
		assert.NotRegexp(t, `\r[^\n]`, text, "no line is written over")
		assert.Regexp(t, `Slack limits the rate\. \d+ of 12, rate limit 1s, `, text)
	}
	text := onTerminal(t, 100, limited(), "-q", users(t, 12))
	assert.NotContains(t, text, "rate limit:")
	assert.NotContains(t, text, "of 12")
}
