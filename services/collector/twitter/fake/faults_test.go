package fake

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const searchPath = "/2/tweets/search/recent"

func search(t *testing.T, s *Server) reply {
	t.Helper()
	return get(t, s, searchPath, "query", "canary")
}

func TestWhoIsLetIn(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name       string
		on, off    func()
		status     int
		want, have string
	}{
		{"wrong token", func() { s.SetToken("another") }, func() { s.SetToken(DefaultToken) }, 401, "Unauthorized", "title"}, //nolint:misspell // X's word
		{"not enrolled", func() { s.Expel(true) }, func() { s.Expel(false) }, 403, "client-not-enrolled", "reason"},
		{"suspended app", func() { s.SuspendApp(true) }, func() { s.SuspendApp(false) }, 403, "Forbidden", "title"},
		{"no credits", func() { s.Deplete(true) }, func() { s.Deplete(false) }, 402, "CreditsDepleted", "title"},
	} {
		tc.on()
		r := search(t, s)
		var body map[string]any
		if err := json.Unmarshal([]byte(r.text), &body); err != nil || r.status != tc.status || body[tc.have] != tc.want {
			t.Errorf("%s: %d %s", tc.name, r.status, r.text)
		}
		if r := get(t, s, "/2/tweets/search/stream"); r.status != tc.status {
			t.Errorf("%s: the stream answers %d", tc.name, r.status)
		}
		tc.off()
	}
	if r := search(t, s); r.status != 200 {
		t.Errorf("afterwards: %d", r.status)
	}
	if r := get(t, s, "/2/lists"); r.status != 404 {
		t.Errorf("unknown path: %d", r.status)
	}
}

func TestFaultsOnOrder(t *testing.T) {
	s := start(t, Options{})
	s.Post("invented_a", "canary")
	s.Fail("search.recent", 503, 2)
	s.HTML("search.recent", 0, 1)
	s.HTML("search.recent", 502, 1)
	s.Glued("search.recent", 1)
	s.Half("search.recent", 1)
	for i, want := range []struct {
		status int
		isJSON bool
	}{{503, true}, {503, true}, {200, false}, {502, false}, {200, false}, {200, false}, {200, true}} {
		r := search(t, s)
		if r.status != want.status || json.Valid([]byte(r.text)) != want.isJSON {
			t.Errorf("answer %d: %d %s", i, r.status, r.text)
		}
		if html := strings.HasPrefix(r.text, "<!DOCTYPE"); html != strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			t.Errorf("answer %d is %s", i, r.header.Get("Content-Type"))
		}
	}
	if n := s.Reads().Answered; n != 3 {
		t.Errorf("%d posts in answers", n)
	}
	s.Fail("", 500, -1)
	if r := get(t, s, "/2/usage/tweets"); r.status != 500 {
		t.Errorf("every method: %d", r.status)
	}
	s.Clear("")
	s.FailFor("usage", 500, time.Hour)
	if r := get(t, s, "/2/usage/tweets"); r.status != 500 {
		t.Errorf("for an hour: %d", r.status)
	}
	s.Clear("usage")
	s.FailFor("usage", 500, -time.Hour)
	if r := get(t, s, "/2/usage/tweets"); r.status != 200 {
		t.Errorf("an hour that is over: %d", r.status)
	}
}

// failing asks and returns the error.
func failing(t *testing.T, s *Server) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+rulesPath, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		res.Body.Close()
	}
	return err
}

func TestConnectionsThatEnd(t *testing.T) {
	s := start(t, Options{})
	s.Drop("rules.change", 1)
	if err := failing(t, s); !errors.Is(err, io.EOF) {
		t.Errorf("dropped: %v", err)
	}
	if calls := s.Calls(); len(calls) != 1 || calls[0].Status != 0 {
		t.Errorf("calls: %+v", calls)
	}
	s.Refuse(true)
	if err := failing(t, s); err == nil {
		t.Error("the network is not away")
	}
	s.Refuse(false)
	if err := failing(t, s); err != nil {
		t.Error(err)
	}
}

