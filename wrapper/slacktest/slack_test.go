package slacktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

const (
	reset      = slacktest.MethodReset
	invalidate = slacktest.MethodInvalidate

	form     = "application/x-www-form-urlencoded"
	jsonUTF8 = "application/json; charset=utf-8"
)

// site is where a Slack is reached: in memory or over loopback.
type site struct {
	*http.Client
	base string
}

func inMemory(slack *slacktest.Slack) site {
	return site{&http.Client{Transport: slack}, "https://slack.com/api/"}
}

func overLoopback(t *testing.T, slack *slacktest.Slack) site {
	server := httptest.NewServer(slack)
	t.Cleanup(server.Close)
	return site{server.Client(), server.URL + "/"}
}

// both runs a test on a Slack in memory, then on another over loopback.
func both(t *testing.T, test func(t *testing.T, slack *slacktest.Slack, at site)) {
	t.Run("in memory", func(t *testing.T) {
		slack := slacktest.New()
		test(t, slack, inMemory(slack))
	})
	t.Run("over loopback", func(t *testing.T) {
		slack := slacktest.New()
		test(t, slack, overLoopback(t, slack))
	})
}

// request prepares a request with a good token. contentType "" leaves that header out.
func (s site) request(t *testing.T, method, contentType, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+method, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer xoxp-test-token")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// reply is what a test wants to see of what it got back.
type reply struct {
	status int
	header http.Header
	body   string

	OK       bool
	Error    string
	Needed   string
	Provided string
	Warning  string
	Metadata struct {
		Messages []string
		Warnings []string
	} `json:"response_metadata"`
}

func (s site) do(t *testing.T, req *http.Request) (reply, error) {
	t.Helper()
	resp, err := s.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	a := reply{status: resp.StatusCode, header: resp.Header, body: string(body)}
	if err == nil && json.Valid(body) {
		_ = json.Unmarshal(body, &a) // what is odd is in body
	}
	return a, err
}

func (s site) post(t *testing.T, method string, arguments url.Values) reply {
	t.Helper()
	a, err := s.do(t, s.request(t, method, form, arguments.Encode()))
	require.NoError(t, err)
	return a
}

func (s site) reset(t *testing.T, userID string) reply {
	t.Helper()
	return s.post(t, reset, url.Values{"user_id": {userID}})
}

func (s site) invalidate(t *testing.T, userID string, sessionID int64) reply {
	t.Helper()
	return s.post(t, invalidate, url.Values{"user_id": {userID}, "session_id": {strconv.FormatInt(sessionID, 10)}})
}

func TestANewSlackGrantsEveryWellFormedRequest(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		for range 2 {
			assert.Equal(t, `{"ok":true}`, at.reset(t, "W1").body)
			assert.Equal(t, `{"ok":true}`, at.invalidate(t, "W2", 847288190092).body)
		}
		assert.Nil(t, slack.Sessions("W1"))
	})
}

func TestTheBaseURLMayHaveAnyPath(t *testing.T) {
	slack := slacktest.New()
	for _, base := range []string{"https://slack.com/api/", "https://slack-gov.com/api/", "http://127.0.0.1/", "https://proxy.test/a/b/"} {
		at := site{&http.Client{Transport: slack}, base}
		assert.True(t, at.reset(t, "W1").OK, base)
	}
}

func TestOtherPathsAreUnknownMethods(t *testing.T) {
	both(t, func(t *testing.T, _ *slacktest.Slack, at site) {
		a := at.post(t, "admin.users.session.list", nil)
		assert.Equal(t, 200, a.status)
		assert.JSONEq(t, `{"ok":false,"error":"unknown_method","req_method":"admin.users.session.list"}`, a.body)
	})
}

func TestAnswersCarrySlacksHeaders(t *testing.T) {
	both(t, func(t *testing.T, slack *slacktest.Slack, at site) {
		slack.AddToken("xoxp-test-token", slacktest.Token{Scopes: []string{"admin.users:read", "admin.users:write"}})
		for _, id := range []string{"00000000000000000000000000000001", "00000000000000000000000000000002"} {
			h := at.reset(t, "W1").header
			assert.Equal(t, id, h.Get("X-Slack-Req-Id"))
			assert.Equal(t, "application/json; charset=utf-8", h.Get("Content-Type"))
			assert.Equal(t, "admin.users:read,admin.users:write", h.Get("X-OAuth-Scopes"))
			assert.Equal(t, "admin.users:write", h.Get("X-Accepted-OAuth-Scopes"))
		}
	})
}
