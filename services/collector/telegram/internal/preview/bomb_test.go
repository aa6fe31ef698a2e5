package preview

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Pages that are made to keep a parser busy end like any other: it nests no deeper
// than it can, and nothing of them is a post.
func TestBombsAreNoPosts(t *testing.T) {
	const head = `<div class="tgme_widget_message" data-post="harbourwatch/1">`
	for _, unit := range []string{
		head, "<div>", "<b><i><a href=x>", "<table><tr><td><a>", "<table><b>", "<b><dd>", "<p></div>", "<a>", "<nobr><p>",
		"<svg><a>", "<math><mi><p>", "<template>", "<select><option>", "&amp;", "<!--", "<b></p>", "\x00",
	} {
		page, err := Parse(strings.NewReader(head+strings.Repeat(unit, maxPage/16/len(unit))), "harbourwatch", time.Now())
		if err != nil && !errors.Is(err, ErrChallenge) || len(page.Posts) > 0 {
			t.Errorf("%q gives %d posts and %v", unit, len(page.Posts), err)
		}
	}
}

// Whoever answers for the web can lead the client nowhere else, give it nothing to
// carry along, and no more than a page to hold.
func TestAHostileWebLeadsNowhere(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the client was led inside") }))
	defer inside.Close()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for range 64 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	answers := []func(http.ResponseWriter){
		func(w http.ResponseWriter) {
			w.Header().Set("Location", inside.URL+"/admin")
			w.WriteHeader(http.StatusFound)
		},
		func(w http.ResponseWriter) {
			w.Header().Set("Refresh", "0; url="+inside.URL)
			w.WriteHeader(http.StatusForbidden)
		},
		func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		},
	}
	wants := []error{ErrChallenge, ErrChallenge, ErrTooLarge}
	for i, answer := range answers {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if len(r.Cookies()) > 0 || r.Referer() != "" {
				t.Error("the client carries something along")
			}
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "this"})
			answer(w)
		}))
		client := NewClient(ClientConfig{BaseURL: web.URL, Transport: &http.Transport{}})
		for range 2 {
			if _, err := client.Latest(t.Context(), "harbourwatch"); !errors.Is(err, wants[i]) {
				t.Errorf("answer %d gives %v, want %v", i, err, wants[i])
			}
		}
		web.Close()
	}
}
