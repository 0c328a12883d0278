// Package pace says when a request may be sent, so that a rate limit that nobody tells is used up yet hardly ever hit, and
// so that a service that does not answer is not pressed. It knows time, answers and refusals, and nothing of Slack or HTTP.
//
// # The rate, in ten lines
//
// Everything goes until the first rate limit. From then on a request needs a credit. Limits count by the minute: what
// passed in one minute passes again in the next, so each pass becomes a credit when it is a minute old. The first
// refusal may end sooner than that: the log tells how many pass, but not when, so one request goes without credit. If
// it passes, a window has begun, and the whole log is credit at once. If a request is soon refused after that, and
// the next is promised soon, the limit refills steadily: each refusal then spreads the log evenly over the minute, by
// what passed since the refusal before, give or take one. A credit that is refused means that the limit has shrunk: the
// credits that wait are void. Now and then an extra goes without credit, to see whether the limit has grown: while
// extras pass the next one follows at once, and after a refused one comes a pause. Nothing goes before a hold has passed,
// and after a refusal one request is in flight, and one more with each pass.
//
//	           first refusal           pass after the hold            extra passes first
//	nothing ───────────────▶ amount ───────────────────▶ minutely ◀─────────────── windows
//	(all goes)               (how many, not when)       (log → credit)            (log is credit)
//	                              │                                                  ▲   │
//	                              └──────────── an extra passes after the hold ──────┘   │
//	                                                                                     │ soon refused, and
//	                              steady (log spread evenly) ◀───────────────────────────┘ soon promised again
//
// # What it buys
//
// Over nine limits (fixed and sliding windows, token buckets; 20, 50 and 100 a minute) at eight phases each, 200 ms there
// and back, eight calls at once, by TestPacing of package wrapper in virtual time (make bench-pacing prints all of it):
//
//	1,000 users                           time / best possible   refused, % of requests
//	this package                          1.006                    2.5
//	sleep Retry-After, 8 at once          1.005                  219.7
//	sleep Retry-After, 1 at once          1.019                   25.0
//	constant, 20 a minute                 3.111                    0.5
//
// Two clients on one limit take 1.024 of the best time, and the poorer gets 45% of what passes on average, 9% in the worst
// of 144 runs. Rules that were left out because they bought nothing: pauses that double from 5 s, a probe at once after a
// refused credit, a least pause of 2 s (1,000 users: 1.006 and 2.6% with them).
//
// Known weak spots, not met: a limit that counts by the second or in windows of 10 s is taken for one of a minute and used
// less than it could be, and of two clients one may be much slower when it begins late.
//
// # Holds
//
// An answer may ask everyone to wait. The longest such hold is in force. A rate limit that does not say for how long holds
// for 5 s, and 10, 20, 40 and 60 s where such answers follow each other, each up to a fifth longer at random.
//
// # Outages
//
//	           three calls in a row go unanswered              any answer
//	answered ────────────────────────────────────▶ outage ───────────────▶ answered, one request in flight,
//	         (any answer in between starts anew)      │                     one more with each pass
//	                                                  │ MaxOutage
//	                                                  ▼
//	                                         the calls that wait end
//
// In an outage one request of the bulk calls goes at a time: at the end of a pause that counts from the start of the
// request before, and half a second after its end at the earliest. Single calls neither begin an outage nor wait for it.
package pace
