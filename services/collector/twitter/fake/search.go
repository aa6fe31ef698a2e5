package fake

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"
)

// What the two searches reach and take, in characters.
const (
	recent       = 7 * 24 * time.Hour
	usualArchive = 30 * 24 * time.Hour // without start_time and since_id
	recentQuery  = 512
	archiveQuery = 1024
)

func (s *Server) searchRecent(r *http.Request) answer {
	return s.search(r.URL.Query(), s.window(recentQuery), recentQuery)
}

func (s *Server) searchAll(r *http.Request) answer {
	return s.search(r.URL.Query(), s.window(archiveQuery), archiveQuery)
}

// window is what a search with so long queries reaches.
func (s *Server) window(longest int) bounds {
	now := s.opts.Now()
	b := bounds{smallest: 10, biggest: 500, usual: 10, newest: now.Add(-s.opts.SearchDelay)}
	if longest == recentQuery {
		// A minute of grace, for the time a request takes.
		b.biggest, b.oldest = 100, now.Add(-recent-time.Minute)
	}
	return b
}

// criteria reads the query and the window of search and counts.
func (s *Server) criteria(q url.Values, b bounds, longest int) (expression, paging, *answer) {
	query := q.Get("query")
	if n := utf8.RuneCountInString(query); n == 0 || n > longest {
		return nil, paging{}, new(s.invalid("query", query, "The query must have 1 to "+strconv.Itoa(longest)+" characters."))
	}
	e, err := readQuery(query)
	if err != nil {
		return nil, paging{}, new(s.invalid("query", query, "There were errors processing your request: "+err.Error()))
	}
	p, refusal := s.readPaging(q, b)
	if refusal != nil {
		return nil, paging{}, refusal
	}
	now := s.opts.Now()
	p.to = min(p.to, idOf(b.newest.Add(time.Millisecond)))
	switch {
	case longest == recentQuery:
		p.from = max(p.from, idOf(now.Add(-recent)))
	case p.from == 0: // neither since_id nor start_time
		p.from = idOf(now.Add(-usualArchive))
	}
	return e, p, nil
}

// search returns posts that match, newest first: the last version of each, and
// no reposts.
func (s *Server) search(q url.Values, b bounds, longest int) answer {
	if a, spent := s.spent(); spent {
		return a
	}
	e, p, refusal := s.criteria(q, b, longest)
	if refusal != nil {
		return *refusal
	}
	answer, refusal := s.newBody(q, Searched)
	if refusal != nil {
		return *refusal
	}
	if s.faults.empty > 0 {
		s.faults.empty--
		p.empty = true
	}
	return answer.page(s.found(s.order, p, searched(e)), p)
}

// searched says whether search has a post.
func searched(e expression) func(*post) bool {
	return func(p *post) bool {
		if p.original != nil || !p.latest() {
			return false
		}
		if p.subject == nil {
			p.subject = newSubject(p, false)
		}
		return e.matches(p.subject)
	}
}
