package previewtest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// perPage is how many posts a page lists.
const perPage = 20

// Post is a post as a test invents it. Only ID has to be set.
type Post struct {
	ID int
	// PostedAt is in seconds; zero is a day in 2020, a minute later for each ID.
	PostedAt time.Time
	Edited   bool
	// Text may have line breaks.
	Text string
	// Links stand behind the text, shown as they are.
	Links []string
	// Views is shown as it is; empty shows none.
	Views string
	// ForwardOf and ReplyTo name a post, as in "harbourwatch/7".
	ForwardOf, ReplyTo string
	// FromPerson forwards from somebody who hides.
	FromPerson bool
	// Items are the further numbers of an album of photos.
	Items []int
	Photo bool
	// Service is a message of Telegram's own.
	Service bool
}

// Server is a web of previews. It may be changed while it serves.
type Server struct {
	// URL is what to ask instead of https://t.me.
	URL string

	page *template.Template

	mu       sync.Mutex
	channels map[string]*channel
	status   int
	after    time.Duration
	requests int
}

// channel is what the web shows under a name.
type channel struct {
	name        string
	posts       []Post
	subscribers string
	hidden      bool
	id          int64
}

// New starts a Server, which ends with the test. A name that is not set has no
// preview.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		page:     template.Must(template.New("page").Parse(pageText)),
		channels: map[string]*channel{},
	}
	web := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(web.Close)
	s.URL = web.URL
	return s
}

// SetPosts sets all posts of a channel and gives it a preview.
func (s *Server) SetPosts(name string, posts []Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(name)
	c.hidden = false
	c.posts = slices.SortedFunc(slices.Values(posts), func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
}

// SetSubscribers sets the number of subscribers as it is shown, such as "1.2K".
func (s *Server) SetSubscribers(name, shown string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(name).subscribers = shown
}

// SetID sets the channel's own number, which each message then carries. 0 shows
// none.
func (s *Server) SetID(name string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(name).id = id
}

// Remove takes a post off its channel.
func (s *Server) Remove(name string, id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(name)
	c.posts = slices.DeleteFunc(c.posts, func(p Post) bool { return p.ID == id })
}

// NoPreview takes the preview of a channel away, as for a restricted one.
// SetPosts gives it back.
func (s *Server) NoPreview(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channel(name).hidden = true
}

// Fail makes all further answers have this status, with Retry-After where
// retryAfter is at least a second. 0 ends it. 200 answers with a captcha.
func (s *Server) Fail(status int, retryAfter time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.after = status, retryAfter
}

// Requests returns how many requests came so far.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Server) channel(name string) *channel {
	key := strings.ToLower(name)
	if s.channels[key] == nil {
		s.channels[key] = &channel{name: name, subscribers: "1.2K", hidden: true}
	}
	return s.channels[key]
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if s.status != 0 {
		if s.after >= time.Second {
			w.Header().Set("Retry-After", strconv.Itoa(int(s.after/time.Second)))
		}
		w.WriteHeader(s.status)
		_, _ = w.Write([]byte("<html><title>One moment</title><body>Are you a person?</body></html>"))
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/s/")
	c := s.channels[strings.ToLower(name)]
	if !ok || c == nil || c.hidden {
		w.Header().Set("Location", "https://t.me/"+name)
		w.WriteHeader(http.StatusFound)
		return
	}
	before, err := strconv.Atoi(r.URL.Query().Get("before"))
	if err != nil {
		before = 0
	}
	_ = s.page.Execute(w, c.page(before))
}

// page returns what to show: the last posts before a number, 0 being the end.
func (c *channel) page(before int) shown {
	posts := c.posts
	if before > 0 {
		posts = posts[:max(0, slices.IndexFunc(append(slices.Clone(posts), Post{ID: before}), func(p Post) bool { return p.ID >= before }))]
	}
	first := max(0, len(posts)-perPage)
	view := shown{Name: c.name, Subscribers: c.subscribers, Posts: posts[first:]}
	if c.id != 0 {
		view.View = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"c":%d}`, -c.id))
	}
	if first > 0 {
		view.Before = posts[first].ID
	}
	return view
}
