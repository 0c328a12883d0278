package wrapper

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBackoffIsUniformBelowACeilingThatDoubles(t *testing.T) {
	o := RetryOptions{MinDelay: time.Second, MaxDelay: 10 * time.Second}
	for n, ceiling := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second,
		5: 10 * time.Second, 6: 10 * time.Second, 64: 10 * time.Second, 1 << 20: 10 * time.Second,
	} {
		for _, random := range []float64{0, 0.25, 0.5, 1} {
			assert.Equal(t, time.Duration(random*float64(ceiling)), o.backoff(n, random), "before attempt %d", n+1)
		}
	}
}

func TestBackoffOfExtremeSettings(t *testing.T) {
	for _, tt := range []struct {
		name     string
		min, max time.Duration
		n        int
		most     time.Duration
	}{
		{"MinDelay above MaxDelay", time.Hour, time.Second, 1, time.Second},
		{"longest delays", math.MaxInt64, math.MaxInt64, 9, math.MaxInt64},
		{"shortest delays", 1, 1, 9, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := RetryOptions{MinDelay: tt.min, MaxDelay: tt.max}.backoff(tt.n, math.Nextafter(1, 0))
			assert.GreaterOrEqual(t, d, time.Duration(0))
			assert.LessOrEqual(t, d, tt.most)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 500e6, time.UTC)
	for _, tt := range []struct {
		name   string
		values []string
		want   time.Duration
	}{
		{"missing", nil, 0},
		{"empty", []string{""}, 0},
		{"seconds", []string{"43"}, 43 * time.Second},
		{"zero", []string{"0"}, 0},
		{"leading zeros", []string{"007"}, 7 * time.Second},
		{"blanks around", []string{"\t7 "}, 7 * time.Second},
		{"negative", []string{"-7"}, 0},
		{"signed", []string{"+7"}, 0},
		{"fraction", []string{"1.5"}, 2 * time.Second},
		{"small fraction", []string{"0.001"}, time.Second},
		{"fraction without a digit before", []string{".5"}, time.Second},
		{"point alone", []string{"."}, 0},
		{"two points", []string{"1.2.3"}, 0},
		{"exponent", []string{"1e3"}, 0},
		{"hexadecimal", []string{"0x10"}, 0},
		{"infinite", []string{"Inf"}, 0},
		{"no number", []string{"NaN"}, 0},
		{"unit", []string{"7s"}, 0},
		{"word", []string{"soon"}, 0},
		{"longest that can be told", []string{"9223372036"}, 9223372036 * time.Second},
		{"longer", []string{"9223372037"}, math.MaxInt64},
		{"absurd", []string{"99999999999999999999999999"}, math.MaxInt64},
		{"beyond any number", []string{"1" + fmt.Sprintf("%0400d", 0)}, math.MaxInt64},
		{"date", []string{"Mon, 23 Nov 2026 12:00:08 GMT"}, 7500 * time.Millisecond},
		{"date as of RFC 850", []string{"Monday, 23-Nov-26 12:00:08 GMT"}, 7500 * time.Millisecond},
		{"date as of ANSI C", []string{"Mon Nov 23 12:00:08 2026"}, 7500 * time.Millisecond},
		{"date in the past", []string{"Mon, 23 Nov 2026 11:59:59 GMT"}, 0},
		{"date just passed", []string{"Mon, 23 Nov 2026 12:00:00 GMT"}, 0},
		{"first of all dates", []string{"Mon, 01 Jan 0001 00:00:00 GMT"}, 0},
		{"last of all dates", []string{"Fri, 31 Dec 9999 23:59:59 GMT"}, math.MaxInt64},
		{"several", []string{"3", "soon", "9", "-1"}, 9 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, retryAfter(http.Header{"Retry-After": tt.values}, now))
		})
	}
}

func TestADateInRetryAfterIsByTheServersClock(t *testing.T) {
	h := http.Header{
		"Date":        {"Mon, 23 Nov 2026 12:00:00 GMT"},
		"Retry-After": {"Mon, 23 Nov 2026 12:00:30 GMT"},
	}
	for _, skew := range []time.Duration{-time.Hour, 0, time.Hour} {
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Add(skew)
		assert.GreaterOrEqual(t, retryAfter(h, now), 30*time.Second, "our clock is %v fast", skew)
	}
}
