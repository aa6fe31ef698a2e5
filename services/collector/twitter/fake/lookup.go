package fake

import (
	"net/http"
	"strings"
)

// most is how many ids or names one request may have.
const most = 100

// lookup answers GET /2/tweets?ids=.
func (s *Server) lookup(r *http.Request) answer {
	ids, refusal := s.list(r, "ids")
	if refusal != nil {
		return *refusal
	}
	return s.postsByID(r, ids, "ids")
}

// lookupOne answers GET /2/tweets/:id, where data is no list.
func (s *Server) lookupOne(r *http.Request) answer {
	a := s.postsByID(r, []string{r.PathValue("id")}, "id")
	if o, isObject := a.body.(object); isObject {
		if list, isList := o["data"].([]any); isList {
			o["data"] = list[0]
		}
	}
	return a
}

func (s *Server) postsByID(r *http.Request, ids []string, parameter string) answer {
	if a, spent := s.spent(); spent {
		return a
	}
	b, refusal := s.newBody(r.URL.Query(), LookedUp)
	if refusal != nil {
		return *refusal
	}
	for _, v := range ids {
		id, isID := parseID(v)
		if !isID {
			return s.invalid(parameter, v, "The value is not a valid id.")
		}
		p := s.posts[id]
		problem := NotFound
		if p != nil {
			problem = p.absence()
		}
		if problem != "" {
			p.tell(problem)
			b.errors = append(b.errors, s.partial(problem, s.words.post, parameter, v))
			continue
		}
		b.add(p)
	}
	return ok(b.whole(nil))
}

// list reads a list of 1 to 100 values.
func (s *Server) list(r *http.Request, parameter string) ([]string, *answer) {
	v := r.URL.Query().Get(parameter)
	values := strings.Split(v, ",")
	if v == "" || len(values) > most {
		return nil, new(s.invalid(parameter, v, "There must be 1 to 100 values."))
	}
	return values, nil
}

func (s *Server) usersByID(r *http.Request) answer   { return s.users(r, "ids", s.accountOfID) }
func (s *Server) usersByName(r *http.Request) answer { return s.users(r, "usernames", s.accountOfName) }

func (s *Server) userByID(r *http.Request) answer {
	return s.user(r, "id", r.PathValue("id"), s.accountOfID)
}

func (s *Server) userByName(r *http.Request) answer {
	return s.user(r, "username", r.PathValue("name"), s.accountOfName)
}

func (s *Server) accountOfID(v string) *account {
	id, _ := parseID(v)
	return s.accounts[id]
}

func (s *Server) accountOfName(v string) *account {
	for username, a := range s.usernames {
		if strings.EqualFold(username, v) {
			return a
		}
	}
	return nil
}

func (s *Server) users(r *http.Request, parameter string, find func(string) *account) answer {
	values, refusal := s.list(r, parameter)
	if refusal != nil {
		return *refusal
	}
	return s.usersOf(r, parameter, values, find)
}

func (s *Server) user(r *http.Request, parameter, value string, find func(string) *account) answer {
	a := s.usersOf(r, parameter, []string{value}, find)
	if o, isObject := a.body.(object); isObject {
		if list, isList := o["data"].([]any); isList {
			o["data"] = list[0]
		}
	}
	return a
}

func (s *Server) usersOf(r *http.Request, parameter string, values []string, find func(string) *account) answer {
	b, refusal := s.newBody(r.URL.Query(), 0)
	if refusal != nil {
		return *refusal
	}
	for _, v := range values {
		a := find(v)
		if a == nil || a.standing != Up {
			e := s.partial(NotFound, "user", parameter, v)
			if a != nil && a.standing == Suspended {
				e["title"], e["detail"] = "Forbidden", "User has been suspended: ["+v+"]."
			}
			b.errors = append(b.errors, e)
			continue
		}
		b.user(a)
	}
	// Accounts that were asked for are data, not includes.
	b.data, b.users = b.users, nil
	return ok(b.whole(nil))
}
