// Package fleet makes jobs on several machines share one rate limit. Slack counts the requests of an app to a workspace or
// organisation, whichever machine they come from. A [Limiter] counts them in Redis before they are sent, with the algorithm
// of github.com/go-redis/redis_rate:
//
//	rdb := redis.NewClient(&redis.Options{Addr: "redis.example.com:6379", ContextTimeoutEnabled: true})
//	limiter, err := fleet.New(rdb, "slack:T0123456789:A0123456789:admin.users.session.reset", fleet.Tier2)
//	if err != nil {
//		return err
//	}
//	client, err := wrapper.New(source, wrapper.Options{Limiter: limiter})
//
// # The rate is fixed
//
// Without a Limiter a client learns how much Slack allows, which may be more than Slack documents. With one, all jobs
// together go at the rate of the limit and no faster.
//
// In any span as long as Period at most Rate+Burst-1 requests pass. Slack documents a number of requests a minute and not
// how it counts them, so keep that sum at what Slack allows: then it holds however the minute is cut. Requests pass one
// every Period/Rate, and Burst-1 of them may make up for lost time. At 20 a minute a request that is a few milliseconds late
// loses little, so [Tier2] has a Burst of 1. At 50 a second, Rate 49 and Burst 2 come closer to the full rate than Rate 50 and
// Burst 1. Do not use redis_rate.PerMinute(20): with its Burst of 20 it permits 39 requests in the first minute.
//
// If other programs or people use the same app, leave them a part of the limit.
//
// # The key
//
// All jobs that use the same key share its limit. Slack limits each method of each app on each workspace or organisation
// separately, so name these three in the key. A limiter does not know which method a call is of: a client that calls both
// methods through one limiter gets half the rate that Slack would allow. If that matters, make a client with a limiter for
// each method. A client made with WithTokenSource keeps the limiter, and so shares it across workspaces: call wrapper.New
// for each workspace instead.
//
// # When Redis fails
//
// Calls wait for Redis to come back, for up to two minutes ([Limiter].MaxOutage), and send nothing meanwhile. After that,
// and if Redis has never responded, they fail with an error that says "fleet: Redis", and a bulk run ends. It is safe to
// start the run again. A Redis that restarts empty has forgotten the latest requests, so up to Burst requests may come early.
package fleet
