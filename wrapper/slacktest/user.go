package slacktest

import "slices"

// User is somebody who can be signed out.
type User struct {
	ID           string    // as Slack writes it: W… or U…
	TeamID       string    // a team_id must be the same; "" goes with any
	Bot          bool      // reset is refused with cannot_reset_bot
	PrimaryOwner bool      // refused with cannot_reset_primary_owner or cannot_invalidate_primary_owner
	Sessions     []Session // none: the user is signed out
}

// Session is a place where a user is signed in.
type Session struct {
	ID     int64
	Device Device
}

// Device is the kind of client that a session belongs to: mobile_only ends sessions of kind Mobile, web_only
// those of kind Web. A session with the zero Device is of no kind; neither of the two ends it.
type Device string

// The kinds of clients. Slack does not say to which kind its desktop apps belong.
const (
	Mobile Device = "mobile"
	Web    Device = "web"
)

// AddUser adds users. A user of the same ID is replaced, and so is signed in again.
//
// Until the first user is added, every request for a user or a session is granted. From then on both methods
// refuse an unknown user with user_not_found. Invalidate refuses with session_not_found if the user is known
// and does not have the session, and if a team_id is given alone and nobody in that workspace has it.
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

// Sessions returns the sessions that a user still has, nil for an unknown user.
func (s *Slack) Sessions(userID string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.users[userID]; ok {
		return slices.Clone(u.Sessions)
	}
	return nil
}

// reset carries out a request, or returns the code of its refusal.
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

// invalidate carries out a request, or returns the code of its refusal.
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

// owner finds whose session it is when the request names the workspace alone, nil if it is nobody's.
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

// end ends the sessions of a user that meet the request's conditions, and returns how many did.
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
