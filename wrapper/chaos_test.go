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
	"runtime"
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
	running := goleak.IgnoreCurrent()
	c := newChaos()
	require.NoError(t, listener(t).Close()) // the first of a program opens file descriptors for good
	open := fileDescriptors()
	var kept []uint64
	t.Run("calls", func(t *testing.T) {
		c.start(t)
		for quarter := range 4 {
			c.run(t, quarter)
			c.hangUp()
			runtime.GC()
			runtime.GC() // what pools hold on to
			kept = append(kept, heap())
		}
	})

	l := &c.ledger
	l.close(func(call int) bool { return len(c.slack.Sessions(c.users[call])) == 0 })
	t.Logf("seed %d\n%s", *chaosSeed, l)
	assert.Zero(t, l.without[succeeded], "false successes")
	assert.Zero(t, l.effects[failed], "unreported effects")
	assert.Positive(t, l.notSent, "calls of which NotSent is true")
	assert.Zero(t, l.arrivedUnsent, "requests of calls of which NotSent is true")
	assert.Zero(t, l.early, "requests within a Retry-After")
	assert.Zero(t, l.strayed, "connections to other hosts")
	assert.LessOrEqual(t, l.arrived, l.sent, "requests that nobody knows of")
	assert.Less(t, kept[3], kept[0]+4<<20, "heap in use after each quarter: %v", kept)
	goleak.VerifyNone(t, running)
	assert.Equal(t, open, fileDescriptors(), "open file descriptors")
}

// chaos is a Slack that is hard to reach, and the book on it.
type chaos struct {
	slack  *slacktest.Slack
	plain  *httptest.Server
	secure *httptest.Server
	resets string // address that resets every connection
	roads  []*http.Transport
	users  []string

	mu     sync.Mutex
	random *rand.Rand       // for what concerns a connection
	deeds  map[string]*deed // of the organisations that are being served, by user
	ledger ledger
}

// deed is one call.
type deed struct {
	org   *org
	call  int
	user  string
	fate  *rand.Rand // for Slack, which answers one request at a time
	own   *rand.Rand // for the caller
	tries []try
	err   error
}

// try is one request of a call.
type try struct {
	asked    time.Time // for the token, after the turn to send it was given
	sent     time.Time // zero: it was not
	answered time.Time
	noted    time.Time // by Observe, after the client took note of the answer
	hold     time.Time // until which the answer wants nothing sent; zero: it does not say
}

func newChaos() *chaos {
	c := &chaos{
		slack:  slacktest.New(),
		random: luck("connections"),
		deeds:  map[string]*deed{},
		ledger: ledger{reports: make([]report, *chaosCalls), requests: make([]int, *chaosCalls), unsent: make([]bool, *chaosCalls), faults: map[string]int{}},
	}
	c.slack.KeepCalls(0)
	c.slack.Respond(c.answer)
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
	c.resets = accept(t, resets)
	trusted := c.secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusted.VerifyConnection = c.verify
	c.roads = []*http.Transport{
		{DialContext: c.dial(c.plain.Listener.Addr())},
		{DialContext: c.dial(c.plain.Listener.Addr()), DisableKeepAlives: true},
		{DialContext: c.dial(c.secure.Listener.Addr()), TLSClientConfig: trusted, ForceAttemptHTTP2: true},
	}
	t.Cleanup(c.hangUp)
}

func (c *chaos) hangUp() {
	for _, road := range c.roads {
		road.CloseIdleConnections()
	}
}

// luck is what is drawn from, the same each time for the same seed.
func luck(what string) *rand.Rand {
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

// mark is in the header of answers after which nothing may be sent before their Retry-After has passed.
const mark = "X-Chaos-Wait"

var (
	waits = []row{
		{name: "429 with a second", answer: rateLimited("1").With(mark, "seconds"), gets: limited(0)},
		{name: "429 with a fraction", answer: rateLimited("0.05").With(mark, "seconds"), gets: limited(0)},
		{name: "429 with a date", answer: rateLimited().With(mark, "date"), gets: limited(0)},
		{name: "200 ratelimited with a second", answer: slacktest.Refused("ratelimited").With("Retry-After", "1").With(mark, "seconds"), gets: trouble(wrapper.ErrRateLimited)},
		{name: "503 with a second", answer: slacktest.Outage(503).With("Retry-After", "1").With(mark, "seconds"), gets: gets{unknown: true}},
	}
	longWait = row{name: "429 with an hour", answer: rateLimited("3600").With(mark, "seconds"), gets: limited(0)}
)

// swift are the rows of the matrix that ask for no wait, or a short one.
var swift = sync.OnceValue(func() []row {
	var out []row
	for _, r := range rows {
		if r.answer.Header.Get("Retry-After") == "" || r.next == nil || r.next == jitter {
			out = append(out, r)
		}
	}
	return out
})

// answer draws what becomes of a request.
func (c *chaos) answer(call slacktest.Call) slacktest.Answer {
	c.mu.Lock()
	d := c.deeds[call.UserID]
	c.ledger.arrived++
	if i, err := strconv.Atoi(strings.TrimPrefix(call.UserID, "W")); err == nil {
		c.ledger.requests[i]++
	}
	c.mu.Unlock()
	if d == nil {
		return slacktest.Answer{} // its call has ended
	}
	var r row
	switch chance := d.fate.Float64(); {
	case chance < 0.0003:
		r = longWait
	case chance < 0.02:
		r = waits[d.fate.IntN(len(waits))]
	case chance < 0.3:
		r = swift()[d.fate.IntN(len(swift()))]
	}
	if !d.org.takes(call.Method, r.gets) || r.name == "" {
		return slacktest.Answer{}
	}
	c.fault(r.name)
	a := r.answer
	a.Effect = r.gets.ok || r.gets.unknown && d.fate.IntN(2) == 0
	if a.Header.Get(mark) == "date" {
		a = a.With("Retry-After", call.At.Add(time.Second).UTC().Format(http.TimeFormat))
	}
	return a
}

// org is an organisation: a client of its own, of which several goroutines make use.
type org struct {
	client *wrapper.Client

	mu      sync.Mutex
	deeds   []*deed
	arrived map[string]int // requests, by method
}

// takes reports whether the organisation takes a rate limit: one for each method, and late. Its client then knows
// how many requests pass, and goes on at that pace, rather than to spend minutes on finding out.
func (o *org) takes(method string, g gets) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.arrived[method]++
	if g.status != http.StatusTooManyRequests && g.code != wrapper.ErrRateLimited {
		return true
	}
	if o.arrived[method] < orgCalls/2 {
		return false
	}
	o.arrived[method] = math.MinInt
	return true
}

