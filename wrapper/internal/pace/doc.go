// Package pace says when a request may be sent, so that a rate limit that nobody tells is used up yet hardly ever
// hit, and so that a service that does not answer is not pressed. It knows time, answers and refusals, and nothing
// of HTTP.
package pace
