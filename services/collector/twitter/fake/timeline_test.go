package fake

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTimelines(t *testing.T) {
	s := start(t, Options{TimelineLimit: 20, PageLimit: 6})
	a := s.Account(AccountSpec{Username: "invented_a"})
	other := s.Post("invented_b", "of another")
	var want []string
	for i := range 23 {
		want = append(want, s.Post("invented_a", "post "+strconv.Itoa(i), ago(time.Hour-time.Duration(i)*time.Second)))
	}
	repost := s.Repost("invented_a", other)
	reply := s.Reply("invented_a", other, "an answer")
	want = append(want, repost, reply)
	slices.Reverse(want)
	path := "/2/users/" + a + "/tweets"
	ids, pages := walk(t, s, path, "max_results", "100")
	if diff := cmp.Diff(want[:20], ids); diff != "" || pages != 4 {
		t.Errorf("%d pages, %s", pages, diff)
	}
	r := get(t, s, path, "exclude", "retweets,replies", "max_results", "5")
	if diff := cmp.Diff(want[2:7], r.ids(t)); diff != "" {
		t.Error(diff)
	}
	r = get(t, s, path, "since_id", want[4])
	if diff := cmp.Diff(want[:4], r.ids(t)); diff != "" {
		t.Error(diff)
	}
	if r := get(t, s, path, "max_results", "4"); r.status != 400 {
		t.Errorf("4 a page: %d", r.status)
	}
	s.Protect("invented_a")
	if r := get(t, s, path); r.status != 200 || r.problems()[a] != NotAuthorized {
		t.Errorf("protected: %s", r.text)
	}
	if r := get(t, s, "/2/users/1/tweets"); r.problems()["1"] != NotFound {
		t.Errorf("nobody: %s", r.text)
	}
}

func TestShares(t *testing.T) {
	s := start(t, Options{PageLimit: 2})
	id := s.Post("invented_a", "canary")
	var reposts []string
	for _, name := range []string{"invented_b", "invented_c", "invented_d"} {
		reposts = append(reposts, s.Repost(name, id))
	}
	quote := s.Quote("invented_b", id, "see")
	edited := s.Edit(quote, "see that")
	slices.Reverse(reposts)
	ids, pages := walk(t, s, "/2/tweets/"+id+"/retweets", everything()...)
	if diff := cmp.Diff(reposts, ids); diff != "" || pages != 2 {
		t.Errorf("%d pages, %s", pages, diff)
	}
	r := get(t, s, "/2/tweets/"+id+"/retweets", everything()...)
	if len(r.Includes["users"]) != 3 || r.list(t)[0]["created_at"] == nil {
		t.Errorf("got %s", r.text)
	}
	ids, _ = walk(t, s, "/2/tweets/"+id+"/quote_tweets")
	if diff := cmp.Diff([]string{edited}, ids); diff != "" {
		t.Error(diff)
	}
	r = get(t, s, "/2/tweets/"+id+"/retweeted_by")
	if l := r.list(t); len(l) != 2 || l[0]["username"] != "invented_d" || r.Meta.Next == "" {
		t.Errorf("got %s", r.text)
	}
	s.Delete(id)
	if r := get(t, s, "/2/tweets/"+id+"/retweets"); r.problems()[id] != NotFound {
		t.Errorf("of a post that is gone: %s", r.text)
	}
}
