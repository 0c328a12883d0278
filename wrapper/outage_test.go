package wrapper_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// silences are the ways in which Slack does not answer, and whether the first calls to meet them end at once.
var silences = map[string]struct {
	how   slacktest.Answer
	final bool
}{
	"connection refused": {slacktest.ConnectionRefused(), false},
	"hanging":            {slacktest.Hanging(), false},
	"503":                {slacktest.Outage(503), false},
	"a proxy's redirect": {slacktest.Proxy(302), true},
	"a proxy's 407":      {slacktest.Proxy(407), true},
	"a proxy's page":     {slacktest.Proxy(200), false},
}

// line counts the requests between a client and Slack, also those that never connect.
type line struct {
	slack *slacktest.Slack

	mu   sync.Mutex
	sent []time.Time
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.sent = append(l.sent, time.Now())
	l.mu.Unlock()
	return l.slack.RoundTrip(r)
}

// between counts the requests from a to b.
func (l *line) between(a, b time.Time) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.sent {
		if !t.Before(a) && t.Before(b) {
			n++
		}
	}
	return n
}

// refusals counts the rate limits from a to b.
func refusals(slack *slacktest.Slack, a, b time.Time) (n int) {
	for _, call := range slack.Calls() {
		if call.Status == http.StatusTooManyRequests && !call.At.Before(a) && call.At.Before(b) {
			n++
		}
	}
	return n
}

const (
	many   = 200
	atOnce = 8
)

// outageRun resets many users at 20 a minute, on a Slack that is down from a moment for a time.
func outageRun(t *testing.T, limit slacktest.Limit, from, d time.Duration, how slacktest.Answer, opts wrapper.BulkOptions) (
	slack *slacktest.Slack, wire *line, results []wrapper.BulkResult[wrapper.ResetOptions],
) {
	t.Helper()
	slack = slacktest.New()
	slack.Limit(slacktest.MethodReset, limit)
	slack.Down(time.Now().Add(from), d, how)
	wire = &line{slack: slack}
	c := newClient(t, wire, wrapper.Options{})
	inputs := &crowd{size: many}
	for r := range c.BulkReset(t.Context(), func(yield func(wrapper.ResetOptions) bool) {
		inputs.users(func(user string) bool { return yield(wrapper.ResetOptions{UserID: user}) })
	}, opts) {
		results = append(results, r)
	}
	assert.Len(t, results, int(inputs.taken.Load()), "every user that was taken has a result")
	return slack, wire, results
}

func failures(results []wrapper.BulkResult[wrapper.ResetOptions]) (errs []error) {
	for _, r := range results {
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
	}
	return errs
}

func TestAnOutageIsSatOut(t *testing.T) {
	limits := map[string]struct {
		limit slacktest.Limit
		end   time.Duration // when a few users are left
	}{
		"window": {slacktest.FixedWindow(20, time.Minute, 17*time.Second), 8*time.Minute + 16*time.Second},
		"bucket": {slacktest.TokenBucket(20, time.Minute), 8*time.Minute + 40*time.Second},
	}
	for silence, s := range silences {
		for kind, limit := range limits {
			for moment, from := range map[string]time.Duration{"start": 0, "middle": 5*time.Minute + 7*time.Second, "end": limit.end} {
				for _, d := range []time.Duration{10 * time.Second, 2 * time.Minute, 9 * time.Minute} {
					if s.final && moment == "start" {
						continue // a connection that never worked
					}
					t.Run(fmt.Sprintf("%s/%s/%s/%v", silence, kind, moment, d), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							down := time.Now().Add(from)
							up := down.Add(d)
							slack, wire, results := outageRun(t, limit.limit, from, d, s.how, wrapper.BulkOptions{})

							assert.Len(t, results, many)
							errs := failures(results)
							assert.LessOrEqual(t, len(errs), map[bool]int{false: 0, true: 2}[s.final], "what ended before the outage was known: %v", errs)
							effects, before := map[string]int{}, 0
							for _, call := range slack.Calls() {
								if call.Effect {
									effects[call.UserID]++
								}
								if call.Effect && call.At.Before(down) {
									before++
								}
							}
							require.LessOrEqual(t, before, many-3, "fewer calls than three are no outage")
							for user, n := range effects {
								assert.Equal(t, 1, n, "%s is signed out once", user)
							}
							assert.Len(t, effects, many-len(errs))
							assert.LessOrEqual(t, wire.between(down, up), atOnce+3+int(d/(500*time.Millisecond)))
							if ended := wire.sent[len(wire.sent)-1]; ended.After(up.Add(31 * time.Second)) {
								assert.Positive(t, wire.between(up, up.Add(31*time.Second)), "back within 31 s")
								assert.LessOrEqual(t, refusals(slack, up, up.Add(31*time.Second)), atOnce+1, "no stampede")
							}
						})
					})
				}
			}
		}
	}
}

func TestAnOutageLongerThanMaxOutageEndsTheRun(t *testing.T) {
	for name, s := range silences {
		for _, opts := range []wrapper.BulkOptions{{}, {Concurrency: 1}, {MaxOutage: time.Minute}, {MaxOutage: -1}} {
			t.Run(fmt.Sprintf("%s/%+v", name, opts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					from := 2*time.Minute + time.Second
					start := time.Now()
					slack, _, results := outageRun(t, slacktest.TokenBucket(20, time.Minute), from, 11*time.Minute, s.how, opts)

					assert.Less(t, time.Since(start), from+11*time.Minute, "it does not wait for Slack to come back")
					errs := failures(results)
					assert.NotEmpty(t, errs)
					assert.LessOrEqual(t, len(errs), atOnce+2)
					assert.True(t, slices.ContainsFunc(errs, wrapper.StopsRun), "%v", errs)
					arrived := map[string]bool{}
					for _, call := range slack.Calls() {
						arrived[call.UserID] = arrived[call.UserID] || !call.NotSent
					}
					for _, r := range results {
						if r.Err != nil {
							assert.False(t, wrapper.NotSent(r.Err) && arrived[r.Options.UserID], "%v", r.Err)
							assert.False(t, wrapper.NotSent(r.Err) && wrapper.OutcomeUnknown(r.Err))
						}
					}
				})
			})
		}
	}
}

