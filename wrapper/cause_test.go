package wrapper

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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
