package fake

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Reads are the resources X would charge for: each post and each account once a
// UTC day, those that came along in includes as well.
type Reads struct {
	Posts, Users int
	Counts       int // requests for counts
	PostsByDay   map[string]int
	UsersByDay   map[string]int
	Answered     int // posts in answers, repeats and all
	Streamed     int // of these, sent on the stream
}

type reads struct {
	seen  map[readKey]struct{}
	total Reads
}

type readKey struct {
	day  int64
	id   int64
	user bool
}

func newReads() reads {
	return reads{seen: map[readKey]struct{}{}, total: Reads{PostsByDay: map[string]int{}, UsersByDay: map[string]int{}}}
}

// Reads is what was read since the start.
func (s *Server) Reads() Reads {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.reads.total
	r.PostsByDay, r.UsersByDay = maps.Clone(r.PostsByDay), maps.Clone(r.UsersByDay)
	return r
}

// bill charges for a post or an account.
func (r *reads) bill(at time.Time, id int64, user bool) {
	key := readKey{day: at.Unix() / 86400, id: id, user: user}
	if _, paid := r.seen[key]; paid {
		return
	}
	r.seen[key] = struct{}{}
	if user {
		r.total.Users++
		r.total.UsersByDay[at.UTC().Format(time.DateOnly)]++
	} else {
		r.billPost(at)
	}
}

// billPost charges for a post that cannot have been charged for that day.
func (r *reads) billPost(at time.Time) {
	r.total.Posts++
	r.total.PostsByDay[at.UTC().Format(time.DateOnly)]++
}

// month is how many posts were read in the month of a time.
func (r *reads) month(at time.Time) int {
	n := 0
	for day, posts := range r.total.PostsByDay {
		if strings.HasPrefix(day, at.UTC().Format("2006-01-")) {
			n += posts
		}
	}
	return n
}

// usage answers GET /2/usage/tweets.
func (s *Server) usage(*http.Request) answer {
	now := s.opts.Now().UTC()
	days := make([]any, 0, len(s.reads.total.PostsByDay))
	for day, n := range s.reads.total.PostsByDay {
		days = append(days, object{"date": day + "T00:00:00.000Z", "usage": strconv.Itoa(n)})
	}
	first := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return ok(object{"data": object{
		"project_id": "1", "project_cap": strconv.Itoa(s.opts.Cap), "project_usage": strconv.Itoa(s.reads.month(now)),
		"cap_reset_day": int(first.Sub(now).Hours()/24) + 1, "daily_project_usage": object{"project_id": "1", "usage": days},
	}})
}

// SetCap changes how many posts may be read a month.
func (s *Server) SetCap(posts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Cap = posts
}

// spent is the answer when the month's cap is read.
func (s *Server) spent() (answer, bool) {
	if s.reads.month(s.opts.Now()) < s.opts.Cap {
		return answer{}, false
	}
	return s.problem(http.StatusTooManyRequests, "usage-capped", "UsageCapExceeded", "Usage cap exceeded: Monthly product cap",
		object{"period": "Monthly", "scope": "Product"}), true
}
