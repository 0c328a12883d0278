package wrapper_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestTokenThatNoHeaderMayCarryIsRefusedUnquoted(t *testing.T) {
	for name, bad := range map[string]string{
		"blank":             token + " ",
		"line break":        token + "\n",
		"header of its own": token + "\r\nX-Injected: 1",
		"NUL":               token + "\x00",
		"DEL":               token + "\x7f",
		"not ASCII":         token + "ü",
		"not even UTF-8":    token + "\xff",
		"byte order mark":   "\ufeff" + token,
	} {
		t.Run(name, func(t *testing.T) {
			slack := slacktest.New()
			c := newClient(t, slack, wrapper.Options{}).WithTokenSource(wrapper.StaticToken(bad))

			_, err := reset(t.Context(), c)

			require.ErrorIs(t, err, wrapper.ErrInvalidToken)
			assert.ErrorContains(t, err, "it has a")
			assert.ErrorContains(t, err, "check how the token is loaded")
			assert.NotContains(t, everyFormat(t, err), "xoxp")
			assert.True(t, wrapper.NotSent(err))
			assert.Equal(t, "invalid_token", wrapper.Reason(err))
			assert.Empty(t, slack.Calls())
		})
	}
}
