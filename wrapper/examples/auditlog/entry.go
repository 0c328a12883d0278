package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// entry is what this program needs of an entry of the audit log.
// See https://docs.slack.dev/admins/audit-logs-api.
type entry struct {
	ID         string          `json:"id"`
	DateCreate json.RawMessage `json:"date_create"` // Unix time
	Action     string          `json:"action"`
	Actor      struct {
		User struct {
			ID    string `json:"id"`
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"user"`
	} `json:"actor"`
	Context struct {
		UA        string          `json:"ua"`
		IPAddress string          `json:"ip_address"`
		SessionID json.RawMessage `json:"session_id"`
	} `json:"context"`

	at     place
	broken error // a field has another JSON type than Slack gives it, and is empty here

	// What parse makes of the fields above.
	time       time.Time
	timeForm   string // form of DateCreate; "" for seconds
	timeErr    error
	session    int64
	sessionErr error
	userErr    error // what is wrong with Actor.User.ID
}

// parse reads the fields whose text may be wrong.
func (e *entry) parse(at place) {
	e.at = at
	e.time, e.timeForm, e.timeErr = unixTime(string(e.DateCreate))
	e.session, e.sessionErr = sessionID(string(e.Context.SessionID))
	e.userErr = checkUser(e.Actor.User.ID)
}

var (
	errNoSession = errors.New("names no session")
	errNoUser    = errors.New("names no user")
)

// unnamed reports whether an entry names neither a user nor a session, so that nothing could end even if it matched.
func (e *entry) unnamed() bool {
	return e.broken == nil && errors.Is(e.userErr, errNoUser) && errors.Is(e.sessionErr, errNoSession)
}

// when returns the time for people, or what the entry has in its place.
func (e *entry) when() string {
	switch {
	case errors.Is(e.timeErr, errNoTime):
		return ""
	case e.timeErr != nil:
		return fmt.Sprintf("%.60s", e.DateCreate)
	}
	return e.time.Format(time.RFC3339)
}

// checkUser checks the ID of the user who acted. Slack puts a placeholder there if the actor is Slack itself.
func checkUser(id string) error {
	switch id {
	case "":
		return fmt.Errorf("%w; an app has no session to end, otherwise look up who acted", errNoUser)
	case "USLACKUSER", "USLACKSECURITY":
		return fmt.Errorf("%w: %s stands for Slack itself", errNoUser, id)
	}
	if known, err := runner.UserID(id); err != nil || known != id {
		return fmt.Errorf("names no user: actor.user.id %.40q is no user ID, such as W0123456789", id)
	}
	return nil
}

// sessionID reads a session_id. Slack gives it as a string; a number is as good.
func sessionID(text string) (int64, error) {
	if text == "" || text == "null" || text == `""` {
		return 0, errNoSession
	}
	id, err := wholeNumber(strings.Trim(text, `"`))
	switch {
	case errors.Is(err, errRounded):
		return 0, fmt.Errorf("session_id %.60s is rounded; export it as text, with all its digits", text)
	case err != nil || id <= 0:
		return 0, fmt.Errorf("session_id %.60s is not the ID of a session", text)
	}
	return id, nil
}
