package wrapper

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter returns the longest Retry-After. It accepts seconds, rounded up, or an HTTP date, compared with the Date header.
// It returns 0 if no value is valid and in the future.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	var longest time.Duration
	for _, v := range h.Values("Retry-After") {
		longest = max(longest, parseRetryAfter(strings.TrimSpace(v), now))
	}
	return longest
}

func parseRetryAfter(v string, now time.Time) time.Duration {
	if strings.Trim(v, "0123456789.") != "" {
		t, err := http.ParseTime(v)
		if err != nil {
			return 0
		}
		return t.Sub(now)
	}
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	if seconds = math.Ceil(seconds); seconds >= math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds) * time.Second
}
