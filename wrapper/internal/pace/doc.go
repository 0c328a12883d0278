// Package pace schedules requests so that an unknown rate limit is used fully but rarely exceeded, and so that a service that
// does not respond is probed gently. It knows time, responses and rate limits, and nothing of Slack or HTTP.
//
// Before each attempt a call waits for a [Permit] of the [Pacer]. After the attempt it reports how that ended. Three parts
// decide when a permit is given: a queue (pacer.go), the rate (rate.go) and the circuit breaker of a bulk run (breaker.go).
//
// # The rate
//
// A request is throttled if its response is a rate limit. Any other response is a success.
//
//  1. Until a throttled request teaches something, every request is sent. None is sent before a Retry-After is over.
//  2. After a throttled request one request may be in flight, and one more with each success (slow start).
//  3. The estimate is the number of requests that pass in a minute. Each request uses a rate token.
//  4. The limit is taken to refill steadily, like a token bucket, until a Retry-After of 12 s or more shows that it counts in
//     windows of a minute.
//  5. Windows: each success returns its token a minute later. When windows are first recognised, as many tokens as there were
//     successes come at the end of the Retry-After, when the next window opens. The estimate is the number of tokens to come.
//  6. Steady: tokens come one by one at 31/32 of the estimate, and at most one is kept. The estimate is the number of successes
//     since the last throttled request, divided by the time since.
//  7. After as many successes as the estimate, requests are probes: they need no token, but one is in flight at a time, and one
//     more for every 8 probes that succeeded, until one is throttled.
//  8. That renews the estimate and voids unused tokens, and the cycle starts over.
//  9. A throttled request that was sent before the last one, or without a success in between, tells only how long to wait. A
//     minute without a success forgets everything.
//
// Clients that share a limit get similar shares: the one with less uses up its smaller estimate sooner, so it probes while the
// others still spend tokens.
//
//	event                                               unlimited  steady     windows
//	success                                             unlimited  steady     windows
//	throttled, first time, Retry-After < 12 s           unlimited  -          -
//	throttled, every Retry-After < 12 s                 steady     steady     -
//	throttled, some Retry-After >= 12 s                 windows    windows    windows
//	throttled, no success since the last time, or ever  unlimited  steady     windows
//	throttled, sent before the last time                unlimited  steady     windows
//	cancelled                                           unlimited  steady     windows
//	a minute without a success                          unlimited  unlimited  unlimited
//
// What each rule buys, by leaving it out (make bench-pacing): bulk runs under fixed windows, sliding windows and token buckets
// of 20, 50 and 100 a minute, 32 seeds, round trips of 200 ms, 8 requests in flight. Times are means, divided by the best
// possible time. Throttled is in % of the requests. The share is that of the poorer of two clients, in % of one half.
//
//	                                             1,000 users          limit    idle for windows round    two clients
//	                                             time   throttled     doubles  an hour  of 10 s trip 2 s throttled share
//	                                                    mean   worst  time     time     time    time     worst  mean worst
//	this package                                 1.007   3.4    6.3    1.01    1.032    1.19    1.05    14.4  86   44
//	without slow start                           1.007   3.6    7.2    1.01    1.055    1.22    1.04    17.5  84   37
//	without windows                              1.150   7.3   19.8    1.18    1.080    1.19    1.16    31.6  91   45
//	no window tokens at the end of Retry-After   1.013   3.4    6.3    1.02    1.063    1.19    1.05    14.4  87   27
//	without the steady state                     1.011   3.7    6.3    1.03    1.152    5.25    1.05    13.8  67    6
//	steady tokens at the whole estimate          1.006   3.4    6.9    1.01    1.029    1.15    1.05    15.4  84   16
//	without probes                               1.100   0.9    2.9    1.53    1.099    1.31    1.07     6.4  74   19
//	as many probes at once as slow start allows  1.009  18.2   37.3    1.01    1.032    1.19    1.05    72.5  93   48
//	never more than one probe at once            1.007   3.3    6.3    1.02    1.032    1.19    1.21    14.1  86   44
//	unused tokens are kept                       1.007   3.4    6.3    1.01    1.032    1.19    1.05    16.7  85   38
//	those sent before the last one teach too     1.010   3.4    6.3    1.02    1.040    1.18    1.05    14.7  86   30
//	those without a success in between teach too 1.007   3.4    6.3    1.01    1.032    1.19    1.05    22.5  85   25
//	without forgetting                           1.007   3.4    6.3    1.01    1.067    1.19    1.05    14.4  86   44
//	probes from 90% of the estimate on           1.008   3.6    6.5    1.01    1.031    1.19    1.05    15.7  88   48
//	half as many probes below 30 a minute        1.006   2.6    4.0    1.02    1.032    1.21    1.05    12.5  84   26
//	five states                                  1.005   2.8    4.7    1.02    1.061    1.08    1.05    14.7  55   16
//	sleep Retry-After, one at once               1.019  25.1   97.9    1.04    1.072    1.03    1.90   195.5  98   85
//	sleep Retry-After, then slow start           1.007  61.1  196.5    1.01    1.014    1.03    1.04   294.4  98   87
//	AIMD on requests in flight                   1.006  53.8  196.9    1.01    1.012    1.03    1.03   294.4  97   86
//	CUBIC on a token bucket                      1.006  30.2   99.0    1.01    1.015    1.03    1.04   197.2  68    4
//	constant, 20 a minute                        3.111   0.5    4.8    4.44    4.939    2.93    2.85    89.9  94    7
package pace
