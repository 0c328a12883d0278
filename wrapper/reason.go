package wrapper

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/transport"
)

// Reason is one short word for err, for metrics and reports: the code where Slack documents it, else one of other_code,
// no_verdict, http_NNN (by status), timeout, no_answer, not_trusted, redirect, canceled, deadline, token_source, limiter,
// invalid_options, invalid_token. It is "" for nil.
func Reason(err error) string {
	e := errorIn(err)
	var network net.Error
	switch {
	case err == nil:
		return ""
	case e.rateLimited():
		return string(ErrRateLimited)
	case e.Code.scope() != unclear:
		return string(e.Code)
	case e.Code != "":
		return "other_code"
	case e.noVerdict:
		return "no_verdict"
	case e.StatusCode == http.StatusOK:
		return "other_code" // refused without a code
	case e.StatusCode >= 300 && e.StatusCode < 400:
		return "redirect"
	case e.StatusCode != 0:
		return fmt.Sprintf("http_%03d", e.StatusCode)
	case errors.Is(e.Err, context.Canceled):
		return "canceled"
	case errors.Is(e.Err, context.DeadlineExceeded):
		return "deadline"
	case supplied(e.Err) != "":
		return supplied(e.Err)
	case errors.Is(e.Err, ErrInvalidOptions):
		return "invalid_options"
	case errors.Is(e.Err, ErrInvalidToken):
		return "invalid_token"
	case transport.NotTrusted(e.Err):
		return "not_trusted"
	case errors.As(e.Err, &network) && network.Timeout():
		return "timeout"
	}
	return "no_answer"
}
