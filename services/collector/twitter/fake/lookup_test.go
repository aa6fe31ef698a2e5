package fake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problems are the last path segments of partial errors, by the value they are
// about.
func (r reply) problems() map[string]string {
	all := map[string]string{}
	for _, e := range r.Errors {
		kind, _ := e["type"].(string)
		value, _ := e["value"].(string)
		all[value] = kind[strings.LastIndexByte(kind, '/')+1:]
	}
	return all
}

func TestLookupTellsWhyAPostIsAbsent(t *testing.T) {
	s := start(t, Options{ProblemHost: "api.twitter.com"})
	up := s.Post("invented_a", "up")
	deleted := s.Post("invented_a", "deleted")
	suspended := s.Post("invented_b", "suspended")
	protected := s.Post("invented_c", "protected")
	left := s.Post("invented_d", "left")
	restricted := s.Post("invented_a", "restricted")
	unavailable := s.Post("invented_a", "unavailable")
	repost := s.Repost("invented_e", deleted)
	s.Delete(deleted)
	s.Suspend("invented_b")
	s.Protect("invented_c")
	s.Deactivate("invented_d")
	s.Answer(restricted, Disallowed)
	s.Answer(unavailable, Unavailable)
	ids := []string{up, deleted, suspended, protected, left, restricted, unavailable, repost, "1"}
	r := get(t, s, "/2/tweets", "ids", strings.Join(ids, ","))
	if diff := cmp.Diff([]string{up}, r.ids(t)); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{
		deleted: NotFound, suspended: NotAuthorized, protected: NotAuthorized, left: NotFound,
		restricted: Disallowed, unavailable: Unavailable, repost: NotFound, "1": NotFound,
	}
	if diff := cmp.Diff(want, r.problems()); diff != "" {
		t.Error(diff)
	}
	if kind, _ := r.Errors[0]["type"].(string); !strings.HasPrefix(kind, "https://api.twitter.com/2/problems/") || r.Errors[0]["resource_type"] != "tweet" {
		t.Errorf("got %v", r.Errors[0])
	}
	if one := get(t, s, "/2/tweets/"+deleted); one.status != 200 || one.Data != nil || len(one.Errors) != 1 {
		t.Errorf("one id that is gone: %d %s", one.status, one.text)
	}
	if p := truthOf(t, s, restricted); p.Came() || len(p.Told) != 1 || p.Told[0].Problem != Disallowed {
		t.Errorf("truth: %+v", p)
	}
	s.Answer(restricted, "")
	s.Unprotect("invented_c")
	if r := get(t, s, "/2/tweets", "ids", restricted+","+protected); len(r.list(t)) != 2 || r.Errors != nil {
		t.Errorf("what came back: %s", r.text)
	}
	for _, ids := range []string{"", "x", strings.Repeat("1,", 100) + "1"} {
		if r := get(t, s, "/2/tweets", "ids", ids); r.status != 400 {
			t.Errorf("%d ids: status %d", len(strings.Split(ids, ",")), r.status)
		}
	}
}

func TestUsers(t *testing.T) {
	s := start(t, Options{})
	a := s.Account(AccountSpec{ID: "42", Username: "Invented_A", Protected: true})
	s.Account(AccountSpec{Username: "invented_b"})
	s.Suspend("invented_b")
	s.Account(AccountSpec{Username: "invented_c"})
	s.Deactivate("invented_c")
	r := get(t, s, "/2/users/by", "usernames", "invented_a,invented_b,invented_c,nobody", "user.fields", "protected,created_at")
	if l := r.list(t); len(l) != 1 || l[0]["id"] != a || l[0]["username"] != "Invented_A" || l[0]["protected"] != true {
		t.Fatalf("got %s", r.text)
	}
	want := map[string]string{"invented_b": NotFound, "invented_c": NotFound, "nobody": NotFound}
	if diff := cmp.Diff(want, r.problems()); diff != "" || r.Errors[0]["title"] != "Forbidden" {
		t.Error(diff, r.Errors[0])
	}
	s.Rename(a, "renamed")
	if r := get(t, s, "/2/users", "ids", "42,43"); r.list(t)[0]["username"] != "renamed" || r.problems()["43"] != NotFound {
		t.Errorf("got %s", r.text)
	}
	if r := get(t, s, "/2/users/by/username/renamed"); r.one(t)["id"] != a {
		t.Errorf("got %s", r.text)
	}
	if r := get(t, s, "/2/users/42"); r.one(t)["id"] != a {
		t.Errorf("got %s", r.text)
	}
}

func TestPartialErrorsBesideData(t *testing.T) {
	s := start(t, Options{})
	first := s.Post("invented_a", "canary")
	quote := s.Quote("invented_b", first, "canary too")
	s.Delete(first)
	r := get(t, s, "/2/tweets/search/recent", append(everything(), "query", "canary")...)
	if diff := cmp.Diff([]string{quote}, r.ids(t)); diff != "" || r.problems()[first] != NotFound || r.Errors[0]["parameter"] != "referenced_tweets.id" {
		t.Errorf("%s %s", diff, r.text)
	}
}
