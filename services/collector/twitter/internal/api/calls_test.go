package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestEachCallAsksForWhatItSays(t *testing.T) {
	var asked atomic.Pointer[http.Request]
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r)
		io.WriteString(w, `{"data":{"id":"5","status":"created","project_cap":"10","project_usage":3,"cap_reset_day":"7"}}`)
	})
	g := &gate{}
	c := open(t, s.URL, through(g))
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
	search := api.Search{Query: "example (a OR b)", SinceID: "1", UntilID: "9", From: at, To: at, NextToken: "next", Max: 50}
	wanted := url.Values{
		"query": {"example (a OR b)"}, "since_id": {"1"}, "until_id": {"9"}, "next_token": {"next"}, "max_results": {"50"},
		"start_time": {"2026-01-02T02:04:05Z"}, "end_time": {"2026-01-02T02:04:06Z"},
	}

	page := url.Values{"since_id": {"1"}, "until_id": {"9"}, "pagination_token": {"next"}, "max_results": {"100"}}
	for _, one := range []struct {
		method, path string
		query        url.Values
		call         func(context.Context) error
	}{
		{"search.recent", "GET /2/tweets/search/recent", wanted, func(ctx context.Context) error { _, err := c.SearchRecent(ctx, search); return err }},
		{"search.all", "GET /2/tweets/search/all", wanted, func(ctx context.Context) error { _, err := c.SearchAll(ctx, search); return err }},
		{"posts", "GET /2/tweets", url.Values{"ids": {"1,2"}}, func(ctx context.Context) error { _, err := c.Posts(ctx, []string{"1", "2"}); return err }},
		{"users", "GET /2/users", url.Values{"ids": {"1"}}, func(ctx context.Context) error { _, err := c.Users(ctx, []string{"1"}); return err }},
		{"users", "GET /2/users/by", url.Values{"usernames": {"a_b"}}, func(ctx context.Context) error { _, err := c.UsersByName(ctx, []string{"a_b"}); return err }},
		{"timeline", "GET /2/users/5/tweets", page, func(ctx context.Context) error {
			_, err := c.Timeline(ctx, "5", api.Page{SinceID: "1", UntilID: "9", NextToken: "next"})
			return err
		}},
		{"quotes", "GET /2/tweets/5/quote_tweets", url.Values{"max_results": {"100"}}, func(ctx context.Context) error { _, err := c.Quotes(ctx, "5", ""); return err }},
		{"reposts", "GET /2/tweets/5/retweets", url.Values{"max_results": {"100"}, "pagination_token": {"n"}}, func(ctx context.Context) error { _, err := c.Reposts(ctx, "5", "n"); return err }},
		{"rules.change", "POST /2/tweets/search/stream/rules", nil, func(ctx context.Context) error { return c.DeleteRules(ctx, []string{"5"}) }},
		{"connections", "DELETE /2/connections/all", nil, c.DropConnections},
		{"usage", "GET /2/usage/tweets", nil, func(ctx context.Context) error {
			used, err := c.Usage(ctx)
			if diff := cmp.Diff(api.Used{Cap: 10, Posts: 3, ResetDay: 7}, used); diff != "" {
				t.Error(diff)
			}
			return err
		}},
		{"compliance", "POST /2/compliance/jobs", nil, func(ctx context.Context) error { _, err := c.CreateJob(ctx, "name"); return err }},
		{"compliance", "GET /2/compliance/jobs/5", nil, func(ctx context.Context) error { _, err := c.Job(ctx, "5"); return err }},
	} {
		g.turns = nil
		if err := one.call(t.Context()); err != nil {
			t.Errorf("%s: %v", one.path, err)
			continue
		}
		r := asked.Load()
		query := r.URL.Query()
		for _, key := range []string{"tweet.fields", "user.fields", "media.fields", "expansions"} {
			query.Del(key)
		}
		if got := r.Method + " " + r.URL.Path; got != one.path || len(query)+len(one.query) > 0 && !cmp.Equal(query, one.query) {
			t.Errorf("asked for %s with %v, want %s with %v", got, query, one.path, one.query)
		}
		if r.Header.Get("Authorization") != "Bearer "+token || r.UserAgent() != "doxtrail" || r.Header.Get("Accept") != "application/json" {
			t.Errorf("%s: header is %v", one.path, r.Header)
		}
		if diff := cmp.Diff([]string{one.method}, g.turns); diff != "" {
			t.Errorf("%s: turns: %s", one.path, diff)
		}
	}
}

func TestFieldsThatTheLibraryDoesNotKnowAreAskedForInTheSpellingOfTheServer(t *testing.T) {
	for _, spelling := range []string{"tweet", "post"} {
		var requests atomic.Int32
		other := map[string]string{"tweet": "post", "post": "tweet"}[spelling]
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			query := r.URL.Query()
			fields := query.Get(spelling + ".fields")
			if query.Has(other+".fields") || !strings.Contains(fields, "note_"+spelling) || !strings.Contains(fields, "edit_history_"+spelling+"_ids") {
				w.WriteHeader(400)
				fmt.Fprintf(w, `{"errors":[{"parameters":{"%s.fields":["x"]},"message":"no"}],"title":"Invalid Request"}`, other)
				return
			}
			if !strings.Contains(query.Get("expansions"), "referenced_"+spelling+"s.id.author_id") || !strings.Contains(query.Get("user.fields"), "verified_type") {
				t.Errorf("query is %v", query)
			}
			io.WriteString(w, "{}")
		})
		c := open(t, s.URL)
		for range 2 {
			if _, err := c.Posts(t.Context(), []string{"1"}); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.Reposts(t.Context(), "1", ""); err != nil {
			t.Error(err)
		}
		if n := requests.Load(); n != map[string]int32{"tweet": 3, "post": 4}[spelling] {
			t.Errorf("%s: %d requests", spelling, n)
		}
	}
}

