package wrapper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestATokenThatNoHeaderMayCarryIsRefusedUnquoted(t *testing.T) {
	for name, bad := range map[string]string{
		"blank":               token + " ",
		"line break":          token + "\n",
		"carriage return":     "\r" + token,
		"header of its own":   token + "\r\nX-Injected: 1",
		"tab":                 "xoxp-\t" + token,
		"NUL":                 token + "\x00",
		"DEL":                 token + "\x7f",
		"not ASCII":           token + "ü",
		"zero-width space":    token + "\u200b",
		"not even UTF-8":      token + "\xff",
		"blank and no more":   " ",
		"byte order mark":     "\ufeff" + token,
		"no-break space":      "\u00a0" + token,
		"typographical quote": "“" + token + "”",
	} {
		for _, w := range ways {
			t.Run(name+"/"+w.name, func(t *testing.T) {
				slack := slacktest.New()
				c := newClient(t, slack, wrapper.Options{Encoding: w.encoding}).WithTokenSource(wrapper.StaticToken(bad))

				_, err := w.call(t.Context(), c)

				require.ErrorIs(t, err, wrapper.ErrInvalidToken)
				assert.ErrorContains(t, err, "it has a")
				assert.ErrorContains(t, err, "check how it is read")
				assert.NotContains(t, err.Error(), "xoxp")
				assert.True(t, wrapper.NotSent(err))
				assert.Equal(t, "invalid_token", wrapper.Reason(err))
				assert.Empty(t, slack.Calls())
			})
		}
	}
}

func TestEveryAttemptAsksForItsToken(t *testing.T) {
	p := scene{
		source: tokens("xoxp-test-1", "xoxp-test-2", "xoxp-test-3"),
		slack:  []slacktest.Answer{slacktest.Refused("token_expired"), slacktest.Refused("token_expired")},
	}.play(t, ways[0])

	require.ErrorIs(t, p.err, wrapper.ErrTokenExpired, "once expired, and once more: that is no coincidence")
	require.Len(t, p.calls, 2)
	assert.Equal(t, "xoxp-test-1", p.calls[0].Token)
	assert.Equal(t, "xoxp-test-2", p.calls[1].Token)
}

func TestATokenSourceGetsTheCallsContext(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "org")
	c := newClient(t, slacktest.New(), wrapper.Options{}).WithTokenSource(func(ctx context.Context) (string, error) {
		assert.Equal(t, "org", ctx.Value(key{}))
		return token, nil
	})
	_, err := reset(ctx, c)
	require.NoError(t, err)
}

func TestClientsOfSeveralWorkspacesKeepTheirTokensApart(t *testing.T) {
	slack := slacktest.New()
	one := newClient(t, slack, wrapper.Options{})
	two := one.WithTokenSource(wrapper.StaticToken("xoxp-test-two"))
	for _, c := range []*wrapper.Client{one, two, one} {
		_, err := reset(t.Context(), c)
		require.NoError(t, err)
	}
	calls := slack.Calls()
	assert.Equal(t, []string{token, "xoxp-test-two", token}, []string{calls[0].Token, calls[1].Token, calls[2].Token})
}
