package wrapper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/pace"
)

func TestWhyAnAttemptEndedMatchesAllButContextErrors(t *testing.T) {
	cancelled := &attemptError{err: fmt.Errorf("%w; %w", context.Canceled, syscall.ECONNRESET)}
	assert.NotErrorIs(t, cancelled, context.Canceled)
	assert.ErrorIs(t, cancelled, syscall.ECONNRESET)
	var number syscall.Errno
	assert.ErrorAs(t, cancelled, &number)
	assert.False(t, cancelled.Timeout())
	assert.NotErrorIs(t, cancelled, os.ErrDeadlineExceeded)

	for _, late := range []*attemptError{{io.EOF, time.Second}, {err: &net.DNSError{IsTimeout: true}}} {
		assert.NotErrorIs(t, late, context.DeadlineExceeded)
		assert.ErrorIs(t, late, os.ErrDeadlineExceeded)
		assert.True(t, late.Timeout())
	}
}

func TestWhyACallEndedLeavesWhatItsAnswerSaid(t *testing.T) {
	answer := &Error{StatusCode: 503, RetryAfter: 5 * time.Second}
	h := history{last: answer}
	var e *Error
	assert.ErrorAs(t, h.endedBy(&pace.HeldBack{RateLimit: true, Remaining: time.Hour}), &e)
	assert.Equal(t, 5*time.Second, e.RetryAfter)
	assert.Empty(t, e.Code)
	assert.NoError(t, answer.Err, "which an observer may have")
}

func TestTheTokenStaysHiddenInWhyACallEnded(t *testing.T) {
	e := (&Error{Err: errors.New("for xoxp-test-1"), says: "for [token]"}).endedBy(context.Canceled)
	assert.EqualError(t, e, "slack: : for [token]; context canceled")
	assert.Same(t, e, e.endedBy(context.Canceled), "it says so already")
}
