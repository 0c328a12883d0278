package wrapper_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

var (
	chaosCalls = flag.Int("chaos.calls", 400, "calls that TestChaos makes")
	chaosSeed  = flag.Uint64("chaos.seed", 1, "what TestChaos's faults are drawn from")
)

const (
	orgCalls   = 40 // of one organisation, which has a client of its own
	orgsAtOnce = 4
	orgWorkers = 4
)

// TestChaos makes calls over real connections while three requests in ten meet a fault, and compares what
// the client reports with what Slack did.
func TestChaos(t *testing.T) {
	t.Logf("seed %d", *chaosSeed)
	running := goleak.IgnoreCurrent()
	c := newChaos()
	require.NoError(t, listener(t).Close()) // the first of a program opens file descriptors for good
	open := fileDescriptors()
	t.Run("calls", func(t *testing.T) {
		c.start(t)
		c.makeCalls(t)
	})

	l := &c.ledger
	l.close(func(call int) bool { return len(c.slack.Sessions(c.users[call])) == 0 })
	t.Logf("\n%s", l)
	assert.Zero(t, l.without[reportedSuccess], "false successes")
	assert.Zero(t, l.effects[reportedFailure], "unreported effects")
	assert.Positive(t, l.notSent, "calls of which NotSent is true")
	assert.Zero(t, l.arrivedUnsent, "requests of calls of which NotSent is true")
	assert.Zero(t, l.early, "requests within a Retry-After")
	assert.Zero(t, l.strayed, "connections to other hosts")
	assert.LessOrEqual(t, l.arrived, l.sent, "requests that nobody knows of")
	goleak.VerifyNone(t, running)
	assert.LessOrEqual(t, fileDescriptors(), open, "open file descriptors") // those of earlier tests may have been closed since
}

// chaos is a Slack that is hard to reach, and the book on it.
type chaos struct {
	slack      *slacktest.Slack
	plain      *httptest.Server
	secure     *httptest.Server
	resets     string // address that resets every connection
	transports []*http.Transport
	users      []string

	mu      sync.Mutex
	random  *rand.Rand             // for what concerns a connection
	records map[string]*callRecord // of the organisations that are being served, by user
	ledger  ledger
}

// callRecord is one call.
type callRecord struct {
	org      *org
	call     int
	user     string
	slack    *rand.Rand // for Slack, which answers one request at a time
	caller   *rand.Rand // for the caller
	attempts []attemptRecord
	err      error
}

// attemptRecord is one attempt of a call.
type attemptRecord struct {
	permitted time.Time // by the limiter, which is asked after the pacing
	sent      time.Time // zero if nothing was sent
	received  time.Time // when the response came
	observed  time.Time // after the client had recorded the response
	holdUntil time.Time // nothing may be sent before, by the Retry-After; zero if there is none
}

func newChaos() *chaos {
	c := &chaos{
		slack:   slacktest.New(),
		random:  seeded("connections"),
		records: map[string]*callRecord{},
		ledger:  ledger{reports: make([]report, *chaosCalls), requests: make([]int, *chaosCalls), unsent: make([]bool, *chaosCalls), faults: map[string]int{}},
	}
	c.slack.KeepCalls(0)
	c.slack.Respond(c.respond)
	for i := range *chaosCalls {
		c.users = append(c.users, fmt.Sprint("W", i))
		c.slack.AddUser(slacktest.User{ID: c.users[i], Sessions: []slacktest.Session{{ID: session(i)}}})
	}
	return c
}

func (c *chaos) start(t *testing.T) {
	quiet := log.New(io.Discard, "", 0)
	c.plain, c.secure = httptest.NewUnstartedServer(c.slack), httptest.NewUnstartedServer(c.slack)
	c.plain.Config.ErrorLog, c.secure.Config.ErrorLog = quiet, quiet
	c.secure.EnableHTTP2 = true
	c.plain.Start()
	c.secure.StartTLS()
	t.Cleanup(c.plain.Close)
	t.Cleanup(c.secure.Close)
	c.resets = accept(t, resetsConnection)
	trusted := c.secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusted.VerifyConnection = c.verify
	c.transports = []*http.Transport{
		{DialContext: c.dial(c.plain.Listener.Addr())},
		{DialContext: c.dial(c.plain.Listener.Addr()), DisableKeepAlives: true},
		{DialContext: c.dial(c.secure.Listener.Addr()), TLSClientConfig: trusted, ForceAttemptHTTP2: true},
	}
	t.Cleanup(c.closeIdle)
}

