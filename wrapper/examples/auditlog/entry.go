package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// entry is what this program needs of an entry of the audit log.
// See https://docs.slack.dev/admins/audit-logs-api.
type entry struct {
	ID         string `json:"id"`
	DateCreate int64  `json:"date_create"` // Unix time
	Action     string `json:"action"`
	Actor      struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"actor"`
	Context struct {
		UA        string          `json:"ua"`
		IPAddress string          `json:"ip_address"`
		SessionID json.RawMessage `json:"session_id"`
	} `json:"context"`
}

func (e entry) time() time.Time { return time.Unix(e.DateCreate, 0).UTC() }

// when is the time for people; "" where the entry has none.
func (e entry) when() string {
	if e.DateCreate == 0 {
		return ""
	}
	return e.time().Format(time.RFC3339)
}

// user is who acted. Slack puts a placeholder where nobody did, or its own staff.
func (e entry) user() (string, error) {
	switch id := e.Actor.User.ID; id {
	case "":
		return "", errors.New("names no user")
	case "USLACKUSER", "USLACKSECURITY":
		return "", fmt.Errorf("names no user: %s stands for Slack itself", id)
	default:
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
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("session_id %s is not the ID of a session", raw)
	}
	return id, nil
}
