package fake

// State is what is or became of a post or an account, and the kind of an Event.
type State string

// States and events.
const (
	Posted      State = "posted"
	Edited      State = "edited"
	Deleted     State = "deleted"
	Suspended   State = "suspended"
	Deactivated State = "deactivated"
	Protected   State = "protected"
	Withheld    State = "withheld"   // in some countries; served, with their codes
	Restricted  State = "restricted" // answers a problem that was given by Answer
	Bounced     State = "bounced"    // deleted by X itself
	Up          State = "up"         // there, or there again
)

// The last path segments of the problems a resource answers with.
const (
	NotFound      = "resource-not-found"
	NotAuthorized = "not-authorized-for-resource"
	Disallowed    = "disallowed-resource"
	Unavailable   = "resource-unavailable"
)

// Delete deletes a post with all its versions and its reposts.
func (s *Server) Delete(id string) { s.delete(id, Deleted) }

// Bounce deletes a post as X itself does; compliance says bounced.
func (s *Server) Bounce(id string) { s.delete(id, Bounced) }

func (s *Server) delete(id string, kind State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.must(id)
	if p.thread.deleted {
		return
	}
	p.thread.deleted, p.thread.since = true, s.opts.Now()
	if kind == Bounced {
		s.posts[p.thread.versions[0]].reason = string(Bounced)
	}
	s.happen(Event{Kind: kind, Post: id, Account: name(p.account.id)})
}

// Withhold withholds a post in countries, two letters each; none ends it.
func (s *Server) Withhold(id string, countries ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.must(id)
	for _, v := range p.thread.versions {
		s.posts[v].withheld = countries
	}
	s.happen(Event{Kind: Withheld, Post: id, Account: name(p.account.id), Countries: countries})
}

// Answer has a post, in all its versions, answer a problem (Disallowed,
// Unavailable, ...) whatever its state; "" ends it. What cannot be looked up is
// not in search or timelines either.
func (s *Server) Answer(id, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.must(id)
	for _, v := range p.thread.versions {
		s.posts[v].problem = problem
	}
	kind := Restricted
	if problem == "" {
		kind = Up
	}
	s.happen(Event{Kind: kind, Post: id, Account: name(p.account.id), Problem: problem})
}

// state is what became of a post by itself, its author or the post it repeats.
func (p *post) state() State {
	switch {
	case p.thread.deleted:
		return Deleted
	case p.account.standing != Up:
		return p.account.standing
	case p.account.protected:
		return Protected
	case p.problem != "":
		return Restricted
	case p.original != nil && p.original.state() != Up:
		return Deleted
	default:
		return Up
	}
}

// absence is the problem a post answers with, "" if it is visible.
func (p *post) absence() string {
	switch p.state() {
	case Up:
		return ""
	case Restricted:
		return p.problem
	case Suspended, Protected:
		return NotAuthorized
	default:
		return NotFound
	}
}
