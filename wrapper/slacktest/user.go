package slacktest

import "slices"

// User is a member of the organisation.
type User struct {
	ID           string    // in Slack's form: W… or U…
	TeamID       string    // the team_id of a request must be the same; "" matches any
	Bot          bool      // reset is refused with cannot_reset_bot
	PrimaryOwner bool      // refused with cannot_reset_primary_owner or cannot_invalidate_primary_owner
	Sessions     []Session // empty: the user is signed out
}

// Session is a place where a user is signed in.
type Session struct {
	ID     int64
	Device Device
}

// Device is the kind of client that a session belongs to: mobile_only ends the sessions of kind Mobile, web_only
// those of kind Web. Neither of the two ends a session with the zero Device.
type Device string

// The kinds of clients. Slack does not document the kind of its desktop apps.
const (
	Mobile Device = "mobile"
	Web    Device = "web"
)

// AddUser adds users. It replaces a user with the same ID, who is then signed in again.
//
// Until the first user is added, the Slack grants requests for any user and any session. From then on both methods
// refuse an unknown user with user_not_found. Invalidate refuses a session that the user does not have with
// session_not_found; if team_id is given without user_id, a session that nobody in that workspace has.
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

// Sessions returns the sessions that a user has left, nil for an unknown user.
func (s *Slack) Sessions(userID string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.users[userID]; ok {
		return slices.Clone(u.Sessions)
	}
	return nil
}

// reset carries out a request and returns "", or returns the code of its refusal.
func (s *Slack) reset(r *request) string {
	u := s.users[r.call.UserID]
	switch {
	case r.call.UserID == "":
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
	r.end(u)
	return ""
}

// invalidate carries out a request and returns "", or returns the code of its refusal.
func (s *Slack) invalidate(r *request) string {
	u := s.users[r.call.UserID]
	switch {
	case r.call.UserID == "" && r.call.TeamID == "":
		return "user_not_found"
	case len(s.users) == 0:
		return ""
	case r.call.UserID == "":
		u = s.owner(r)
	case u == nil || !u.in(r.call.TeamID):
		return "user_not_found"
	}
	if u != nil && u.PrimaryOwner {
		return "cannot_invalidate_primary_owner"
	}
	if u == nil || r.end(u) == 0 {
		return "session_not_found"
	}
	return ""
}

// owner returns the user whose session meets the request's conditions, nil if there is none.
func (s *Slack) owner(r *request) *User {
	for _, u := range s.users {
		if slices.ContainsFunc(u.Sessions, func(n Session) bool { return r.ends(u, n) }) {
			return u
		}
	}
	return nil
}

func (u *User) in(teamID string) bool {
	return teamID == "" || u.TeamID == "" || u.TeamID == teamID
}

// end ends the sessions of a user that meet the request's conditions, and returns their number.
func (r *request) end(u *User) int {
	before := len(u.Sessions)
	u.Sessions = slices.DeleteFunc(u.Sessions, func(n Session) bool { return r.ends(u, n) })
	r.call.Ended = before - len(u.Sessions)
	return r.call.Ended
}

// ends reports whether a session meets all conditions of the request.
func (r *request) ends(u *User, n Session) bool {
	return !slices.ContainsFunc(r.conditions, func(met condition) bool { return !met(u, n) })
}