func TestAServerThatKnowsNeitherSpellingIsAskedTwice(t *testing.T) {
	s := serve(t, text(400, `{"errors":[{"parameters":{"expansions":["x"]}}]}`))
	g := &gate{}
	_, err := open(t, s.URL, through(g)).Posts(t.Context(), []string{"1"})
	is(t, err, api.Refused)
	if len(g.turns) != 2 {
		t.Errorf("%d requests", len(g.turns))
	}
}

func TestWhatIsNoIDIsNotAskedFor(t *testing.T) {
	g := &gate{}
	c := open(t, "http://127.0.0.1:1", through(g))
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"post":     func() error { _, err := c.Posts(ctx, []string{"1/../../x"}); return err },
		"no post":  func() error { _, err := c.Posts(ctx, nil); return err },
		"posts":    func() error { _, err := c.Posts(ctx, make([]string, 101)); return err },
		"user":     func() error { _, err := c.Users(ctx, []string{"x"}); return err },
		"name":     func() error { _, err := c.UsersByName(ctx, []string{"a,b"}); return err },
		"timeline": func() error { _, err := c.Timeline(ctx, "", api.Page{}); return err },
		"quotes":   func() error { _, err := c.Quotes(ctx, "1?", ""); return err },
		"reposts":  func() error { _, err := c.Reposts(ctx, "示", ""); return err },
		"query":    func() error { _, err := c.SearchRecent(ctx, api.Search{}); return err },
		"text":     func() error { _, err := c.SearchAll(ctx, api.Search{Query: "\xff"}); return err },
		"since":    func() error { _, err := c.SearchAll(ctx, api.Search{Query: "x", SinceID: "x"}); return err },
		"job":      func() error { _, err := c.Job(ctx, "x"); return err },
		"rule":     func() error { _, err := c.AddRules(ctx, []api.Rule{{}}); return err },
		"rules":    func() error { return c.DeleteRules(ctx, []string{"x"}) },
		"upload":   func() error { return c.Upload(ctx, api.Job{UploadURL: "http://storage.example/x"}, http.NoBody) },
		"results":  func() error { _, err := collect(c, "file:///etc/hosts"); return err },
	} {
		if err := call(); api.KindOf(err) != api.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(g.turns) > 0 {
		t.Errorf("turns were taken: %v", g.turns)
	}
}

func TestOfOneMethodOneCallIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "https://api.example", over(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return answer(r, 200, strings.NewReader("{}")), nil
		}))
		began := time.Now()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := c.Posts(t.Context(), []string{"2"}); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() { c.Users(t.Context(), []string{"2"}) }) // methods do not wait for each other
		}
		time.Sleep(time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Posts(ctx, []string{"2"}); err != context.DeadlineExceeded { //nolint:errorlint // it is this one
			t.Errorf("a call that waits for others: %v", err)
		}
		all.Wait()
		if took := time.Since(began); took != 8*time.Second {
			t.Errorf("8 calls of a second each took %v", took)
		}
	})
}

func TestARequestIsSentOnce(t *testing.T) {
	var requests atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1)%2 == 0 {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "{}")
	})
	g := &gate{}
	c := open(t, s.URL, through(g))
	for range 10 {
		c.Posts(t.Context(), []string{"1"})
	}
	if got := int(requests.Load()); got != len(g.turns) {
		t.Errorf("%d requests in %d turns", got, len(g.turns))
	}
}

func TestTheTokenStaysWithTheAPI(t *testing.T) {
	for _, bad := range []string{"http://api.example", "https://", "https://a@api.example", "https://api.example/2", "ftp://127.0.0.1", "\x00"} {
		if _, err := api.New(api.Config{URL: bad, Token: func() (string, error) { return token, nil }, Gate: &gate{}}); err == nil || strings.Contains(err.Error(), "api.example") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"", "https://api.example/", "http://[::1]:80", "http://localhost:1"} {
		if _, err := api.New(api.Config{URL: good, Token: func() (string, error) { return token, nil }, Gate: &gate{}}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || r.Method == http.MethodGet && r.URL.Path != "/file" {
			t.Errorf("%s %s came with %v", r.Method, r.URL.Path, r.Header)
		}
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	c := open(t, s.URL)
	for range 2 {
		_, err := c.Posts(t.Context(), []string{"1"})
		is(t, err, api.Redirect)
		is(t, c.DropConnections(t.Context()), api.Redirect)
		_, err = c.Stream(t.Context())
		is(t, err, api.Redirect)
	}
	if err := c.Upload(t.Context(), api.Job{UploadURL: other.URL + "/up"}, strings.NewReader("1\n")); err != nil {
		t.Error(err)
	}
	if _, err := collect(c, other.URL+"/file"); err != nil {
		t.Error(err)
	}
}

func TestWhatWasAskedForIsNotPrinted(t *testing.T) {
	for _, secret := range []any{
		api.Search{Query: "anna"},
		api.Rule{Value: "anna"},
		[]api.Rule{{Value: "anna"}},
		api.RefusedRule{Value: "anna"},
		api.RuleAnswer{Refused: []api.RefusedRule{{Value: "anna"}}},
		api.Job{UploadURL: "anna"},
		api.Page{NextToken: "anna"},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if said := fmt.Sprintf(verb, secret); strings.Contains(said, "anna") {
				t.Errorf("%T as %s: %s", secret, verb, said)
			}
		}
	}
}
