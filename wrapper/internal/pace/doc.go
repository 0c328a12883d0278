// Package pace schedules requests so that an unknown rate limit is used fully but rarely exceeded, and so that a service that
// does not respond is probed gently. It knows time, responses and rate limits, and nothing of Slack or HTTP.
//
// Before each attempt a call waits for a [Permit] of the [Pacer]; after it, the call reports how the attempt ended. Three parts
// decide when the permit is given: a queue (pacer.go), the rate (rate.go), and the circuit breaker of a bulk run (breaker.go).
//
// # The rate
//
// A request is throttled if its response is a rate limit. Any other response is a success.
//
//  1. Until a throttled request teaches something, every request is sent. None is sent before a Retry-After is over.
//  2. After a throttled request one request may be in flight, and one more with each success (slow start).
//  3. The estimate is how many requests pass in a minute. There are as many rate tokens, and a request uses one.
//  4. The limit is taken to refill steadily, like a token bucket, until a Retry-After of 12 s or more shows that it counts in
//     windows of a minute.
//  5. Windows: each success returns its token a minute later. When windows are first recognised, one token for each success
//     comes at the end of the Retry-After, because the next window opens then. The estimate is the number of tokens to come.
//  6. Steady: tokens come one by one at 31/32 of the estimate, and one at most is kept. The estimate is the number of successes
//     since the last throttled request, divided by the time since.
//  7. After as many successes as the estimate, requests are probes: they need no token, but only one is in flight, and one more
//     for every 8 successful ones, until one is throttled.
//  8. That renews the estimate, voids unused tokens, and the cycle starts over.
//  9. A throttled request without a success since the one before it tells only how long to wait. A minute without a success
//     forgets everything.
//
// Clients that share a limit approach equal shares: the one with less has fewer tokens, so it probes while the other still
// spends its own.
//
//	event                                              unlimited   steady      windows
//	success                                            unlimited   steady      windows
//	throttled, the first time, Retry-After < 12 s      unlimited   -           -
//	throttled, no success since the last time          unlimited   steady      windows
//	throttled, every Retry-After < 12 s                steady      steady      -
//	throttled, some Retry-After >= 12 s                windows     windows     windows
//	throttled, sent before the last time               unlimited   steady      windows
//	cancelled                                          unlimited   steady      windows
//	a minute without a success                         unlimited   unlimited   unlimited
//
// # The circuit breaker
//
// Each bulk run learns from its own calls whether the service responds. While it is open, one probe is in flight at a time. A
// single call neither opens it nor waits for it.
//
//	event                                              NoOutage          OpenOutage   BrokenConnection
//	failed, fewer than three calls in a row            NoOutage          -            -
//	failed, third call in a row                        OpenOutage        OpenOutage   BrokenConnection
//	failed, the same, all final, never a response      BrokenConnection  -            BrokenConnection
//	response                                           NoOutage          NoOutage     NoOutage
//	cancelled                                          NoOutage          OpenOutage   BrokenConnection
package pace
