//go:build redis

package fleet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const jobVariable = "FLEET_TEST_JOB"

// TestMain makes this binary the program that the tests start three times.
func TestMain(m *testing.M) {
	if description := os.Getenv(jobVariable); description != "" {
		if err := runJob([]byte(description)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// job is what one process does: it resets users at Slack for some time.
type job struct {
	Name, Redis, Key, Slack string
	Limit                   redis_rate.Limit
	For, MaxOutage          time.Duration
}

// outcome is the result of one process.
type outcome struct {
	Done int    // users signed out
	Err  string // of the first user who was not
}

// runJob reports when it is ready, begins when its standard input ends, reports when Redis fails, and writes its outcome.
func runJob(description []byte) error {
	var j job
	if err := json.Unmarshal(description, &j); err != nil {
		return err
	}
	ctx := context.Background()
	// The limiter repeats, so the Redis client need not.
	rdb := redis.NewClient(&redis.Options{Addr: j.Redis, ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1})
	if err := rdb.Ping(ctx).Err(); err != nil {
		return err
	}
	limiter, err := New(rdb, j.Key, j.Limit)
	if err != nil {
		return err
	}
	limiter.MaxOutage = j.MaxOutage
	limiter.OnOutage = func(err error) {
		if err != nil {
			fmt.Println("outage")
		}
	}
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{BaseURL: j.Slack, Limiter: limiter})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	end := time.Now().Add(j.For)
	users := func(yield func(wrapper.ResetOptions) bool) {
		for i := 0; time.Now().Before(end); i++ {
			if !yield(wrapper.ResetOptions{UserID: fmt.Sprintf("W%s%06d", j.Name, i)}) {
				return
			}
		}
	}
	var o outcome
	for r := range client.BulkReset(ctx, users, wrapper.BulkOptions{Concurrency: 4}) {
		switch {
		case r.Err == nil:
			o.Done++
		case o.Err == "":
			o.Err = r.Err.Error()
		}
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

// process is a job in an operating-system process of its own.
type process struct {
	cmd    *exec.Cmd
	begin  io.Closer
	stdout *bufio.Reader
	stderr bytes.Buffer
}

// start returns when the process is ready to begin.
func start(t *testing.T, j job) *process {
	t.Helper()
	description, err := json.Marshal(j)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	p := &process{cmd: exec.CommandContext(ctx, os.Args[0])} //nolint:gosec // G204: this binary
	p.cmd.Env = append(os.Environ(), jobVariable+"="+string(description))
	p.cmd.Stderr = &p.stderr
	p.begin, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(stdout)
	require.NoError(t, p.cmd.Start())
	p.reports(t, "ready")
	return p
}

// reports waits until the process reports something.
func (p *process) reports(t *testing.T, what string) {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err, &p.stderr)
	require.Equal(t, what+"\n", line)
}

// outcome waits for the process to end.
func (p *process) outcome(t *testing.T) outcome {
	t.Helper()
	var o outcome
	require.NoError(t, json.NewDecoder(p.stdout).Decode(&o), &p.stderr)
	require.NoError(t, p.cmd.Wait(), &p.stderr)
	return o
}

var names = []string{"A", "B", "C"}

// startThree starts three processes and lets them begin at the same time.
func startThree(t *testing.T, j job) []*process {
	t.Helper()
	var three []*process
	for _, name := range names {
		j.Name = name
		three = append(three, start(t, j))
	}
	for _, p := range three {
		require.NoError(t, p.begin.Close())
	}
	return three
}

// startRedis starts a Redis of the test's own on a free loopback port. It keeps nothing.
func startRedis(t *testing.T) (address string, server *exec.Cmd) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	require.NoError(t, listener.Close())
	return address, startRedisAt(t, address)
}

func startRedisAt(t *testing.T, address string) (server *exec.Cmd) {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("this test needs a Redis server: %v; on Debian and Ubuntu: apt-get install redis-server", err)
	}
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)

	server = exec.CommandContext(t.Context(), path, //nolint:gosec // G204: a Redis of the test's own
		"--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill() // has ended already where the test killed it
		_ = server.Wait()
	})
	var log bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(stdout, &log))
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return server
		}
	}
	t.Fatalf("redis-server did not start:\n%s", &log)
	return nil
}

