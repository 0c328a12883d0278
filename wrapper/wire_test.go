package wrapper_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

func TestWhatGoesOverTheWire(t *testing.T) {
	everyone := func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789"})
	}
	mobile := func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.ResetSessions(ctx, wrapper.ResetOptions{UserID: "W0123456789", MobileOnly: true})
	}
	one := func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.InvalidateSession(ctx, wrapper.InvalidateOptions{SessionID: 847288190092, UserID: "W0123456789"})
	}
	old := func(ctx context.Context, c *wrapper.Client) (*wrapper.Response, error) {
		return c.InvalidateSession(ctx, wrapper.InvalidateOptions{SessionID: 847288190092, TeamID: "T0123456789"})
	}
	const form, json = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, row := range []struct {
		name        string
		encoding    wrapper.Encoding
		call        func(context.Context, *wrapper.Client) (*wrapper.Response, error)
		path        string
		contentType string
		body        string
	}{
		{"reset", wrapper.Form, everyone, "/api/admin.users.session.reset", form, "user_id=W0123456789"},
		{"reset", wrapper.JSON, everyone, "/api/admin.users.session.reset", json, `{"user_id":"W0123456789"}`},
		{"mobile", wrapper.Form, mobile, "/api/admin.users.session.reset", form, "mobile_only=true&user_id=W0123456789"},
		{"mobile", wrapper.JSON, mobile, "/api/admin.users.session.reset", json, `{"mobile_only":true,"user_id":"W0123456789"}`},
		{"invalidate", wrapper.Form, one, "/api/admin.users.session.invalidate", form, "session_id=847288190092&user_id=W0123456789"},
		{"invalidate", wrapper.JSON, one, "/api/admin.users.session.invalidate", json, `{"session_id":847288190092,"user_id":"W0123456789"}`},
		{"old", wrapper.Form, old, "/api/admin.users.session.invalidate", form, "session_id=847288190092&team_id=T0123456789"},
		{"old", wrapper.JSON, old, "/api/admin.users.session.invalidate", json, `{"session_id":847288190092,"team_id":"T0123456789"}`},
	} {
		t.Run(row.name+", "+row.contentType, func(t *testing.T) {
			var got *http.Request
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				_, _ = w.Write([]byte(`{"ok":true}`))
			}))
			defer server.Close()
			c, err := wrapper.New(wrapper.StaticToken("xoxp-test-wire"), wrapper.Options{
				BaseURL: server.URL + "/api/", Encoding: row.encoding,
			})
			require.NoError(t, err)
			_, err = row.call(t.Context(), c)
			require.NoError(t, err)

			assert.Equal(t, http.MethodPost, got.Method)
			assert.Equal(t, row.path, got.URL.String())
			assert.Equal(t, row.body, string(body))
			assert.Regexp(t, `^slack-admin-sessions/\S+$`, got.UserAgent())
			got.Header.Del("User-Agent")
			got.Header.Del("Content-Length")
			assert.Equal(t, http.Header{
				"Authorization": {"Bearer xoxp-test-wire"},
				"Content-Type":  {row.contentType},
			}, got.Header)
		})
	}
}