func TestOneUserWhoseRequestsAlwaysBreakIsNoOutage(t *testing.T) {
	for _, concurrency := range []int{1, 8} {
		for name, s := range silences {
			t.Run(fmt.Sprintf("%s/%d at once", name, concurrency), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					slack := slacktest.New()
					slack.Respond(func(c slacktest.Call) slacktest.Answer {
						if c.UserID == nth(250) {
							return s.how
						}
						return slacktest.Answer{}
					})
					c := newClient(t, slack, wrapper.Options{})
					inputs := &crowd{size: 500}
					results := 0
					for r := range bulkRuns["BulkReset"](t.Context(), c, inputs.users, concurrency) {
						results++
						assert.Equal(t, r.user == nth(250), r.err != nil, "%s: %v", r.user, r.err)
						assert.False(t, wrapper.StopsRun(r.err))
					}
					assert.Equal(t, 500, results)
				})
			})
		}
	}
}

func TestASingleCallNeitherWaitsForAnOutageNorEndsByIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.Outage(503))
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 2}})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range bulkRuns["BulkReset"](ctx, c, (&crowd{size: 100}).users, 8) {
			}
		}()
		time.Sleep(time.Minute)

		start := time.Now()
		_, err := reset(t.Context(), c)
		other(503, retryable|inDoubt).assert(t, nil, err)
		assert.Less(t, time.Since(start), time.Second)
		cancel()
		synctest.Wait()
	})
}

func TestARunDoesNotKnowOfTheOutageOfAnEarlierOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Minute, slacktest.Outage(503))
		c := newClient(t, slack, wrapper.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		for r := range bulkRuns["BulkReset"](ctx, c, (&crowd{size: 100}).users, 8) {
			assert.Error(t, r.err)
		}
		time.Sleep(time.Minute)

		start := time.Now()
		for r := range bulkRuns["BulkReset"](t.Context(), c, (&crowd{size: 20}).users, 8) {
			assert.NoError(t, r.err)
		}
		assert.Zero(t, time.Since(start))
	})
}

func TestMaxAttemptsDoesNotCountInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), 5*time.Minute, slacktest.Outage(503))
		c := newClient(t, slack, wrapper.Options{Retry: wrapper.RetryOptions{MaxAttempts: 1}})
		failed := 0
		for r := range bulkRuns["BulkReset"](t.Context(), c, (&crowd{size: 100}).users, 8) {
			if r.err != nil {
				failed++
			}
		}
		assert.Equal(t, 2, failed, "what ended before the outage was known")
	})
}

func TestADeadlineEndsTheWaitInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.ConnectionRefused())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start, results := time.Now(), 0
		for r := range bulkRuns["BulkReset"](ctx, newClient(t, slack, wrapper.Options{}), (&crowd{size: 100}).users, 8) {
			results++
			assert.ErrorIs(t, r.err, context.DeadlineExceeded)
			assert.True(t, wrapper.NotSent(r.err), "%v", r.err)
		}
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Equal(t, 8, results)
	})
}

// Slack's windows are a minute, and answers that do not say how long to wait have been seen.
func TestRateLimitsThatDoNotSayForHowLongFailNobody(t *testing.T) {
	for name, a := range map[string]slacktest.Answer{
		"missing": status(429), "0": tooMany("0"), "a word": tooMany("soon"), "a past date": tooMany(date(-time.Hour)),
	} {
		for together, newCaller := range map[string]func(t *testing.T, slack *slacktest.Slack) func() *wrapper.Client{
			"one client": func(t *testing.T, slack *slacktest.Slack) func() *wrapper.Client {
				c := newClient(t, slack, wrapper.Options{})
				return func() *wrapper.Client { return c }
			},
			"clients of their own": func(t *testing.T, slack *slacktest.Slack) func() *wrapper.Client {
				return func() *wrapper.Client { return newClient(t, slack, wrapper.Options{}) }
			},
		} {
			t.Run(name+"/"+together, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					slack := slacktest.New()
					slack.Down(time.Now(), time.Minute, a)
					caller := newCaller(t, slack)
					var calls sync.WaitGroup
					for range many {
						calls.Go(func() {
							_, err := reset(t.Context(), caller())
							assert.NoError(t, err)
						})
					}
					calls.Wait()
				})
			})
		}
	}
}

func TestACallThatMadeNoRequestSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Down(time.Now(), time.Hour, slacktest.Outage(503))
		var unsent []error
		for r := range bulkRuns["BulkReset"](t.Context(), newClient(t, slack, wrapper.Options{}), (&crowd{size: 100}).users, 40) {
			if wrapper.NotSent(r.err) {
				unsent = append(unsent, r.err)
			}
		}
		for _, err := range unsent {
			var e *wrapper.Error
			require.ErrorAs(t, err, &e)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, "no_answer", wrapper.Reason(err))
			assert.ErrorContains(t, err, "no response for 10m")
		}
	})
}
