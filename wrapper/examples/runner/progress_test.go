package runner

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// timed notes when each line is written.
type timed struct {
	lines []string
	at    []time.Time
}

func (w *timed) Write(b []byte) (int, error) {
	w.lines, w.at = append(w.lines, string(b)), append(w.at, time.Now())
	return len(b), nil
}

var told = regexp.MustCompile(`(\d+) of 300, (?:rate limit \w+, )?(\d+) a minute, (\w+) left\.\n$`)

// With each of these limits Slack accepts a minute's worth of requests at once, which must not count as the rate.
func TestRateAndTimeLeftAreRightFromTheFirstMinutes(t *testing.T) {
	for name, limit := range map[string]slacktest.Limit{
		"fixed":   slacktest.FixedWindow(20, time.Minute, 0),
		"later":   slacktest.FixedWindow(20, time.Minute, 40*time.Second),
		"sliding": slacktest.SlidingWindow(20, time.Minute),
		"bucket":  slacktest.TokenBucket(20, time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Limit(slacktest.MethodReset, limit)
				var stderr timed
				r := runIn(t, Env{Transport: slack, Stderr: &stderr}, "--live", "--yes", users(t, 300))
				require.Equal(t, AllOut, r.status)
				seen := 0
				for i, line := range stderr.lines {
					words := told.FindStringSubmatch(line)
					if words == nil {
						continue
					}
					seen++
					rate, err := strconv.ParseFloat(words[2], 64)
					require.NoError(t, err)
					assert.InEpsilon(t, 20, rate, 0.2, line)
					left, err := time.ParseDuration(words[3])
					require.NoError(t, err)
					want := time.Since(stderr.at[i]).Minutes()
					assert.InDelta(t, want, left.Minutes(), max(1.5, want*0.2), line)
				}
				assert.Greater(t, seen, 4)
			})
		})
	}
}

func TestTheTimeLeftDecreasesDuringAWait(t *testing.T) {
	now := time.Now()
	p := progress{rate: rate{start: now}, total: 100, done: 20}
	p.hold, p.holdLength = now.Add(time.Minute), time.Minute
	p.rate.limit = p.hold
	for wait, want := range map[time.Duration]string{
		0:                "20 of 100, rate limit 1m0s, 20 a minute, 4m0s left",
		30 * time.Second: "20 of 100, rate limit 30s, 20 a minute, 3m30s left",
		59 * time.Second: "20 of 100, rate limit 1s, 20 a minute, 3m1s left",
	} {
		assert.Equal(t, want, p.line(now.Add(wait)))
	}
}

func TestALongHoldDoesNotCountAgainstTheRate(t *testing.T) {
	now := time.Now()
	p := progress{rate: rate{start: now}, total: 100}
	p.hold, p.holdLength = now.Add(time.Hour), time.Hour
	p.rate.limit = p.hold
	assert.Equal(t, "0 of 100, rate limit 1h0m0s until "+timeOfDay(p.hold)+", 20 a minute, 1h4m left", p.line(now))
}

func TestTheTimeLeftIsNotShorterThanTheHold(t *testing.T) {
	now := time.Now()
	p := progress{rate: rate{start: now}, total: 10, done: 1, hold: now.Add(time.Hour), holdLength: time.Hour}
	p.rate.limit = p.hold
	assert.Equal(t, "1 of 10, rate limit 1h0m0s until "+timeOfDay(p.hold)+", 20 a minute, 1h0m left", p.line(now))
	p.done = 10
	assert.Equal(t, "10 of 10, rate limit 1h0m0s until "+timeOfDay(p.hold)+", 20 a minute, 0s left", p.line(now))
}

func TestALongHoldInARunDoesNotChangeTheRate(t *testing.T) {
	start := time.Now()
	p := progress{rate: rate{start: start}, total: 200, log: io.Discard}
	observe := func(at, retryAfter time.Duration) {
		p.addLimit(wrapper.Attempt{Err: &wrapper.Error{Code: wrapper.ErrRateLimited}, Delay: retryAfter}, start.Add(at))
	}
	p.done = 20
	p.line(start)
	observe(0, time.Minute)
	p.line(start.Add(time.Minute))
	p.done = 40
	observe(time.Minute, time.Hour)
	assert.Equal(t, "40 of 200, rate limit 1h0m0s until "+timeOfDay(p.hold)+", 20 a minute, 1h7m left", p.line(start.Add(time.Minute)))
	assert.Equal(t, "40 of 200, rate limit 10m0s until "+timeOfDay(p.hold)+", 20 a minute, 17m left", p.line(start.Add(51*time.Minute)))
	assert.Equal(t, "40 of 200, 20 a minute, 8m left", p.line(start.Add(61*time.Minute)))
}

func TestASlackThatDoesNotRespondIsShownAfterTenSeconds(t *testing.T) {
	for name, list := range map[string]string{"one user": "W1", "many users": "W1 W2 W3 W4 W5 W6 W7 W8 W9"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: time.Hour} })
				var stderr timed
				start := time.Now()
				r := runIn(t, Env{Transport: slack, Stderr: &stderr}, "--live", "--yes", "--max-outage", "2m", file(t, "list", list))
				assert.Equal(t, Stopped, r.status)
				assert.Regexp(t, `^0 of \d, no response for 10s\.\n$`, stderr.lines[0])
				assert.Equal(t, 10*time.Second, stderr.at[0].Sub(start))
				assert.Less(t, strings.Count(strings.Join(stderr.lines, ""), "no response for"), 4, "once, and each minute until it is an outage")
			})
		})
	}
}

func TestWaitsBetweenRequestsAreNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(2, time.Minute, 0))
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: time.Second} })
		assert.NotContains(t, onSlack(t, slack, users(t, 10)).stderr, "no response")
	})
}

func TestTheBarGivesWayToALongStatus(t *testing.T) {
	now := time.Now()
	p := progress{rate: rate{start: now}, total: 300, done: 8, maxOutage: 10 * time.Minute}
	p.outage = outage{since: now, failures: outageAfter, cause: "no address for slack.com (no such host)"}
	assert.Regexp(t, `^8 of 300, no address .*; gives up at \d\d:\d\d \w+$`, p.status(100))
	assert.Regexp(t, `^\[ {20}\] 8 of 300, no address .*; gives up at \d\d:\d\d \w+$`, p.status(140))
}

func TestProgressCountsOnlyItemsWithAFinalResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		slack.Down(time.Now().Add(3*time.Minute), time.Hour, slacktest.ConnectionRefused())
		r := onSlack(t, slack, users(t, 300))
		require.Equal(t, Stopped, r.status)
		out := len(effects(slack))
		assert.Zero(t, out)
		lines := regexp.MustCompile(`(?m)^(\d+) of 300`).FindAllStringSubmatch(r.stderr, -1)
		signedOut := strings.Count(r.stdout, "signed out  W")
		assert.Equal(t, strconv.Itoa(signedOut), lines[len(lines)-1][1], r.stderr)
	})
}

func TestAnOutageShowsItsCauseAndWhenTheRunGivesUp(t *testing.T) {
	for want, answer := range map[string]slacktest.Answer{
		"connection refused": slacktest.ConnectionRefused(),
		"HTTP 503":           slacktest.Outage(503),
		"HTTP 407":           slacktest.Proxy(407),
		"unusable responses": {Body: "<html>"},
		"timeout":            {Delay: time.Hour},
		"EOF":                {Err: fmt.Errorf("reading: %w", io.EOF)},
	} {
		t.Run(want, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slack := slacktest.New()
				slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: time.Second} })
				slack.Down(time.Now().Add(2*time.Second), time.Hour, answer)
				start := time.Now()
				r := onSlack(t, slack, "--concurrency", "1", "--max-outage", "8m", users(t, 30))
				assert.Equal(t, Stopped, r.status)
				line := fmt.Sprintf(`(?m)^\d+ of 30, %s since 00:00 UTC, trying again; gives up at 00:08 UTC\.$`, want)
				told := len(regexp.MustCompile(line).FindAllString(r.stderr, -1))
				assert.InDelta(t, time.Since(start).Minutes(), told, 2, "once a minute:\n%s", r.stderr)
				assert.Regexp(t, "Stopped early: "+want+` since 00:00 UTC, longer than --max-outage\.`, r.stdout)
			})
		})
	}
}

func TestCallsThatAnInterruptEndsAreNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Respond(func(slacktest.Call) slacktest.Answer { return slacktest.Answer{Delay: 20 * time.Second} })
		interrupts := make(chan os.Signal, 2)
		go func() {
			for range 2 {
				time.Sleep(5 * time.Second)
				interrupts <- os.Interrupt
			}
		}()
		r := runIn(t, Env{Transport: slack, Signals: func() <-chan os.Signal { return interrupts }}, "--live", "--yes", users(t, 30))
		assert.Equal(t, Stopped, r.status)
		assert.NotContains(t, r.stdout+r.stderr, "since 00:00 UTC")
	})
}

func TestQuietShowsNoProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Limit(slacktest.MethodReset, slacktest.FixedWindow(20, time.Minute, 0))
		r := onSlack(t, slack, "-q", users(t, 60))
		require.Equal(t, AllOut, r.status)
		assert.Empty(t, r.stderr)
		assert.Contains(t, r.stdout, "60 users: 60 signed out.")
		assert.NotContains(t, r.stdout, "signed out  W", "no success either")

		r = onSlack(t, signedOutBut("W2"), "-q", users(t, 3))
		assert.NotContains(t, r.stdout, "signed out  W")
		assert.Contains(t, r.stdout, "refused     W2  cannot_reset_bot")
		assert.Contains(t, r.stdout, "3 users: 2 signed out, 1 refused.")
		assert.Equal(t, 3, strings.Count(onSlack(t, signedOutBut("W2"), "-q", "--json", users(t, 3)).stdout, "\n"), "JSON is whole")
	})
}

func TestAConnectionThatCannotWorkEndsTheRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.Answer{Err: x509.UnknownAuthorityError{}})
		r := onSlack(t, slack, users(t, 30))
		assert.Equal(t, Stopped, r.status)
		assert.Contains(t, r.stdout, "Stopped early: every other call would fail too (not trusted).\n")
		assert.Contains(t, r.stdout, "SSL_CERT_FILE")
		assert.NotContains(t, r.stdout, "max-outage")
	})
}