type deedKey struct{}

func deedOf(ctx context.Context) *deed { return ctx.Value(deedKey{}).(*deed) }

// run makes a quarter of the calls.
func (c *chaos) run(t *testing.T, quarter int) {
	first, last := len(c.users)*quarter/4, len(c.users)*(quarter+1)/4
	firsts := make(chan int)
	var groups sync.WaitGroup
	for range orgsAtOnce {
		groups.Go(func() {
			for i := range firsts {
				c.serve(t, i, min(i+orgCalls, last))
			}
		})
	}
	for i := first; i < last; i += orgCalls {
		firsts <- i
	}
	close(firsts)
	groups.Wait()
}

// serve makes the calls of one organisation, and books them.
func (c *chaos) serve(t *testing.T, first, last int) {
	n := first / orgCalls
	road, base := c.roads[n%len(c.roads)], c.plain.URL
	if road.TLSClientConfig != nil {
		base = c.secure.URL
	}
	o := &org{arrived: map[string]int{}, client: newClient(t, nil, wrapper.Options{
		BaseURL:    base,
		HTTPClient: &http.Client{Transport: watched{road}, Timeout: 60 * time.Millisecond},
		Encoding:   []wrapper.Encoding{wrapper.Form, wrapper.JSON}[n%2],
		Retry:      wrapper.RetryOptions{MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond},
		Observe: func(ctx context.Context, _ wrapper.Attempt) {
			d := deedOf(ctx)
			d.tries[len(d.tries)-1].noted = time.Now()
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
	d := &deed{
		org:  o,
		call: i,
		user: c.users[i],
		fate: luck(fmt.Sprint("fate", i)),
		own:  luck(fmt.Sprint("own", i)),
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), deedKey{}, d))
	defer cancel()
	soon := time.Duration(d.own.IntN(50)) * time.Millisecond
	switch chance := d.own.Float64(); {
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
	c.deeds[d.user] = d
	c.mu.Unlock()
	o.mu.Lock()
	o.deeds = append(o.deeds, d)
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
	d := deedOf(ctx)
	d.tries = append(d.tries, try{asked: time.Now()})
	switch chance := d.own.Float64(); {
	case chance < 0.005:
		return "", errBoom
	case chance < 0.01:
		return token + "\n", nil
	}
	return fmt.Sprintf("%s-%d", token, len(d.tries)), nil
}

// watched notes when requests were sent and answered.
type watched struct{ http.RoundTripper }

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	tries := deedOf(r.Context()).tries
	now := &tries[len(tries)-1]
	now.sent = time.Now()
	resp, err := w.RoundTripper.RoundTrip(r)
	now.answered = time.Now()
	if err == nil && resp.Header.Get(mark) != "" {
		asked := resp.Header.Get("Retry-After")
		if date, err := http.ParseTime(asked); err == nil {
			now.hold = date
		} else if d, err := time.ParseDuration(asked + "s"); err == nil {
			now.hold = now.answered.Add(d)
		}
	}
	return resp, err
}

// book enters the calls of an organisation into the ledger.
func (c *chaos) book(o *org) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tries := map[int][]try{} // by method
	for _, d := range o.deeds {
		delete(c.deeds, d.user)
		c.ledger.unsent[d.call] = wrapper.NotSent(d.err)
		switch {
		case d.err == nil:
			c.ledger.reports[d.call] = succeeded
		case wrapper.OutcomeUnknown(d.err):
			c.ledger.reports[d.call] = unknown
		default:
			c.ledger.reports[d.call] = failed
		}
		tries[d.call%2] = append(tries[d.call%2], d.tries...)
	}
	for _, tries := range tries {
		for _, r := range tries {
			if !r.sent.IsZero() {
				c.ledger.sent++
			}
		}
		for _, h := range tries {
			if h.hold.IsZero() {
				continue
			}
			c.ledger.holds++
			for _, r := range tries {
				switch {
				case !r.sent.After(h.answered), !r.sent.Before(h.hold):
				case r.asked.After(h.noted):
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
	failed report = iota
	unknown
	succeeded
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
	fmt.Fprintf(&b, "%d false successes, %d unreported effects", l.without[succeeded], l.effects[failed])
	return b.String()
}

// fileDescriptors counts those of the process, where the system tells.
func fileDescriptors() int {
	open, _ := os.ReadDir("/proc/self/fd")
	return len(open)
}
