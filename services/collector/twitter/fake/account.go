package fake

import (
	"fmt"
	"time"
)

// AccountSpec is an account to open. What is left out is made up.
type AccountSpec struct {
	ID        string // numeric
	Username  string // the handle, without @
	Name      string
	Created   time.Time
	Followers int
	Protected bool
}

type account struct {
	id        int64
	spec      AccountSpec
	standing  State // up, or what became of the account
	protected bool
	since     time.Time // when standing or protection changed last
	withheld  []string  // countries
	posts     []int64   // ids of latest versions and of reposts, rising
}

// firstAccount is the id of the first account that was given none.
const firstAccount = 7000001

// Account opens an account and returns its id. Where a method asks for an
// account, its id or its username will do; a username nobody has opens one.
func (s *Server) Account(spec AccountSpec) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return name(s.open(spec).id)
}

func (s *Server) open(spec AccountSpec) *account {
	id, ok := parseID(spec.ID)
	if spec.ID != "" && !ok {
		panic("fake: the id of an account must be a number")
	}
	if spec.ID == "" {
		id = firstAccount + int64(len(s.accounts))
	}
	if spec.Username == "" {
		spec.Username = fmt.Sprintf("account%d", id)
	}
	if s.accounts[id] != nil || s.usernames[spec.Username] != nil {
		panic("fake: there is such an account already")
	}
	if spec.Name == "" {
		spec.Name = "Invented " + spec.Username
	}
	if spec.Created.IsZero() {
		spec.Created = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if spec.Followers == 0 {
		spec.Followers = 100
	}
	a := &account{id: id, spec: spec, standing: Up, protected: spec.Protected}
	s.accounts[id], s.usernames[spec.Username] = a, a
	return a
}

// account finds an account by id or username, or opens one of that username.
func (s *Server) account(key string) *account {
	if id, ok := parseID(key); ok {
		if a := s.accounts[id]; a != nil {
			return a
		}
		panic("fake: there is no account of this id")
	}
	if a := s.usernames[key]; a != nil {
		return a
	}
	return s.open(AccountSpec{Username: key})
}

// Suspend suspends an account: its posts answer not-authorized-for-resource,
// itself resource-not-found, compliance says suspended.
func (s *Server) Suspend(account string) { s.setStanding(account, Suspended) }

// Deactivate is an owner who leaves: all answers resource-not-found.
func (s *Server) Deactivate(account string) { s.setStanding(account, Deactivated) }

// Restore ends Suspend and Deactivate.
func (s *Server) Restore(account string) { s.setStanding(account, Up) }

func (s *Server) setStanding(key string, standing State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(key)
	if a.standing != standing {
		a.standing, a.since = standing, s.opts.Now()
		s.happen(Event{Kind: standing, Account: name(a.id)})
	}
}

// Protect makes posts of an account visible to its followers only: they answer
// not-authorized-for-resource, and neither search nor stream has them.
func (s *Server) Protect(account string) { s.setProtected(account, true) }

// Unprotect ends Protect.
func (s *Server) Unprotect(account string) { s.setProtected(account, false) }

func (s *Server) setProtected(key string, protected bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(key)
	if a.protected == protected {
		return
	}
	a.protected, a.since = protected, s.opts.Now()
	kind := Protected
	if !protected {
		kind = Up
	}
	s.happen(Event{Kind: kind, Account: name(a.id)})
}

// WithholdAccount withholds an account in countries, two letters each; none
// ends it.
func (s *Server) WithholdAccount(account string, countries ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(account)
	a.withheld = countries
	s.happen(Event{Kind: Withheld, Account: name(a.id), Countries: countries})
}

// Rename gives an account another username; the old one is free.
func (s *Server) Rename(account, username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(account)
	delete(s.usernames, a.spec.Username)
	a.spec.Username = username
	s.usernames[username] = a
}
