package main

import "fmt"

// claim notes whose session an entry names.
func (p *plan) claim(e entry) {
	user, userErr := e.user()
	id, sessionErr := e.session()
	if userErr != nil || sessionErr != nil {
		return
	}
	if owner, known := p.owner[id]; !known {
		p.owner[id] = user
	} else if owner != user {
		p.rivals = append(p.rivals, e)
	}
}

// settle puts entries on the list that name another user for a session that is to end than the first one does, whether or
// not they match.
func (p *plan) settle() {
	for _, e := range p.rivals {
		if id, _ := e.session(); p.listed[id] {
			p.doubt(e, fmt.Sprintf("names session %d, which another entry says is of %s", id, p.owner[id])+p.remedy(e))
		}
	}
}

// doubt puts an entry on the list for which no call is made, once.
func (p *plan) doubt(e entry, why string) {
	if e.ID != "" && p.doubted[e.ID] {
		return
	}
	p.doubted[e.ID] = true
	id := e.ID
	if id == "" {
		id = e.at.line
	}
	p.doubts = append(p.doubts, item{
		ID:      id,
		Name:    e.Actor.User.Name,
		Address: e.Actor.User.Email,
		Label:   fmt.Sprintf("%.60s  %-12.40s", id, e.Actor.User.ID),
		Skip:    "doubtful",
		Why:     why,
		Columns: e.columns(""),
	})
}

// remedy says how to end the session that an entry does not name.
func (p *plan) remedy(e entry) string {
	user, err := e.user()
	if err != nil {
		return ""
	}
	p.noSession[user]++
	return "; to end all sessions of the user: " + p.signout + user
}
