package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	broken error // why it could be read in part only
}

// read completes an entry that was decoded with err. What can be read of a broken one is kept: it may show that the
// entry is not meant.
func (e *entry) read(at place, err error) {
	e.at = at
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		e.broken = fmt.Errorf("is no entry of the audit log but of JSON type %s", wrong.Value)
	case errors.As(err, &wrong):
		e.broken = fmt.Errorf("has a %s of JSON type %s, which Slack's entries do not", strings.TrimPrefix(wrong.Field, "entry."), wrong.Value)
	case err != nil:
		e.broken = err
	case e.Action == "":
		e.broken = errors.New("names no action")
	}
}

// errNoTime is that of an entry without a date_create.
var errNoTime = errors.New("has no time")

// farFuture is the year 2100 as a Unix time. What is later is no number of seconds, likely one of milliseconds.
const farFuture = 4102444800

// dateError is that of an entry whose date_create is no number of seconds.
type dateError struct{ text string }

func (e *dateError) Error() string { return e.text }

func dateErrorf(format string, args ...any) error { return &dateError{fmt.Sprintf(format, args...)} }

// time is when the action was done.
func (e entry) time() (time.Time, error) {
	text := string(e.DateCreate)
	if text == "" || text == "null" || text == "0" {
		return time.Time{}, errNoTime
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text[0] == '"':
		return time.Time{}, dateErrorf("has the text %.60s as date_create, and Slack a number of seconds since 1970", text)
	case err != nil:
		return time.Time{}, dateErrorf("has %.60s as date_create, which is no whole number of seconds since 1970", text)
	case seconds < 0:
		return time.Time{}, dateErrorf("has the date_create %d, a time before 1970", seconds)
	case seconds >= farFuture:
		return time.Time{}, dateErrorf("has the date_create %d, which is in the far future: it looks like milliseconds, and Slack's are seconds", seconds)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// when is the time for people, or what the entry has in its place.
func (e entry) when() string {
	t, err := e.time()
	switch {
	case errors.Is(err, errNoTime):
		return ""
	case err != nil:
		return fmt.Sprintf("%.60s", e.DateCreate)
	}
	return t.Format(time.RFC3339)
}

// user is who acted. Slack puts a placeholder where nobody did, or its own staff.
func (e entry) user() (string, error) {
	switch id := e.Actor.User.ID; id {
	case "":
		return "", errors.New("names no user")
	case "USLACKUSER", "USLACKSECURITY":
		return "", fmt.Errorf("names no user: %s stands for Slack itself", id)
	default:
		if known, err := runner.UserID(id); err != nil || known != id {
			return "", fmt.Errorf("names no user: actor.user.id %.40q is no user ID, such as W0123456789", id)
		}
		return id, nil
	}
}

// session is in which session the user acted. The API gives its ID as a string; a number is as good.
func (e entry) session() (int64, error) {
	raw := e.Context.SessionID
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
		return 0, errors.New("names no session")
	}
	text := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return 0, err
		}
	}
	id, err := wholeNumber(text)
	switch {
	case errors.Is(err, errRounded):
		return 0, fmt.Errorf("session_id %.60s is rounded; export it as text, with all its digits", raw)
	case err != nil || id <= 0:
		return 0, fmt.Errorf("session_id %.60s is not the ID of a session", raw)
	}
	return id, nil
}
