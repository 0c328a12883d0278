package slacktest

import "slices"

// User is somebody who can be signed out.
type User struct {
	ID           string    // W…, U…
	TeamID       string    // workspace that a team_id must match; "": any
	Bot          bool      // reset is refused with cannot_reset_bot
	PrimaryOwner bool      // refused with cannot_reset_primary_owner, cannot_invalidate_primary_owner
	Sessions     []Session // none: signed out already
}

// Session is a place where a user is signed in.
type Session struct {
	ID     int64
	Device Device
}

// Device is the kind of client that a session belongs to, as mobile_only and web_only tell them apart. With
// the zero value it is of no kind: of the two ways to reset, only a reset of all sessions ends it.
type Device string

// The kinds of clients. Slack does not say whether desktop apps are of kind Web.
const (
	Mobile Device = "mobile"
	Web    Device = "web"
)

// AddUser adds users, or signs them in again: a user of the same ID is replaced. Once a user was added,
// others are refused with user_not_found and their sessions with session_not_found; until then every
// request for a user or a session is granted.
func (s *Slack) AddUser(users ...User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		s.users = map[string]*User{}
	}
	for _, u := range users {
		u.Sessions = slices.Clone(u.Sessions)
		s.users[u.ID] = &u
	}
}

// Sessions returns the sessions that a user still has.
func (s *Slack) Sessions(userID string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.users[userID]; ok {
		return slices.Clone(u.Sessions)
	}
	return nil
}

// reset ends the sessions of a user, or returns the code of the refusal.
func (s *Slack) reset(c *Call) string {
	u := s.users[c.UserID]
	switch {
	case c.UserID == "":
		return "user_not_found"
	case len(s.users) == 0:
		return ""
	case u == nil:
		return "user_not_found"
	case u.Bot:
		return "cannot_reset_bot"
	case u.PrimaryOwner:
		return "cannot_reset_primary_owner"
	}
	c.Ended = u.end(func(n Session) bool {
		return (!c.MobileOnly || n.Device == Mobile) && (!c.WebOnly || n.Device == Web)
	})
	return ""
}

// invalidate ends one session, or returns the code of the refusal.
func (s *Slack) invalidate(c *Call) string {
	u := s.users[c.UserID]
	switch {
	case c.UserID == "" && c.TeamID == "":
		return "user_not_found"
	case len(s.users) == 0:
		return ""
	case c.UserID == "":
		if u = s.owner(c.SessionID, c.TeamID); u == nil {
			return "session_not_found"
		}
	case u == nil || !u.in(c.TeamID):
		return "user_not_found"
	}
	if u.PrimaryOwner {
		return "cannot_invalidate_primary_owner"
	}
	c.Ended = u.end(func(n Session) bool { return n.ID == c.SessionID })
	if c.Ended == 0 {
		return "session_not_found"
	}
	return ""
}

// owner finds whose session it is when Slack is told the workspace alone.
func (s *Slack) owner(sessionID int64, teamID string) *User {
	for _, u := range s.users {
		if u.in(teamID) && slices.ContainsFunc(u.Sessions, func(n Session) bool { return n.ID == sessionID }) {
			return u
		}
	}
	return nil
}

func (u *User) in(teamID string) bool {
	return teamID == "" || u.TeamID == "" || u.TeamID == teamID
}

// end ends the sessions that match and returns how many did.
func (u *User) end(match func(Session) bool) int {
	before := len(u.Sessions)
	u.Sessions = slices.DeleteFunc(u.Sessions, match)
	return before - len(u.Sessions)
}
