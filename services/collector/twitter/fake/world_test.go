package fake

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestManyAtOnce(t *testing.T) {
	s := start(t, Options{StreamBuffer: 4})
	s.Limit("stream", 0, 0)
	s.Limit("search.recent", 0, 0)
	rulesOf(t, s, "canary", "wl:1:v1")
	seen := &sync.Map{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var reading, writing sync.WaitGroup
	reading.Go(func() {
		for ctx.Err() == nil {
			s.followOnce(ctx, t, seen)
		}
	})
	for _, who := range []string{"invented_a", "invented_b"} {
		writing.Go(func() {
			for i := range 40 {
				id := s.Post(who, "canary")
				s.Repost("invented_c", id)
				switch i % 4 {
				case 0:
					s.Edit(id, "canary again")
				case 1:
					s.Delete(id)
				case 2:
					s.CutStream()
				}
				s.Truth()
			}
		})
	}
	writing.Wait()
	cancel()
	reading.Wait()
	found, _ := walk(t, s, searchPath, "query", "canary", "max_results", "100")
	for _, id := range found {
		seen.Store(id, true)
	}
	for _, p := range s.Truth().Posts {
		_, got := seen.Load(p.ID)
		latest := p.Versions[len(p.Versions)-1] == p.ID
		if len(p.Matched) != 1 {
			t.Errorf("a post matched %d rules", len(p.Matched))
		}
		if p.Kind == "post" && p.State == Up && latest && !got {
			t.Error("a post that is up is neither in search nor on the stream")
		}
		if got && p.Served == 0 {
			t.Error("the truth does not know of a post that was served")
		}
	}
}

// followOnce reads one stream, if there is one, to its end.
func (s *Server) followOnce(ctx context.Context, t *testing.T, seen *sync.Map) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/2/tweets/search/stream", nil)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header = bearer()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // cut off, or the test is over
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	for line := range strings.Lines(string(text)) {
		if _, rest, ok := strings.Cut(line, `"id":"`); ok && strings.HasSuffix(line, "\r\n") {
			id, _, _ := strings.Cut(rest, `"`)
			seen.Store(id, true)
		}
	}
}

func TestAPostIsPaidOnceADay(t *testing.T) {
	var days atomic.Int64
	begun := time.Date(2026, 8, 30, 12, 0, 0, 0, time.UTC)
	s := start(t, Options{Now: func() time.Time { return begun.AddDate(0, 0, int(days.Load())) }})
	id := s.Post("invented_a", "canary")
	for range 3 { // the third is in another month
		get(t, s, "/2/tweets", "ids", id)
		get(t, s, "/2/tweets", "ids", id)
		days.Add(1)
	}
	days.Add(-1)
	if r := s.Reads(); r.Posts != 3 || len(r.PostsByDay) != 3 || r.PostsByDay["2026-08-31"] != 1 {
		t.Errorf("got %+v", r)
	}
	if u := get(t, s, "/2/usage/tweets").one(t); u["project_usage"] != "1" || u["cap_reset_day"] != 30.0 {
		t.Errorf("got %v", u)
	}
	if e := s.Truth().Events[0]; e.Kind != Posted || e.Post != id || !e.At.Equal(begun) {
		t.Errorf("got %+v", e)
	}
}

func TestEventsTellWhatHappened(t *testing.T) {
	s := start(t, Options{})
	id := s.Post("invented_a", "canary")
	a := s.Truth().Accounts[0].ID
	s.Withhold(s.Edit(id, "canary again"), "DE")
	s.WithholdAccount(a, "FR")
	s.Suspend(a)
	s.Suspend(a)
	s.Restore(a)
	s.Protect(a)
	s.Delete(id)
	s.Delete(id)
	var kinds []string
	for _, e := range s.Truth().Events {
		kinds = append(kinds, string(e.Kind))
		if e.Account != a || e.At.IsZero() {
			t.Errorf("event: %+v", e)
		}
	}
	if got := strings.Join(kinds, " "); got != "posted edited withheld withheld suspended up protected deleted" {
		t.Errorf("got %s", got)
	}
	truth := s.Truth()
	if acc := truth.Accounts[0]; !acc.Protected || acc.Standing != Up || len(acc.Withheld) != 1 || acc.Username != "invented_a" {
		t.Errorf("account: %+v", acc)
	}
	if p := truth.Posts[0]; p.State != Deleted || p.First != id || len(p.Versions) != 2 || len(p.Withheld) != 1 {
		t.Errorf("post: %+v", p)
	}
}

func TestRedirectsLeadElsewhere(t *testing.T) {
	s := start(t, Options{})
	s.Redirect("usage", s.StorageURL()+"/upload/1", 1)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/2/usage/tweets", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = bearer()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if to, err := res.Location(); err != nil || res.StatusCode != 307 || !strings.HasPrefix(to.String(), s.StorageURL()) {
		t.Errorf("status %d to %v, %v", res.StatusCode, to, err)
	}
}

func TestCloseEndsWhatWaits(t *testing.T) {
	s := start(t, Options{})
	rulesOf(t, s, "canary", "")
	l := listen(t, s)
	s.StallStream()
	s.Hold("usage")
	held := make(chan struct{})
	go func() {
		defer close(held)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/2/usage/tweets", nil)
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
	}()
	s.Close()
	<-held
	if _, err := l.raw(); err == nil {
		t.Error("the stream goes on")
	}
}
