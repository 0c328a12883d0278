package recipes

import (
	"time"

	"golang.org/x/time/rate"
)

// HalfOfTier2 spends half of what Slack allows, 20 requests a minute, and leaves the rest to others who use
// the same app. It is a [wrapper.Limiter]. A client needs none to keep within the limit on its own: it
// learns that from Slack's answers.
//
// [wrapper.Limiter]: https://pkg.go.dev/github.com/seed70860981/slack-admin-sessions/wrapper#Limiter
func HalfOfTier2() *rate.Limiter {
	return rate.NewLimiter(rate.Every(time.Minute/10), 1)
}
