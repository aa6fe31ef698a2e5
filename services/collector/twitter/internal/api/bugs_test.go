package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// What go-twitter v2.1.5 does to calls that are no stream, each beside what is done
// about it: the naive half of a test fails once the library is mended, and then
// what is done about it can go.

type naiveBearer struct{}

func (naiveBearer) Add(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }

// naive is the library as its own examples use it.
func naive(t *testing.T, host string) *twitter.Client {
	t.Helper()
	own := &http.Transport{}
	t.Cleanup(own.CloseIdleConnections)
	return &twitter.Client{Authorizer: naiveBearer{}, Client: &http.Client{Transport: own}, Host: host}
}

func TestB8AnEmptyPageIsAPage(t *testing.T) {
	const empty = `{"meta":{"result_count":0}}`
	s := serve(t, text(200, empty))
	library := naive(t, s.URL)
	found, err := library.TweetSearch(t.Context(), "example", twitter.TweetSearchOpts{})
	if err != nil || found.Raw != nil {
		t.Errorf("the library's search is mended: %v", err)
	}
	quotes, err := library.QuoteTweetsLookup(t.Context(), "1", twitter.QuoteTweetsLookupOpts{})
	if err != nil || quotes.Raw != nil {
		t.Errorf("the library's quotes are mended: %v", err)
	}
	c := open(t, s.URL)
	for name, ask := range map[string]func() ([]byte, error){
		"search":  func() ([]byte, error) { return c.SearchAll(t.Context(), api.Search{Query: "example"}) },
		"quotes":  func() ([]byte, error) { return c.Quotes(t.Context(), "1", "") },
		"reposts": func() ([]byte, error) { return c.Reposts(t.Context(), "1", "") },
	} {
		if body, err := ask(); err != nil || string(body) != empty {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
}

func TestB9OnePostThatIsGoneIsToldOf(t *testing.T) {
	const gone = `{"errors":[{"resource_id":"1","type":"https://api.x.com/2/problems/resource-not-found"}]}`
	var asked atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Path + "?ids=" + r.URL.Query().Get("ids"))
		io.WriteString(w, gone)
	})
	found, err := naive(t, s.URL).TweetLookup(t.Context(), []string{"1"}, twitter.TweetLookupOpts{})
	if err != nil || len(found.Raw.Tweets) != 1 || found.Raw.Tweets[0] != nil {
		t.Fatalf("the library is mended: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the library's dictionaries are mended")
			}
		}()
		found.Raw.TweetDictionaries()
	}()
	body, err := open(t, s.URL).Posts(t.Context(), []string{"1"})
	if err != nil || string(body) != gone || asked.Load() != "/2/tweets?ids=1" {
		t.Errorf("%q, %v, asked for %v", body, err, asked.Load())
	}
}

func TestB10RulesAreAddedWithStatus200(t *testing.T) {
	s := serve(t, text(200, `{"data":[{"id":"1","value":"example","tag":"wl:1:v1"}],"meta":{"summary":{"created":1,"not_created":0}}}`))
	if _, err := naive(t, s.URL).TweetSearchStreamAddRule(t.Context(), []twitter.TweetSearchStreamRule{{Value: "example"}}, false); err == nil {
		t.Error("the library is mended")
	}
	answer, err := open(t, s.URL).AddRules(t.Context(), []api.Rule{{Value: "example", Tag: "wl:1:v1"}})
	if err != nil || len(answer.Created) != 1 || answer.Created[0] != (api.Rule{ID: "1", Value: "example", Tag: "wl:1:v1"}) {
		t.Errorf("answer %d created, %v", len(answer.Created), err)
	}
}

func TestB11ComplianceCallsHaveTheToken(t *testing.T) {
	var had atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		had.Store(r.Header.Get("Authorization"))
		io.WriteString(w, `{"data":{"id":"1","status":"created"}}`)
	})
	library, c := naive(t, s.URL), open(t, s.URL)
	for name, call := range map[string]struct{ theirs, ours func() error }{
		"create": {
			func() error {
				_, err := library.CreateComplianceBatchJob(t.Context(), twitter.ComplianceBatchJobTypeTweets, twitter.CreateComplianceBatchJobOpts{})
				return err
			},
			func() error { _, err := c.CreateJob(t.Context(), ""); return err },
		},
		"look": {
			func() error { _, err := library.ComplianceBatchJob(t.Context(), "1"); return err },
			func() error { _, err := c.Job(t.Context(), "1"); return err },
		},
	} {
		if err := call.theirs(); err != nil || had.Load() != "" {
			t.Errorf("%s: the library is mended: %v", name, err)
		}
		if err := call.ours(); err != nil || had.Load() != "Bearer "+token {
			t.Errorf("%s: header %v, %v", name, had.Load(), err)
		}
	}
}

func TestB12ResultsMayBeSplitByLineFeeds(t *testing.T) {
	const line = `{"id":"1","action":"delete","reason":"deleted","created_at":"2020-01-02T03:04:05Z"}` + "\n"
	var at string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/results" {
			io.WriteString(w, line+line)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"id": "1", "status": "complete", "download_url": at + "/results"}})
	})
	at = s.URL
	job, err := naive(t, s.URL).ComplianceBatchJob(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Raw.Job.Download(t.Context()); err == nil {
		t.Error("the library is mended")
	}
	results, err := collect(open(t, s.URL), at+"/results")
	if err != nil || len(results) != 2 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

func collect(c *api.Client, at string) (results []api.ComplianceResult, err error) {
	for r, e := range c.Results(context.Background(), api.Job{DownloadURL: at}) {
		if e != nil {
			return results, e
		}
		results = append(results, r)
	}
	return results, nil
}

func TestB13ChineseQueriesAreCountedInCharacters(t *testing.T) {
	query := strings.Repeat("示", 512)
	var asked atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Query().Get("query"))
		io.WriteString(w, `{}`)
	})
	if _, err := naive(t, s.URL).TweetRecentSearch(t.Context(), strings.Repeat("示", 200), twitter.TweetRecentSearchOpts{}); err == nil {
		t.Error("the library is mended")
	}
	c := open(t, s.URL)
	if _, err := c.SearchRecent(t.Context(), api.Search{Query: query}); err != nil || asked.Load() != query {
		t.Errorf("512 characters: %v", err)
	}
	_, err := c.SearchRecent(t.Context(), api.Search{Query: query + "示"})
	is(t, err, api.Refused)
	if _, err := c.SearchAll(t.Context(), api.Search{Query: query + query}); err != nil || asked.Load() != query+query {
		t.Errorf("1,024 characters: %v", err)
	}
	long := open(t, s.URL, func(cfg *api.Config) { cfg.QueryLimit = 4096 })
	if _, err := long.SearchAll(t.Context(), api.Search{Query: strings.Repeat(query, 8)}); err != nil {
		t.Errorf("4,096 characters: %v", err)
	}
}

func TestB14ErrorsDoNotHoldTheQuery(t *testing.T) {
	s := serve(t, text(404, "<html>not here</html>"))
	_, err := naive(t, s.URL).TweetRecentSearch(t.Context(), "anna.example", twitter.TweetRecentSearchOpts{})
	if err == nil || !strings.Contains(err.Error(), "anna.example") {
		t.Errorf("the library is mended: %v", err)
	}
	_, err = open(t, s.URL).SearchRecent(t.Context(), api.Search{Query: "anna.example"})
	if err == nil || strings.Contains(err.Error(), "anna") || strings.Contains(err.Error(), "http") || strings.Contains(err.Error(), "not here") {
		t.Errorf("error is %v", err)
	}
	is(t, err, api.NotJSON)
}
