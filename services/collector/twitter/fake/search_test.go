package fake

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// walk reads all pages and returns ids and how many pages there were.
func walk(t *testing.T, s *Server, path string, parameters ...string) (ids []string, pages int) {
	t.Helper()
	next := []string{}
	for pages < 100 {
		r := get(t, s, path, append(parameters, next...)...)
		if r.status != 200 {
			t.Fatalf("%s: %d %s", path, r.status, r.text)
		}
		pages++
		ids = append(ids, r.ids(t)...)
		if r.Meta.Count != len(r.ids(t)) {
			t.Errorf("result_count %d of %d", r.Meta.Count, len(r.ids(t)))
		}
		if r.Meta.Next == "" {
			return ids, pages
		}
		next = []string{"next_token", r.Meta.Next}
	}
	t.Fatal("there is no last page")
	return nil, 0
}

func TestSearchPages(t *testing.T) {
	s := start(t, Options{})
	var want []string
	for i := range 35 {
		want = append(want, s.Post("invented_a", "canary "+strconv.Itoa(i), ago(time.Hour-time.Duration(i)*time.Second)))
	}
	slices.Reverse(want)
	s.Post("invented_a", "canary of last month", ago(20*24*time.Hour))
	s.Post("invented_a", "something else")
	s.Repost("invented_b", want[0])
	ids, pages := walk(t, s, "/2/tweets/search/recent", "query", "canary", "max_results", "10")
	if diff := cmp.Diff(want, ids); diff != "" || pages != 4 {
		t.Errorf("%d pages, %s", pages, diff)
	}
	s.EmptyPages(1)
	first := get(t, s, "/2/tweets/search/recent", "query", "canary")
	if first.Meta.Next == "" || first.Meta.Count != 0 || first.Data != nil {
		t.Errorf("empty page: %s", first.text)
	}
	second := get(t, s, "/2/tweets/search/recent", "query", "canary", "next_token", first.Meta.Next)
	if diff := cmp.Diff(want[:10], second.ids(t)); diff != "" {
		t.Error(diff)
	}
	if second.Meta.Newest != want[0] || second.Meta.Oldest != want[9] {
		t.Errorf("meta: %+v", second.Meta)
	}
	r := get(t, s, "/2/tweets/search/recent", "query", "canary", "since_id", want[20], "until_id", want[15], "max_results", "100")
	if diff := cmp.Diff(want[16:20], r.ids(t)); diff != "" {
		t.Error(diff)
	}
	from, to := timeOf(mustID(t, want[20])), timeOf(mustID(t, want[15]))
	r = get(t, s, "/2/tweets/search/recent", "query", "canary", "start_time", from.Format(time.RFC3339Nano), "end_time", to.Format(time.RFC3339Nano))
	if diff := cmp.Diff(want[16:21], r.ids(t)); diff != "" {
		t.Error(diff)
	}
	all, _ := walk(t, s, "/2/tweets/search/all", "query", "canary", "max_results", "500")
	if len(all) != 36 {
		t.Errorf("full archive: %d posts", len(all))
	}
}

func mustID(t *testing.T, s string) int64 {
	t.Helper()
	id, ok := parseID(s)
	if !ok {
		t.Fatal("no id")
	}
	return id
}

func TestSearchReach(t *testing.T) {
	s := start(t, Options{})
	s.Limit("search.all", 0, 0)
	id := s.Post("invented_a", "canary", ago(400*24*time.Hour))
	if r := get(t, s, "/2/tweets/search/all", "query", "canary"); r.Meta.Count != 0 {
		t.Error("without start_time the archive goes back more than 30 days")
	}
	if r := get(t, s, "/2/tweets/search/all", "query", "canary", "start_time", "2020-01-01T00:00:00Z"); r.Meta.Count != 1 {
		t.Errorf("the archive lacks the post: %s", r.text)
	}
	for _, parameters := range [][]string{
		{"query", ""},
		{"query", strings.Repeat("卡", 513)},
		{"query", "canary", "max_results", "101"},
		{"query", "canary", "max_results", "9"},
		{"query", "canary", "since_id", id},
		{"query", "canary", "start_time", "2020-01-01T00:00:00Z"},
		{"query", "canary", "end_time", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)},
		{"query", "canary", "next_token", "mine"},
		{"query", "canary", "tweet.fields", "favourites"},
	} {
		if r := get(t, s, "/2/tweets/search/recent", parameters...); r.status != 400 || !strings.HasSuffix(r.Type, "/invalid-request") {
			t.Errorf("%v: %d %s", parameters, r.status, r.text)
		}
	}
	if r := get(t, s, "/2/tweets/search/recent", "query", strings.Repeat("卡", 512)); r.status != 200 {
		t.Error("512 characters of three bytes are refused")
	}
	if r := get(t, s, "/2/tweets/search/all", "query", strings.Repeat("卡", 1025)); r.status != 400 {
		t.Error("1,025 characters are taken")
	}
}

func TestCounts(t *testing.T) {
	s := start(t, Options{})
	for i := range 5 {
		s.Post("invented_a", "canary", ago(time.Duration(i)*24*time.Hour+time.Minute))
	}
	s.Post("invented_a", "canary", ago(80*24*time.Hour))
	r := get(t, s, "/2/tweets/counts/recent", "query", "canary", "granularity", "day")
	sum := 0
	for _, o := range r.list(t) {
		n, _ := o["tweet_count"].(float64)
		sum += int(n)
	}
	if r.Meta.Total != 5 || sum != 5 {
		t.Errorf("got %d, %d: %s", r.Meta.Total, sum, r.text)
	}
	total, next := 0, ""
	for pages := range 5 {
		parameters := []string{"query", "canary", "granularity", "day", "start_time", time.Now().AddDate(0, 0, -90).UTC().Format(time.RFC3339)}
		if next != "" {
			parameters = append(parameters, "next_token", next)
		}
		r := get(t, s, "/2/tweets/counts/all", parameters...)
		total += r.Meta.Total
		if next = r.Meta.Next; next == "" {
			if pages != 2 {
				t.Errorf("%d pages for 90 days", pages+1)
			}
			break
		}
	}
	if total != 6 {
		t.Errorf("total %d", total)
	}
}

func TestSearchHasWhatIsUpAndLatest(t *testing.T) {
	s := start(t, Options{})
	deleted := s.Post("invented_a", "canary 1")
	first := s.Post("invented_a", "canary 2")
	s.Post("invented_b", "canary 3")
	s.Post("invented_c", "canary 4")
	edited := s.Edit(first, "canary 5")
	s.Delete(deleted)
	s.Suspend("invented_b")
	s.Protect("invented_c")
	r := get(t, s, "/2/tweets/search/recent", "query", "canary")
	if diff := cmp.Diff([]string{edited}, r.ids(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{first, edited}, r.list(t)[0]["edit_history_tweet_ids"]); diff != "" {
		t.Error(diff)
	}
	s.Restore("invented_b")
	s.Unprotect("invented_c")
	if r := get(t, s, "/2/tweets/search/recent", "query", "canary"); r.Meta.Count != 3 {
		t.Errorf("got %s", r.text)
	}
}
