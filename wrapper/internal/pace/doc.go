// Package pace schedules requests so that an unknown rate limit is used fully but rarely exceeded, and so that a service that
// does not respond is asked again gently. It knows time, responses and rate limits, and nothing of Slack or HTTP.
//
// Before each attempt a call waits for a [Permit] of the [Pacer]. After the attempt it reports how that ended. Four things can
// delay a permit: the queue (pacer.go), a hold (hold.go), the rate (rate.go) and the circuit breaker of a bulk run (breaker.go).
//
// # The rate
//
// A request is throttled if its response is a rate limit, a success if the service responded otherwise, and else failed.
//
//  1. A response may ask to wait (a hold). No request is sent before it ends. Until one is throttled, only rule 2 can delay it.
//  2. After each throttled request one request may be in flight, and one more with each success (slow start). After an outage,
//     one more than are in flight may be sent, and one more with each success.
//  3. The estimate is how many requests the limit lets pass in a minute. The first throttled request gives an estimate only if
//     its Retry-After is 12 s or more, after a success. Else the next one that rule 9 does not exclude does. Later ones renew it.
//  4. Once there is an estimate, each request needs a rate token, except for a probe. How tokens come depends on the limit: it
//     is taken to be steady, until a Retry-After of 12 s or more shows that it counts in windows of a minute.
//  5. Steady: the estimate is the number of successes since the last throttled request, divided by the time since. Tokens come
//     one by one, at 31/32 of the estimate, and at most one is kept.
//  6. Windows: each success returns its token a minute later, and the estimate is the number of tokens to come. The first
//     estimate is the number of successes, per minute if they took longer than one. As many tokens are there at once, because the
//     next window opens when the hold ends.
//  7. When as many requests have succeeded since the estimate was set as it says, all further requests are probes: they try
//     whether more may pass. One probe is in flight at a time, and one more for every 8 successes past the estimate. While the
//     requests in flight may still reach the estimate, no other is sent.
//  8. When a throttled request gives an estimate, unused tokens are void, and successes are counted from 0. Requests that are
//     not a success return their own tokens: the limit has not counted those throttled, and may not have counted the others.
//  9. After the first one, a throttled request leaves state and estimate as they are if no request has succeeded since they
//     changed, or if it was sent before that (late). Slow start begins anew, and a Retry-After of 12 s or more is remembered.
//  10. A minute after the last success and the last hold, the estimate is forgotten if no request is in flight. Slow start goes on.
//
// Clients that share a limit get similar shares: the one with less uses up its smaller estimate sooner, so it probes while the
// others still spend tokens.
//
// The state is unlimited before the first throttled request, and then learning until there is an estimate. For each event, the
// first row that fits has the next state:
//
//	event                                unlimited  learning   steady     windows
//	throttled, late                      -          learning   steady     windows
//	throttled, no success counted        learning   learning   steady     windows
//	throttled, some Retry-After >= 12 s  windows    windows    windows    windows
//	throttled                            learning   steady     steady     -
//	any other result                     unlimited  learning   steady     windows
//	a minute without a success           unlimited  unlimited  unlimited  unlimited
//
// What each rule buys, by leaving it out (make bench-pacing): bulk runs of 1,000 or 330 requests, 8 in flight, under fixed
// windows, sliding windows and token buckets of 20, 50 and 100 a minute, 32 seeds, round trips of 200 ms. Times are means, divided
// by the best possible time. Throttled is in % of the requests, the share of the poorer of two clients in % of one half.
//
//	                                             1,000 requests       limit    idle for windows round    two clients
//	                                             time   throttled     doubles  an hour  of 10 s trip 2 s throttled share
//	                                                    mean   worst  time     time     time    time     worst  mean worst
//	this package                                 1.007   3.4    6.3    1.01    1.032    1.19    1.05    14.4  86   44
//	without slow start                           1.007   3.5    6.5    1.01    1.052    1.22    1.04    17.0  84   30
//	without the windows state                    1.150   7.3   19.8    1.18    1.080    1.19    1.16    31.6  91   45
//	no window tokens at the end of Retry-After   1.013   3.4    6.3    1.02    1.063    1.19    1.05    14.4  87   27
//	without the steady state                     1.011   3.7    6.3    1.03    1.152    5.25    1.05    13.8  67    6
//	steady tokens at the whole estimate          1.006   3.4    6.9    1.01    1.029    1.15    1.05    15.4  84   16
//	without probes                               1.100   0.9    2.9    1.53    1.099    1.31    1.06     6.4  74   19
//	as many probes at once as slow start allows  1.009  18.2   37.3    1.01    1.032    1.19    1.05    72.5  93   48
//	never more than one probe at once            1.007   3.3    6.3    1.02    1.032    1.19    1.21    14.1  86   44
//	unused tokens are kept                       1.007   3.4    6.3    1.01    1.032    1.19    1.04    16.7  85   38
//	late ones renew the estimate too             1.010   3.5    6.8    1.02    1.057    1.18    1.07    14.7  79   22
//	late ones do not return their tokens         1.007   3.4    6.3    1.01    1.032    1.19    1.05    14.8  85   30
//	those without a success renew it too         1.007   3.4    6.3    1.01    1.032    1.19    1.05    22.5  85   25
//	without forgetting                           1.007   3.4    6.3    1.01    1.068    1.19    1.05    14.4  86   44
//	probes from 90% of the estimate on           1.008   3.6    6.5    1.01    1.031    1.19    1.05    15.7  88   42
//	half as many probes below 30 a minute        1.006   2.6    4.0    1.02    1.032    1.21    1.05    12.5  84   26
//	sleep Retry-After, one at once               1.019  25.1   97.9    1.04    1.072    1.03    1.90   195.5  98   85
//	AIMD on requests in flight                   1.006  53.8  196.9    1.01    1.012    1.03    1.03   294.4  97   86
//	CUBIC on a token bucket                      1.006  30.2   99.0    1.01    1.015    1.03    1.04   197.2  68    4
//	constant, 20 a minute                        3.111   0.5    4.8    4.44    4.939    2.93    2.85    89.9  94    7
package pace
