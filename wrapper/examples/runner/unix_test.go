//go:build unix

package runner

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestAJournalThatIsAPipeIsRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	r := runIn(t, Env{}, "--demo", "--journal", pipe, file(t, "list", "W1"))
	assert.Equal(t, Usage, r.status)
	assert.Contains(t, r.stderr, "is no regular file")
}

func TestAReportMayGoDownAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	said := make(chan []byte)
	go func() {
		f, _ := os.Open(pipe) //nolint:gosec // G304: a file of the test
		b, _ := io.ReadAll(f)
		_ = f.Close()
		said <- b
	}()
	require.Equal(t, AllOut, onSlack(t, slacktest.New(), "--report", pipe, file(t, "list", "W1")).status)
	assert.Contains(t, string(<-said), "W1,out")
}