func (c *chaos) closeIdle() {
	for _, transport := range c.transports {
		transport.CloseIdleConnections()
	}
}

// seeded returns random numbers that are the same each time for the same seed.
func seeded(what string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, *chaosSeed, what))))
}

// chance draws from what concerns a connection.
func (c *chaos) chance() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.Float64()
}

// dial fails one connection in ten, in one of the ways in which that happens.
func (c *chaos) dial(to net.Addr) func(context.Context, string, string) (net.Conn, error) {
	unresolved := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, syscall.ENETUNREACH
	}}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != to.String() {
			c.note(func(l *ledger) { l.strayed++ })
			return nil, errors.New("no way to " + address)
		}
		dialer := &net.Dialer{}
		switch chance := c.chance(); {
		case chance < 0.03:
			c.fault("connection refused")
			address = "127.0.0.1:1"
		case chance < 0.06:
			c.fault("no such host")
			dialer, address = &unresolved, "slack.example:443"
		case chance < 0.10:
			c.fault("reset before the request")
			address = c.resets
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// verify does not trust one TLS connection in twenty.
func (c *chaos) verify(tls.ConnectionState) error {
	if c.chance() < 0.05 {
		c.fault("TLS not trusted")
		return x509.UnknownAuthorityError{}
	}
	return nil
}

func (c *chaos) note(f func(*ledger)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.ledger)
}

func (c *chaos) fault(name string) {
	c.note(func(l *ledger) { l.faults[name]++ })
}

// mark is in the header of responses after which nothing may be sent before their Retry-After has passed.
const mark = "X-Chaos-Wait"

var (
	waits = []responseCase{
		{name: "429 with a second", response: rateLimitedWith("1").With(mark, "seconds"), want: throttled(0)},
		{name: "429 with a fraction", response: rateLimitedWith("0.05").With(mark, "seconds"), want: throttled(0)},
		{name: "429 with a date", response: rateLimitedWith().With(mark, "date"), want: throttled(0)},
		{name: "200 ratelimited with a second", response: slacktest.Refused("ratelimited").With("Retry-After", "1").With(mark, "seconds"), want: refusal(wrapper.ErrRateLimited, retryable)},
		{name: "503 with a second", response: slacktest.Outage(503).With("Retry-After", "1").With(mark, "seconds"), want: httpError(503, retryable|unknown)},
	}
	longWait = responseCase{name: "429 with an hour", response: rateLimitedWith("3600").With(mark, "seconds"), want: throttled(0)}
)

// shortWaits are the cases of TestAttempt that ask for no wait, or a short one.
var shortWaits = sync.OnceValue(func() []responseCase {
	var out []responseCase
	for _, tc := range responseCases {
		if tc.response.Header.Get("Retry-After") == "" || tc.retry == notRetried || tc.retry == firstBackoff {
			out = append(out, tc)
		}
	}
	return out
})

// respond draws the response to a request.
func (c *chaos) respond(call slacktest.Call) slacktest.Answer {
	c.mu.Lock()
	d := c.records[call.UserID]
	c.ledger.arrived++
	if i, err := strconv.Atoi(strings.TrimPrefix(call.UserID, "W")); err == nil {
		c.ledger.requests[i]++
	}
	c.mu.Unlock()
	if d == nil {
		return slacktest.Answer{} // its call has ended
	}
	var r responseCase
	switch chance := d.slack.Float64(); {
	case chance < 0.0003:
		r = longWait
	case chance < 0.02:
		r = waits[d.slack.IntN(len(waits))]
	case chance < 0.3:
		r = shortWaits()[d.slack.IntN(len(shortWaits()))]
	}
	if !d.org.allows(call.Method, r.want) || r.name == "" {
		return slacktest.Answer{}
	}
	c.fault(r.name)
	a := r.response
	a.Effect = r.want.success || r.want.flags&unknown != 0 && d.slack.IntN(2) == 0
	if a.Header.Get(mark) == "date" {
		a = a.With("Retry-After", call.At.Add(time.Second).UTC().Format(http.TimeFormat))
	}
	return a
}

