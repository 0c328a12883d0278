package recipes

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestLogLinesNameTheIncident(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := slacktest.New()
		slack.Script(slacktest.RateLimited(30 * time.Second))
		var log bytes.Buffer
		client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{
			HTTPClient: &http.Client{Transport: slack},
			Observe:    LogIncident(slog.New(slog.NewJSONHandler(&log, nil))),
		})
		require.NoError(t, err)
		ctx := WithIncident(t.Context(), "INC-2041")
		_, err = client.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
		require.NoError(t, err)

		assert.NotContains(t, log.String(), "xoxp-test-token")
		assert.NotContains(t, log.String(), "W0123456789")
		var lines []map[string]any
		for d := json.NewDecoder(&log); d.More(); {
			var line map[string]any
			require.NoError(t, d.Decode(&line))
			lines = append(lines, line)
		}
		require.Len(t, lines, 2)
		for i, level := range []string{"WARN", "INFO"} {
			assert.Equal(t, level, lines[i]["level"])
			assert.Equal(t, "INC-2041", lines[i]["incident"])
			assert.EqualValues(t, i+1, lines[i]["attempt"])
		}
	})
}