// metronome makes requests in time with a limit that it shares with nobody, and returns how many it made: what the
// machine can do at the time. Where others keep it busy, sleeps last too long, and what is lost so beyond the burst is
// lost for good.
func metronome(t *testing.T, limit redis_rate.Limit, lasts time.Duration) (made int) {
	t.Helper()
	server := httptest.NewServer(slacktest.New())
	defer server.Close()
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{BaseURL: server.URL})
	require.NoError(t, err)
	interval := limit.Period / time.Duration(limit.Rate)
	end := time.Now().Add(lasts)
	var calls sync.WaitGroup
	defer calls.Wait()
	for due := time.Now(); due.Before(end); made++ {
		time.Sleep(time.Until(due))
		calls.Go(func() {
			_, err := client.ResetSessions(t.Context(), wrapper.ResetOptions{UserID: "W1"})
			assert.NoError(t, err)
		})
		late := time.Since(due)
		due = due.Add(max(interval, late-time.Duration(limit.Burst-1)*interval))
	}
	return made
}

func TestThreeProcessesShareOneLimit(t *testing.T) {
	t.Parallel()
	const n, per, lasts = 300, 10 * time.Second, 12 * time.Second
	allowed := float64(n) * float64(lasts) / float64(per)
	limit := redis_rate.Limit{Rate: n - 6, Burst: 7, Period: per} // Rate+Burst-1 is n
	address, _ := startRedis(t)
	for name, slackLimit := range map[string]slacktest.Limit{
		"sliding window": slacktest.SlidingWindow(n, per),
		"fixed window":   slacktest.FixedWindow(n, per, 0),
		"token bucket":   slacktest.TokenBucket(n, per),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slack := slacktest.New()
			slack.Limit(slacktest.MethodReset, slackLimit)
			server := httptest.NewServer(slack)
			defer server.Close()

			three := startThree(t, job{Redis: address, Key: name, Slack: server.URL, Limit: limit, For: lasts})
			possible := metronome(t, limit, lasts)
			for i, p := range three {
				o := p.outcome(t)
				assert.Empty(t, o.Err)
				assert.NotZero(t, o.Done, names[i])
			}

			calls := slack.Calls()
			end := calls[0].At.Add(lasts)
			passed, refused, inTime := map[string]int{}, 0, 0
			for _, c := range calls {
				switch {
				case c.Status == http.StatusTooManyRequests:
					refused++
				case c.At.Before(end):
					passed[c.UserID[1:2]]++
					inTime++
				}
			}
			t.Logf("%d of %.0f allowed requests used in %v (%.1f%%), where this machine could do %d; %d of %d refused (%.1f%%), shares %v",
				inTime, allowed, lasts, 100*float64(inTime)/allowed, possible,
				refused, len(calls), 100*float64(refused)/float64(len(calls)), passed)
			assert.LessOrEqual(t, float64(refused), 0.02*float64(len(calls)), "refused")
			assert.GreaterOrEqual(t, float64(inTime), 0.95*float64(possible), "used")
			for _, name := range names {
				assert.GreaterOrEqual(t, passed[name], inTime/len(names)/2, "process %s got less than half its share", name)
			}
		})
	}
}