// org is an organisation: a client of its own, of which several goroutines make use.
type org struct {
	client *wrapper.Client

	mu      sync.Mutex
	records []*callRecord
	arrived map[string]int // requests, by method
}

// allows reports whether the organisation may meet this result. It meets one rate limit for each method, and late: then its
// client knows how many requests pass, and need not spend minutes on finding out.
func (o *org) allows(method string, r result) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.arrived[method]++
	if r.status != http.StatusTooManyRequests && r.code != wrapper.ErrRateLimited {
		return true
	}
	if o.arrived[method] < orgCalls/2 {
		return false
	}
	o.arrived[method] = math.MinInt
	return true
}

type recordKey struct{}

func recordOf(ctx context.Context) *callRecord { return ctx.Value(recordKey{}).(*callRecord) }

// makeCalls makes the calls of some organisations at once.
func (c *chaos) makeCalls(t *testing.T) {
	firsts := make(chan int)
	var groups sync.WaitGroup
	for range orgsAtOnce {
		groups.Go(func() {
			for i := range firsts {
				c.serve(t, i, min(i+orgCalls, len(c.users)))
			}
		})
	}
	for i := 0; i < len(c.users); i += orgCalls {
		firsts <- i
	}
	close(firsts)
	groups.Wait()
}

// serve makes the calls of one organisation, and books them.
func (c *chaos) serve(t *testing.T, first, last int) {
	n := first / orgCalls
	transport, base := c.transports[n%len(c.transports)], c.plain.URL
	if transport.TLSClientConfig != nil {
		base = c.secure.URL
	}
	o := &org{arrived: map[string]int{}, client: newClient(t, nil, wrapper.Options{
		BaseURL:    base,
		HTTPClient: &http.Client{Transport: attemptRecorder{transport}, Timeout: 60 * time.Millisecond},
		Encoding:   []wrapper.Encoding{wrapper.Form, wrapper.JSON}[n%2],
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond},
		Limiter: limiterFunc(func(ctx context.Context) error {
			d := recordOf(ctx)
			d.attempts[len(d.attempts)-1].permitted = time.Now()
			return nil
		}),
		Observe: func(ctx context.Context, _ wrapper.Attempt) {
			d := recordOf(ctx)
			d.attempts[len(d.attempts)-1].observed = time.Now()
		},
	}).WithTokenSource(source)}

	calls := make(chan int)
	var workers sync.WaitGroup
	for range orgWorkers {
		workers.Go(func() {
			for i := range calls {
				c.do(o, i)
			}
		})
	}
	for i := first; i < last; i++ {
		calls <- i
	}
	close(calls)
	workers.Wait()
	c.book(o)
}

// do makes one call, of either method by turns. Some calls are given up before they end.
func (c *chaos) do(o *org, i int) {
	d := &callRecord{
		org:    o,
		call:   i,
		user:   c.users[i],
		slack:  seeded(fmt.Sprint("fate", i)),
		caller: seeded(fmt.Sprint("own", i)),
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), recordKey{}, d))
	defer cancel()
	soon := time.Duration(d.caller.IntN(50)) * time.Millisecond
	switch chance := d.caller.Float64(); {
	case chance < 0.02:
		c.fault("deadline")
		limited, end := context.WithTimeout(ctx, soon)
		defer end()
		ctx = limited
	case chance < 0.04:
		c.fault("cancellation")
		defer time.AfterFunc(soon, cancel).Stop()
	}
	c.mu.Lock()
	c.records[d.user] = d
	c.mu.Unlock()
	o.mu.Lock()
	o.records = append(o.records, d)
	o.mu.Unlock()

	if i%2 == 0 {
		_, d.err = o.client.ResetSessions(ctx, wrapper.ResetOptions{UserID: d.user})
	} else {
		_, d.err = o.client.InvalidateSession(ctx, wrapper.InvalidateOptions{UserID: d.user, SessionID: session(i)})
	}
}

func session(call int) int64 { return int64(call) + 1 }

