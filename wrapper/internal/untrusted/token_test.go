package untrusted_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/internal/untrusted"
)

const token = untrusted.Token("xoxp-test/1")

func TestATokenIsHiddenHoweverJSONSpellsIt(t *testing.T) {
	for body, want := range map[string]string{
		`{"ok":true}`:                       `{"ok":true}`,
		`{"a":"xoxp-test/1"}`:               `{"a":"[token]"}`,
		`{"xoxp-test/1":1}`:                 `{"[token]":1}`,
		`"xoxp-test/1xoxp-test/1"`:          `"[token][token]"`,
		`"a xoxp-test/1, xoxp-test/2"`:      `"a [token], xoxp-test/2"`,
		`"xoxp-xoxp-test/1"`:                `"xoxp-[token]"`,
		`"xoxp-test\/1"`:                    `"[token]"`,
		`"\u0078oxp\u002dtest\u002F1"`:      `"[token]"`,
		`"\u0078\u006F\u0078p-test/\u0031"`: `"[token]"`,
		`"\n\u0078oxp-test/1"`:              `"\n[token]"`,
		`"\\xoxp-test/1"`:                   `"\\[token]"`,
		`"\\\u0078oxp-test/1"`:              `"\\[token]"`,
		`"\\u0078oxp-test/1"`:               `"\\u0078oxp-test/1"`, // reads \u0078oxp-test/1
		`"xoxp-test\\/1"`:                   `"xoxp-test\\/1"`,
		`"\u0078oxp-test"`:                  `"\u0078oxp-test"`,
		`"\u1078oxp-test/1"`:                `"\u1078oxp-test/1"`,
		`<a href=xoxp-test/1>`:              `<a href=[token]>`,
		`C:\xoxp-test/1`:                    `C:\[token]`,
		`\n\\xoxp-test/1`:                   `\n\\[token]`,
		`\\\xoxp-test/1`:                    `\\\[token]`,
		`"\u00`:                             `"\u00`,
		`\`:                                 `\`,
		``:                                  ``,
	} {
		assert.Equal(t, want, string(token.HideInJSON([]byte(body))), "%s", body)
	}
}

func TestATokenThatLooksLikeJSONIsHiddenInStringsAlone(t *testing.T) {
	for token, cases := range map[untrusted.Token]map[string]string{
		"1234567890":    {`{"a":1234567890,"b":"1234567890"}`: `{"a":1234567890,"b":"[token]"}`, `{"a":1234567890`: `{"a":[token]`},
		`":true,"abc`:   {`{"a":true,"abc":"\":true,\"abc"}`: `{"a":true,"abc":"[token]"}`},
		`u0078u0078u`:   {`"\u0078u0078u"`: `"\u0078u0078u"`, `"u0078u0078u"`: `"[token]"`},
		`true,"token`:   {`{"a":true,"token":1}`: `{"a":true,"token":1}`},
		"xoxp-test\\/1": {`"xoxp-test\\\/1"`: `"[token]"`},
	} {
		for body, want := range cases {
			assert.Equal(t, want, string(token.HideInJSON([]byte(body))), "%s in %s", token, body)
		}
	}
}

func TestATokenThatMightBeAWordIsHiddenNowhere(t *testing.T) {
	const short = untrusted.Token(`"ok":true`)
	assert.Equal(t, `{"ok":true}`, string(short.HideInJSON([]byte(`{"ok":true}`))))
	assert.Equal(t, "of ok", untrusted.Token("ok").HideIn("of ok"))
	assert.Empty(t, untrusted.Token("").HideIn(""))
}

func TestATokenIsHiddenInHeaders(t *testing.T) {
	h := http.Header{"A": {"x", "Bearer xoxp-test/1"}, "B": nil}
	assert.Equal(t, http.Header{"A": {"x", "Bearer [token]"}, "B": nil}, token.HideInHeader(h))
	assert.Nil(t, token.HideInHeader(nil))
}

func TestWhatOthersWroteIsOneShortLine(t *testing.T) {
	for s, want := range map[string]string{
		"user_not_found":          "user_not_found",
		"größer als 1":            "größer als 1",
		"two\nlines":              `"two\nlines"`,
		"\x1b[31mred":             `"\x1b[31mred"`,
		"\u202eleft":              `"\u202eleft"`,
		"\xff":                    `"\xff"`,
		strings.Repeat("x", 200):  strings.Repeat("x", 200),
		strings.Repeat("x", 201):  strings.Repeat("x", 200) + "…",
		strings.Repeat("ü", 1000): strings.Repeat("ü", 100) + "…",
		strings.Repeat("€", 1000): strings.Repeat("€", 66) + "…",
	} {
		assert.Equal(t, want, untrusted.Printable(s))
	}
}

// FuzzHideInJSON: what is valid stays valid, and nobody who reads it finds the token.
func FuzzHideInJSON(f *testing.F) {
	for _, s := range []string{`{"a":"xoxp-test/1"}`, `["\u0078oxp-test\/1","\\u0078oxp-test/1"]`, `"\\xoxp-test/1"`, `{"xoxp-test/1":0}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		hidden := token.HideInJSON(body)
		require.Equal(t, json.Valid(body), json.Valid(hidden))
		var before, after any
		if json.Unmarshal(body, &before) != nil {
			return
		}
		require.NotContains(t, string(hidden), string(token))
		require.NoError(t, json.Unmarshal(hidden, &after))
		require.Equal(t, hideIn(before), after)
	})
}

// hideIn is a decoded value without the token.
func hideIn(v any) any {
	switch v := v.(type) {
	case string:
		return token.HideIn(v)
	case []any:
		for i := range v {
			v[i] = hideIn(v[i])
		}
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, value := range v {
			m[token.HideIn(name)] = hideIn(value)
		}
		return m
	}
	return v
}
