package fake

import (
	"net/http"
	"net/url"
	"slices"
	"time"
)

func (s *Server) countRecent(r *http.Request) answer {
	return s.count(r.URL.Query(), s.window(recentQuery), recentQuery)
}

func (s *Server) countAll(r *http.Request) answer {
	return s.count(r.URL.Query(), s.window(archiveQuery), archiveQuery)
}

// countPage is how much time a page of counts covers.
const countPage = 31 * 24 * time.Hour

// count counts posts that match in spans of time, and only the last 31 days of
// them on one page.
func (s *Server) count(q url.Values, b bounds, longest int) answer {
	s.reads.total.Counts++
	e, p, refusal := s.criteria(q, b, longest)
	if refusal != nil {
		return *refusal
	}
	span, known := map[string]time.Duration{"": time.Hour, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[q.Get("granularity")]
	if !known {
		return s.invalid("granularity", q.Get("granularity"), "The value is not one of minute, hour, day.")
	}
	from, to := timeOf(p.from), timeOf(p.to)
	if p.below > 0 {
		to = timeOf(p.below)
	}
	meta := object{}
	if first := to.Add(-countPage); first.After(from) {
		from = first
		meta["next_token"] = token(idOf(from))
	}
	counts := map[time.Time]int{}
	total := 0
	fits := searched(e)
	first, _ := slices.BinarySearch(s.order, max(p.from, idOf(from)))
	last, _ := slices.BinarySearch(s.order, min(p.to, idOf(to)))
	for _, id := range s.order[first:max(first, last)] {
		if p := s.posts[id]; p.absence() != "" || !fits(p) {
			continue
		}
		counts[timeOf(id).Truncate(span)]++
		total++
	}
	var data []any
	for at := from.Truncate(span); at.Before(to); at = at.Add(span) {
		start, end := at, at.Add(span)
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		data = append(data, object{"start": stamp(start), "end": stamp(end), s.words.count: counts[at]})
	}
	meta[s.words.total] = total
	return ok(object{"data": data, "meta": meta})
}