// source supplies a new token each time, save when it fails or errs.
func source(ctx context.Context) (string, error) {
	d := recordOf(ctx)
	d.attempts = append(d.attempts, attemptRecord{})
	switch chance := d.caller.Float64(); {
	case chance < 0.005:
		return "", errBoom
	case chance < 0.01:
		return token + "\n", nil
	}
	return fmt.Sprintf("%s-%d", token, len(d.attempts)), nil
}

// attemptRecorder notes when requests were sent and answered.
type attemptRecorder struct{ http.RoundTripper }

func (w attemptRecorder) RoundTrip(r *http.Request) (*http.Response, error) {
	attempts := recordOf(r.Context()).attempts
	this := &attempts[len(attempts)-1]
	this.sent = time.Now()
	resp, err := w.RoundTripper.RoundTrip(r)
	this.received = time.Now()
	if err == nil && resp.Header.Get(mark) != "" {
		asked := resp.Header.Get("Retry-After")
		if date, err := http.ParseTime(asked); err == nil {
			this.holdUntil = date
		} else if d, err := time.ParseDuration(asked + "s"); err == nil {
			this.holdUntil = this.received.Add(d)
		}
	}
	return resp, err
}

// book enters the calls of an organisation into the ledger.
func (c *chaos) book(o *org) {
	c.mu.Lock()
	defer c.mu.Unlock()
	attempts := map[int][]attemptRecord{} // by method
	for _, d := range o.records {
		delete(c.records, d.user)
		c.ledger.unsent[d.call] = wrapper.NotSent(d.err)
		switch {
		case d.err == nil:
			c.ledger.reports[d.call] = reportedSuccess
		case wrapper.OutcomeUnknown(d.err):
			c.ledger.reports[d.call] = reportedUnknown
		default:
			c.ledger.reports[d.call] = reportedFailure
		}
		attempts[d.call%2] = append(attempts[d.call%2], d.attempts...)
	}
	for _, attempts := range attempts {
		for _, r := range attempts {
			if !r.sent.IsZero() {
				c.ledger.sent++
			}
		}
		for _, h := range attempts {
			if h.holdUntil.IsZero() {
				continue
			}
			c.ledger.holds++
			for _, r := range attempts {
				switch {
				case !r.sent.After(h.received), !r.sent.Before(h.holdUntil):
				case r.permitted.After(h.observed):
					c.ledger.early++
				default:
					c.ledger.underway++
				}
			}
		}
	}
}

// ledger is what the client reported of each call, and what was seen of its requests.
type ledger struct {
	reports []report
	effects [3]int // by report
	without [3]int

	requests               []int  // that arrived, by call
	unsent                 []bool // whether NotSent is true, by call
	notSent, arrivedUnsent int

	sent, arrived, holds, underway, early, strayed int
	faults                                         map[string]int
}

type report byte

const (
	reportedFailure report = iota
	reportedUnknown
	reportedSuccess
)

// close compares the reports with who is still signed in.
func (l *ledger) close(signedOut func(call int) bool) {
	for call, r := range l.reports {
		if signedOut(call) {
			l.effects[r]++
		} else {
			l.without[r]++
		}
	}
	for call, unsent := range l.unsent {
		if unsent {
			l.notSent++
			l.arrivedUnsent += l.requests[call]
		}
	}
}

func (l *ledger) String() string {
	faults := 0
	for _, n := range l.faults {
		faults += n
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "reported\tcalls\teffect\tnone\t\n")
	for r, name := range []string{"failed", "unknown", "success"} {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, l.effects[r]+l.without[r], l.effects[r], l.without[r])
	}
	_ = w.Flush()
	fmt.Fprintf(&b, "%d requests, %d of them reached Slack; %d faults of %d kinds\n", l.sent, l.arrived, faults, len(l.faults))
	fmt.Fprintf(&b, "%d waits asked for; requests within them: %d, and %d already under way\n", l.holds, l.early, l.underway)
	fmt.Fprintf(&b, "%d calls not sent; requests of these that arrived: %d\n", l.notSent, l.arrivedUnsent)
	fmt.Fprintf(&b, "%d false successes, %d unreported effects", l.without[reportedSuccess], l.effects[reportedFailure])
	return b.String()
}

// fileDescriptors counts those of the process, where the system tells.
func fileDescriptors() int {
	open, _ := os.ReadDir("/proc/self/fd")
	return len(open)
}
