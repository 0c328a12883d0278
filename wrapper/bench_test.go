//go:build unix

package wrapper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// BenchmarkCall compares a call with a loop written by hand that makes the same POST: over loopback, in the clear as HTTP/1.1
// and as HTTP/2 over TLS, and through a transport in memory, where nothing but the code of both is measured. The two take
// turns within one benchmark, so that whatever else the machine does meets both.
func BenchmarkCall(b *testing.B) {
	for _, at := range []int{1, 8} {
		b.Run(fmt.Sprintf("net=loopback/at-once=%d", at), func(b *testing.B) {
			url := listen(b)
			compare(b, at, 1000, byLibrary(b, url, nil), byHand(url, defaultTransportKeeping(b, 100)))
		})
	}
	for _, at := range []int{1, 8} {
		b.Run(fmt.Sprintf("net=http2/at-once=%d", at), func(b *testing.B) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(grant))
			server.EnableHTTP2 = true
			server.StartTLS()
			b.Cleanup(server.Close)
			compare(b, at, 1000, byLibrary(b, server.URL, server.Client()), byHand(server.URL, server.Client().Transport))
		})
	}
	b.Run("net=memory/at-once=1", func(b *testing.B) {
		const url = "http://localhost"
		compare(b, 1, 1000, byLibrary(b, url, &http.Client{Transport: okTransport{}}), byHand(url, okTransport{}))
	})
}

// call makes one call. It is safe for concurrent use.
type call func(context.Context) error

func byLibrary(b *testing.B, url string, hc *http.Client) call {
	c, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{BaseURL: url, HTTPClient: hc})
	require.NoError(b, err)
	return func(ctx context.Context) error {
		_, err := c.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789", MobileOnly: true})
		return err
	}
}

// byHand is what one would write without the library, and without its retries, pacing and typed errors.
func byHand(base string, transport http.RoundTripper) call {
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	return func(ctx context.Context) error {
		form := url.Values{"user_id": {"W0123456789"}, "mobile_only": {"true"}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/admin.users.session.reset", strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer xoxp-test-token")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("User-Agent", "loop")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		var verdict struct {
			OK    bool   `json:"ok"`
			Error string `json:"error"`
		}
		if err := json.Unmarshal(body, &verdict); err != nil {
			return err
		}
		if !verdict.OK {
			return errors.New(verdict.Error)
		}
		return nil
	}
}

// compare measures batches of calls, some goroutines at once, of the library and of the loop by turns. The
// ratios of time are medians over the rounds: the means would tell what else the machine did.
func compare(b *testing.B, goroutines, batch int, library, loop call) {
	var total [2]cost
	var wall, cpu []float64
	calls := [2]call{library, loop}
	for _, c := range calls { // opens the connections
		measure(b, goroutines, batch, c)
	}
	for first := 0; b.Loop(); first = 1 - first {
		var round [2]cost
		for _, i := range [2]int{first, 1 - first} {
			round[i] = measure(b, goroutines, batch, calls[i])
			total[i].add(round[i])
		}
		wall = append(wall, float64(round[0].wall)/float64(round[1].wall))
		cpu = append(cpu, float64(round[0].cpu)/float64(round[1].cpu))
	}
	lib, hand := total[0], total[1]
	n := float64(len(wall) * batch)
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
	b.ReportMetric(float64(lib.wall.Nanoseconds())/n, "ns/call")
	b.ReportMetric(float64(lib.bytes)/n, "B/call")
	b.ReportMetric(float64(lib.allocs)/n, "allocs/call")
	b.ReportMetric(median(wall), "time-ratio")
	b.ReportMetric(median(cpu), "cpu-ratio")
	b.ReportMetric(float64(lib.bytes)/float64(hand.bytes), "bytes-ratio")
	b.ReportMetric(float64(lib.allocs)/float64(hand.allocs), "allocs-ratio")
	b.ReportMetric((float64(lib.allocs)-float64(hand.allocs))/n, "allocs-more")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// cost is what calls took of the whole process.
type cost struct {
	wall, cpu     time.Duration
	bytes, allocs uint64
}

func (c *cost) add(d cost) {
	c.wall += d.wall
	c.cpu += d.cpu
	c.bytes += d.bytes
	c.allocs += d.allocs
}

// measure makes a batch of calls. It starts with a heap that is swept, so that each pays for its own garbage.
func measure(b *testing.B, goroutines, batch int, call call) cost {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), processTime(b)
	var running sync.WaitGroup
	for range goroutines {
		running.Go(func() {
			for range batch / goroutines {
				if err := call(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	d := cost{wall: time.Since(start), cpu: processTime(b) - cpu}
	runtime.ReadMemStats(&after)
	d.bytes, d.allocs = after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	return d
}

// processTime is the processor time used so far. Only Unix has Getrusage, hence the build constraint above.
func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// defaultTransportKeeping is net/http's default transport with more idle connections.
func defaultTransportKeeping(b *testing.B, idle int) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = idle
	b.Cleanup(t.CloseIdleConnections)
	return t
}

// listen serves {"ok":true} on loopback and returns its URL.
func listen(b *testing.B) string {
	server := httptest.NewServer(http.HandlerFunc(grant))
	b.Cleanup(server.Close)
	return server.URL
}

func grant(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, `{"ok":true}`)
}

// settleHeap sweeps the heap, and has it grow by 4 MiB before the next time, as that of a program does that
// holds nothing else. The other tests of this package hold much, in proportion to which garbage may grow.
func settleHeap() {
	runtime.GC()
	debug.SetGCPercent(max(1, int(100*(4<<20)/float64(heapBytes()))))
}

// BenchmarkBulk shows how the cost of a run grows with its inputs, through a transport in memory.
func BenchmarkBulk(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, inputs := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("inputs=%d", inputs), func(b *testing.B) {
			var wall time.Duration
			var peak float64
			settleHeap()
			before, runs := float64(heapBytes()), 0
			for ; b.Loop(); runs++ {
				c := newClient(b, okTransport{}, wrapper.Options{})
				start, results := time.Now(), 0
				for r := range c.BulkReset(b.Context(), repeat(wrapper.ResetOptions{UserID: "W0123456789"}, inputs), wrapper.BulkOptions{}) {
					if r.Err != nil {
						b.Fatal(r.Err)
					}
					if results++; results%100 == 0 {
						peak = max(peak, float64(heapBytes())-before)
					}
				}
				wall += time.Since(start)
				if results != inputs {
					b.Fatalf("%d results of %d inputs", results, inputs)
				}
			}
			b.ReportMetric(0, "ns/op") // of a run
			b.ReportMetric(float64(wall.Nanoseconds())/float64(runs*inputs), "ns/input")
			b.ReportMetric(peak/1e6, "peak-MB")
		})
	}
}
