package fake

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (r reply) tags() []string {
	var tags []string
	for _, rule := range r.Rules {
		tags = append(tags, rule.Tag)
	}
	return tags
}

func truthOf(t *testing.T, s *Server, id string) PostTruth {
	t.Helper()
	all := s.Truth().Posts
	i := slices.IndexFunc(all, func(p PostTruth) bool { return p.ID == id })
	if i < 0 {
		t.Fatal("the truth lacks a post")
	}
	return all[i]
}

func TestStreamSendsWhatRulesMatch(t *testing.T) {
	s := start(t, Options{})
	rulesOf(t, s, `url:"cards.example"`, "wl:1:v1", "canary", "wl:2:v1")
	l := listen(t, s, "tweet.fields", "created_at,entities")
	s.Post("invented_a", "nothing of interest")
	s.Post("invented_a", "canary of last year", ago(365*24*time.Hour))
	id := s.Post("invented_a", "a canary at https://cards.example/x")
	m := l.message()
	if m.one(t)["id"] != id {
		t.Fatalf("got %s", m.text)
	}
	if diff := cmp.Diff([]string{"wl:1:v1", "wl:2:v1"}, m.tags()); diff != "" {
		t.Error(diff)
	}
	if err := s.WaitDelivered(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if p := truthOf(t, s, id); len(p.Matched) != 2 || p.Served != Streamed || len(p.Delivered) != 1 || p.Delivered[0].Connection != 1 {
		t.Errorf("truth: %+v", p)
	}
	// A quote is matched by what it quotes, a repost by what it repeats, and a
	// post whose author is protected by nobody.
	quote := s.Quote("invented_b", id, "see")
	s.Protect("invented_d")
	hidden := s.Post("invented_d", "canary")
	repost := s.Repost("invented_c", id)
	edit := s.Edit(id, "a canary elsewhere")
	for i, want := range []string{quote, repost, edit} {
		if m := l.message(); m.one(t)["id"] != want {
			t.Errorf("message %d: %s", i, m.text)
		}
	}
	if p := truthOf(t, s, hidden); p.Matched != nil || p.State != Protected {
		t.Errorf("truth: %+v", p)
	}
	if p := truthOf(t, s, edit); p.First != id || len(p.Versions) != 2 || len(p.Matched) != 1 {
		t.Errorf("truth: %+v", p)
	}
}

func TestStreamIsRefused(t *testing.T) {
	s := start(t, Options{})
	const path = "/2/tweets/search/stream"
	if r := get(t, s, path); r.status != 409 || r.Issue != "RuleConfigurationIssue" {
		t.Errorf("without rules: %d %s", r.status, r.text)
	}
	rulesOf(t, s, "canary", "")
	if r := get(t, s, path, "backfill_minutes", "5"); r.status != 400 {
		t.Errorf("backfill: %d", r.status)
	}
	s.Linger(time.Hour)
	l := listen(t, s)
	if r := get(t, s, path); r.status != 429 || r.Issue != "TooManyConnections" || r.Title != "ConnectionException" {
		t.Errorf("second: %d %s", r.status, r.text)
	}
	l.body.Close()
	if err := s.WaitStreams(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if r := get(t, s, path); r.status != 429 {
		t.Errorf("while the first lingers: %d", r.status)
	}
	if r := call(t, s, http.MethodDelete, "/2/connections/all", ""); r.status != 200 || r.one(t)["successful_kills"] != 1.0 {
		t.Errorf("delete: %d %s", r.status, r.text)
	}
	l = listen(t, s)
	if r := call(t, s, http.MethodDelete, "/2/connections/all", ""); r.status != 200 {
		t.Errorf("delete: %d", r.status)
	}
	if _, err := l.raw(); err == nil {
		t.Error("a connection that was deleted goes on")
	}
	if err := s.WaitStreams(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	listen(t, s)
}

func TestStreamHeartbeats(t *testing.T) {
	s := start(t, Options{Heartbeat: 5 * time.Millisecond})
	rulesOf(t, s, "canary", "")
	l := listen(t, s)
	for range 3 {
		if line, err := l.raw(); line != "" || err != nil {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	release := s.StallStream()
	s.Post("invented_a", "canary")
	release()
	if m := l.message(); !strings.Contains(m.text, "canary") {
		t.Errorf("after the stall: %s", m.text)
	}
}

func TestStreamRulesChangeWithoutReconnecting(t *testing.T) {
	s := start(t, Options{})
	first := rulesOf(t, s, "canary", "1")
	l := listen(t, s)
	rulesOf(t, s, "parrot", "2")
	call(t, s, http.MethodPost, rulesPath, `{"delete":{"ids":["`+first.ids(t)[0]+`"]}}`)
	s.Post("invented_a", "canary")
	id := s.Post("invented_a", "parrot")
	if m := l.message(); m.one(t)["id"] != id || m.tags()[0] != "2" {
		t.Errorf("got %s", m.text)
	}
	late := start(t, Options{RuleDelay: time.Hour})
	rulesOf(t, late, "canary", "1")
	if p := truthOf(t, late, late.Post("invented_a", "canary")); p.Matched != nil {
		t.Error("a rule takes effect at once")
	}
}
