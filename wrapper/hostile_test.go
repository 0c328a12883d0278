package wrapper_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

func TestWhatACauseSaysIsPrintableShortAndWithoutTheToken(t *testing.T) {
	for name, cause := range map[string]error{
		"escape sequences": errors.New("x509: certificate is valid for \x1b[31mevil\r\nname"),
		"8 MB":             fmt.Errorf("malformed HTTP status code %q", strings.Repeat("x\x00", 4<<20)),
		"the token":        errors.New("malformed HTTP response: " + token),
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			observe := wrapper.LogAttempts(slog.New(slog.NewTextHandler(&log, nil)))
			c := newClient(t, transportFunc(func(*http.Request) (*http.Response, error) { return nil, cause }), wrapper.Options{Retry: never, Observe: observe})
			_, err := reset(t.Context(), c)
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), strings.TrimSuffix(log.String(), "\n")} {
				assert.Less(t, len(text), 4096)
				assert.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
				assert.NotContains(t, text, token)
			}
			assert.ErrorIs(t, err, cause, "whoever wants it whole")
		})
	}
}

func TestTheTokenIsInNoPartOfAnAnswer(t *testing.T) {
	escaped := `\u0078oxp\u002Dtest-planted-token`
	for name, a := range map[string]slacktest.Answer{
		"response": body(`{"ok":true,"a":"`+token+`","b":"`+escaped+`","c":"\\`+token+`"}`).With("X-Echo", token),
		"refusal":  body(`{"ok":false,"error":"invalid_auth","a":"`+escaped+`","warning":"`+token+`"}`).With("X-Echo", "Bearer "+token),
		"page":     answer(403, "<p>"+token).With("X-Echo", token),
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := answerTo(t, a)
			var shown string
			if resp != nil {
				shown = fmt.Sprint(string(resp.Raw), resp.Fields(), resp.Header, resp.Warnings)
				require.NotNil(t, resp.Fields())
			} else {
				var e *wrapper.Error
				require.ErrorAs(t, err, &e)
				shown = fmt.Sprint(string(e.Raw), e.Header, e.Warnings, e)
				assert.NotEmpty(t, e.Raw)
			}
			assert.NotContains(t, shown, token)
			assert.NotContains(t, shown, escaped)
			assert.Contains(t, shown, "[token]")
		})
	}
}

func TestARefusalTellsAllThatCame(t *testing.T) {
	_, err := answerTo(t, answer(403, "<p>the proxy says no"+strings.Repeat(" ", 1e5)).With("X-Slack-Req-Id").With("X-Slack-Unique-Id", "u1"))
	var e *wrapper.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "u1", e.RequestID)
	assert.Len(t, e.Raw, 64<<10)
	assert.Contains(t, string(e.Raw), "the proxy says no")

	_, err = answerTo(t, body(`{"ok":false,"error":"not_allowed_token_type","warning":"missing_charset","response_metadata":{"warnings":["missing_charset","b"]}}`))
	require.ErrorAs(t, err, &e)
	assert.Equal(t, []string{"missing_charset", "b"}, e.Warnings)
	assert.NotEmpty(t, e.Header)
	assert.NoError(t, e.Err)
}

// answersOfAMiB are what takes the longest to read.
func answersOfAMiB() map[string]string {
	fill := func(head, each, tail string) string {
		return head + strings.Repeat(each, (mib-len(head)-len(tail)-1)/len(each)) + tail
	}
	var warnings strings.Builder
	for i := 0; warnings.Len() < mib-100; i++ {
		fmt.Fprintf(&warnings, "w%d,", i)
	}
	return map[string]string{
		"distinct warnings": `{"ok":true,"warning":"` + warnings.String() + `"}`,
		"messages":          fill(`{"ok":false,"error":"x","response_metadata":{"messages":["`, `a","`, `"]}}`),
		"fields":            fill(`{"ok":true`, `,"a":1`, `}`),
		"escapes":           fill(`{"ok":true,"a":"`, `\u0078`, `"}`),
		"nesting":           `{"ok":true,"a":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"half a token":      fill(`{"ok":true,"a":"`, token[:len(token)-1], `"}`),
	}
}

func TestAnAnswerOfAMiBHasBoundedLists(t *testing.T) {
	for name, text := range answersOfAMiB() {
		resp, err := answerTo(t, body(text))
		if err != nil {
			var e *wrapper.Error
			require.ErrorAs(t, err, &e, name)
			assert.LessOrEqual(t, len(e.Messages), 100, name)
			continue
		}
		assert.LessOrEqual(t, len(resp.Warnings), 100, name)
	}
}

func BenchmarkAnswerOfAMiB(b *testing.B) {
	for name, text := range answersOfAMiB() {
		b.Run(name, func(b *testing.B) {
			slack := slacktest.New()
			slack.KeepCalls(0)
			slack.Respond(func(slacktest.Call) slacktest.Answer { return body(text) })
			c := newClient(b, slack, wrapper.Options{Retry: never})
			for b.Loop() {
				_, _ = reset(context.Background(), c)
			}
		})
	}
}