func TestHoldAndSlow(t *testing.T) {
	s := start(t, Options{})
	release := s.Hold("search.recent")
	done := make(chan reply)
	go func() { done <- search(t, s) }()
	if r := get(t, s, "/2/usage/tweets"); r.status != 200 {
		t.Errorf("another method: %d", r.status)
	}
	if s.Count("search.recent") != 0 {
		t.Error("a call that is held was noted")
	}
	release()
	if r := <-done; r.status != 200 {
		t.Errorf("released: %d", r.status)
	}
	s.Slow("search.recent", time.Millisecond, 1)
	if r := search(t, s); r.status != 200 {
		t.Errorf("slow: %d", r.status)
	}
	if err := s.WaitCalls(t.Context(), "search.recent", 2); err != nil {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	s := start(t, Options{})
	s.Limit("search.recent", 2, time.Hour)
	for i, want := range []int{200, 200, 429} {
		r := search(t, s)
		left := strconv.Itoa(max(0, 1-i))
		if r.status != want || r.header.Get("X-Rate-Limit-Limit") != "2" || r.header.Get("X-Rate-Limit-Remaining") != left {
			t.Errorf("call %d: %d %v", i, r.status, r.header)
		}
		if at := reset(t, r, "x-rate-limit-reset"); time.Until(at) < 59*time.Minute {
			t.Errorf("reset at %v", at)
		}
	}
	if err := CheckRates(s.Calls(), map[string][]Rate{"search.recent": {{Calls: 2, Window: time.Hour}}}); err == nil {
		t.Error("3 calls an hour pass as 2")
	}
	if err := CheckRates(s.Calls(), Rates()); err != nil {
		t.Error(err)
	}
	s.Limit("search.recent", 0, 0)
	s.TooMany("search.recent", 1, Reset{In: -time.Hour})
	if r := search(t, s); r.status != 429 || time.Until(reset(t, r, "x-rate-limit-reset")) > 0 {
		t.Errorf("in the past: %d %v", r.status, r.header)
	}
	s.TooMany("search.recent", 1, Reset{Absent: true})
	if r := search(t, s); r.status != 429 || r.header.Get("X-Rate-Limit-Reset") != "" {
		t.Errorf("absent: %d %v", r.status, r.header)
	}
	s.TooMany("usage", 1, Reset{In: time.Hour, Day: true})
	r := get(t, s, "/2/usage/tweets")
	if r.status != 429 || r.header.Get("X-Rate-Limit-Remaining") != "49" || time.Until(reset(t, r, "x-app-limit-24hour-reset")) < 59*time.Minute {
		t.Errorf("of the day: %d %v", r.status, r.header)
	}
	if r := get(t, s, "/2/tweets/search/all", "query", "canary"); r.status != 200 {
		t.Errorf("archive: %d", r.status)
	}
	if r := get(t, s, "/2/tweets/search/all", "query", "canary"); r.status != 429 {
		t.Errorf("archive, twice within a second: %d", r.status)
	}
}

func reset(t *testing.T, r reply, header string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(r.header.Get(header), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", header, err)
	}
	return time.Unix(n, 0)
}

func TestCallsAndReads(t *testing.T) {
	s := start(t, Options{Cap: 3})
	first := s.Post("invented_a", "canary")
	s.Quote("invented_b", first, "a second canary")
	get(t, s, searchPath, append(everything(), "query", "canary")...)
	get(t, s, searchPath, append(everything(), "query", "canary")...)
	get(t, s, "/2/tweets", "ids", first)
	get(t, s, "/2/tweets/counts/recent", "query", "canary")
	if r := s.Reads(); r.Posts != 2 || r.Users != 2 || r.Counts != 1 || r.Answered != 7 || len(r.PostsByDay) != 1 {
		t.Errorf("reads: %+v", r)
	}
	usage := get(t, s, "/2/usage/tweets").one(t)
	if usage["project_cap"] != "3" || usage["project_usage"] != "2" || usage["cap_reset_day"].(float64) < 1 {
		t.Errorf("usage: %v", usage)
	}
	s.Post("invented_a", "canary")
	search(t, s)
	if r := search(t, s); r.status != 429 || r.Title != "UsageCapExceeded" {
		t.Errorf("over the cap: %d %s", r.status, r.text)
	}
	calls := s.Calls()
	if c := calls[0]; c.Method != "search.recent" || c.Status != 200 || !c.Token || "http://"+c.Host != s.URL() || c.Query == 0 {
		t.Errorf("call: %+v", c)
	}
	if calls[0].Query != calls[1].Query || calls[0].Query == calls[2].Query {
		t.Error("hashes of queries do not tell them apart")
	}
	if p := truthOf(t, s, first); p.Served != Searched|LookedUp|Included {
		t.Errorf("served: %b", p.Served)
	}
	if err := CheckTokens(calls); err != nil {
		t.Error(err)
	}
	if err := CheckTokens([]Call{{Method: "storage.upload", Token: true}}); err == nil {
		t.Error("a token on its way to another host passes")
	}
}