func TestTwoProcessesOfSignoutShareOneLimit(t *testing.T) {
	t.Parallel()
	address, _ := startRedis(t)
	slack := slacktest.New()
	server := httptest.NewServer(slack)
	defer server.Close()
	signout := filepath.Join(t.TempDir(), "signout")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", signout, "../signout").CombinedOutput() //nolint:gosec // G204: a file of the test
	require.NoError(t, err, string(out))

	var both sync.WaitGroup
	for _, users := range [][]string{{"--user", "WA1", "--user", "WA2"}, {"--user", "WB1", "--user", "WB2"}} {
		both.Go(func() {
			args := slices.Concat(users, []string{"--live", "--yes", "--base-url", server.URL, "--fleet", "redis://" + address + "/0#key"})
			p := exec.CommandContext(t.Context(), signout, args...) //nolint:gosec // G204: built by this test
			p.Env = append(os.Environ(), "SLACK_TOKEN=xoxp-test-token")
			out, err := p.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
	both.Wait()
	calls := slack.Calls()
	require.Len(t, calls, 4)
	for i := range calls[1:] {
		apart := calls[i+1].At.Sub(calls[i].At)
		assert.Greater(t, apart, 2800*time.Millisecond, "20 a minute are 3 s apart")
		t.Logf("%s %v later", calls[i+1].UserID, apart.Round(time.Millisecond))
	}
}

// startDuring starts three jobs, and returns when 60 requests have been made.
func startDuring(t *testing.T, slack *slacktest.Slack, j job) []*process {
	t.Helper()
	underWay, requests := make(chan struct{}), 0
	slack.Respond(func(slacktest.Call) slacktest.Answer {
		if requests++; requests == 60 {
			close(underWay)
		}
		return slacktest.Answer{}
	})
	three := startThree(t, j)
	select {
	case <-underWay:
	case <-time.After(20 * time.Second):
		t.Fatal("no 60 requests in 20 s")
	}
	return three
}

func TestProcessesRideOverARestartOfRedis(t *testing.T) {
	t.Parallel()
	address, redisServer := startRedis(t)
	slack := slacktest.New()
	server := httptest.NewServer(slack)
	defer server.Close()
	limit := redis_rate.Limit{Rate: 50, Burst: 2, Period: time.Second}
	three := startDuring(t, slack, job{Redis: address, Key: "reset", Slack: server.URL, Limit: limit, For: 5 * time.Second})
	require.NoError(t, redisServer.Process.Kill())
	_ = redisServer.Wait() // killed
	dead := time.Now()
	for _, p := range three {
		p.reports(t, "outage")
	}
	startRedisAt(t, address)
	t.Logf("Redis was away for %v", time.Since(dead).Round(time.Millisecond))

	for i, p := range three {
		o := p.outcome(t)
		t.Logf("process %s: %d users out", names[i], o.Done)
		assert.Empty(t, o.Err)
	}
	assert.Greater(t, slack.Calls()[len(slack.Calls())-1].At.Sub(dead), time.Second, "requests after the restart")
}

func TestRedisThatDiesEndsAllProcessesWithoutAStampede(t *testing.T) {
	t.Parallel()
	address, redisServer := startRedis(t)
	slack := slacktest.New()
	server := httptest.NewServer(slack)
	defer server.Close()
	limit := redis_rate.Limit{Rate: 50, Burst: 2, Period: time.Second}
	three := startDuring(t, slack, job{
		Redis: address, Key: "reset", Slack: server.URL, Limit: limit, For: time.Minute, MaxOutage: 2 * time.Second,
	})
	require.NoError(t, redisServer.Process.Kill())
	_ = redisServer.Wait() // killed
	dead := time.Now()

	for i, p := range three {
		p.reports(t, "outage")
		o := p.outcome(t)
		t.Logf("process %s: %d users out, then: %s", names[i], o.Done, o.Err)
		assert.Contains(t, o.Err, "fleet: Redis: ")
		assert.NotZero(t, o.Done)
	}
	after := 0
	for _, c := range slack.Calls() {
		if c.At.After(dead) {
			after++
		}
	}
	t.Logf("all three ended %v after Redis, %d requests after it", time.Since(dead).Round(time.Millisecond), after)
	assert.LessOrEqual(t, after, len(three), "more than what Redis had let pass")
}
