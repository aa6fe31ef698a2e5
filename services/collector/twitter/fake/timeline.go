package fake

import (
	"net/http"
	"slices"
	"strings"
)

// timeline answers GET /2/users/:id/tweets: posts, replies and reposts of an
// account, newest first, the newest 3,200 of them.
func (s *Server) timeline(r *http.Request) answer {
	if a, spent := s.spent(); spent {
		return a
	}
	q := r.URL.Query()
	b, refusal := s.newBody(q, OnTimeline)
	if refusal != nil {
		return *refusal
	}
	p, refusal := s.readPaging(q, bounds{smallest: 5, biggest: 100, usual: 10})
	if refusal != nil {
		return *refusal
	}
	a := s.accountOfID(r.PathValue("id"))
	if problem := a.absence(); problem != "" {
		return s.inside(problem, "user", r.PathValue("id"))
	}
	exclude := strings.Split(oldSpelling(q.Get("exclude")), ",")
	reach := a.posts[max(0, len(a.posts)-s.opts.TimelineLimit):]
	return b.page(s.found(reach, p, func(p *post) bool {
		left := p.original != nil && slices.Contains(exclude, "retweets") || p.replyTo != 0 && slices.Contains(exclude, "replies")
		return !left
	}), p)
}

// absence is the problem a path with the account answers, "" if it is visible.
func (a *account) absence() string {
	switch {
	case a == nil || a.standing == Deactivated:
		return NotFound
	case a.standing == Suspended || a.protected:
		return NotAuthorized
	}
	return ""
}

// quotes answers GET /2/tweets/:id/quote_tweets.
func (s *Server) quotes(r *http.Request) answer {
	return s.shares(r, 10, func(t *thread) []int64 { return t.quotes })
}

// reposts answers GET /2/tweets/:id/retweets: reposts as posts, with their times.
func (s *Server) reposts(r *http.Request) answer {
	return s.shares(r, 1, func(t *thread) []int64 { return t.reposts })
}

func (s *Server) shares(r *http.Request, smallest int, of func(*thread) []int64) answer {
	if a, spent := s.spent(); spent {
		return a
	}
	q := r.URL.Query()
	b, refusal := s.newBody(q, AsShare)
	if refusal != nil {
		return *refusal
	}
	page, refusal := s.readPaging(q, bounds{smallest: smallest, biggest: 100, usual: 10})
	if refusal != nil {
		return *refusal
	}
	p, problem := s.postOfPath(r)
	if problem != "" {
		return s.inside(problem, s.words.post, r.PathValue("id"))
	}
	return b.page(s.found(of(p.thread), page, (*post).latest), page)
}

func (s *Server) postOfPath(r *http.Request) (*post, string) {
	id, _ := parseID(r.PathValue("id"))
	p := s.posts[id]
	if p == nil {
		return nil, NotFound
	}
	return p, p.absence()
}

// reposters answers GET /2/tweets/:id/retweeted_by: accounts without times.
func (s *Server) reposters(r *http.Request) answer {
	q := r.URL.Query()
	b, refusal := s.newBody(q, 0)
	if refusal != nil {
		return *refusal
	}
	page, refusal := s.readPaging(q, bounds{smallest: 1, biggest: 100, usual: 100})
	if refusal != nil {
		return *refusal
	}
	p, problem := s.postOfPath(r)
	if problem != "" {
		return s.inside(problem, s.words.post, r.PathValue("id"))
	}
	ids := s.found(p.thread.reposts, page, (*post).latest)
	meta := object{}
	if n := min(page.size, s.opts.PageLimit); len(ids) > n {
		ids = ids[:n]
		meta["next_token"] = token(ids[n-1])
	}
	for _, id := range ids {
		b.user(s.posts[id].account)
	}
	b.data, b.users = b.users, nil
	meta["result_count"] = len(b.data)
	return ok(b.whole(meta))
}
