package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/store"
)

func TestAPostIsExplained(t *testing.T) {
	t.Parallel()
	c := smallCampaign(91)
	s := newStudy(t, c, c.Sites())
	s.importAll("archives")
	defer s.up()()
	var carried, plain []struct {
		Post string `json:"post"`
		Card string `json:"card"`
	}
	s.sql(&carried, "SELECT toString(post_key) AS post, toString(card_key) AS card FROM sightings WHERE NOT is_site_sighting ORDER BY post_key LIMIT 3")
	s.sql(&plain, "SELECT toString(post_key) AS post, '' AS card FROM posts WHERE post_key NOT IN (SELECT post_key FROM links) ORDER BY post_key LIMIT 1")
	if len(carried) == 0 || len(plain) == 0 {
		t.Fatal("the campaign has no such posts")
	}
	for _, post := range carried {
		var got store.Explained
		if err := json.Unmarshal([]byte(s.must("explain", "--json", post.Post)), &got); err != nil {
			t.Fatal(err)
		}
		cards := 0
		for _, l := range got.Links {
			if l.Card != nil && *l.Card == post.Card && l.Family != "" {
				cards++
			}
			if l.Card == nil && strings.HasPrefix(why(l), "counts as card") {
				t.Error("it counts and does not")
			}
		}
		if cards == 0 {
			t.Errorf("no link of %d is said to be the card", len(got.Links))
		}
		if text := s.must("explain", post.Post); !strings.Contains(text, "counts as card "+post.Card+" of ") {
			t.Errorf("it says:\n%s", text)
		}
	}
	if text := s.must("explain", plain[0].Post); !strings.Contains(text, "links     none, so it carries no card") {
		t.Errorf("of a post without links it says:\n%s", text)
	}
	for _, tc := range []struct {
		given, want string
		code        int
	}{
		{"https://site.example/somebody", "no post_key", exitUsage},
		{"00000000-0000-0000-0000-000000000000", "no post_key", exitUsage},
		{"00000000-0000-0000-0000-000000000001", "no such post", exitFailed},
	} {
		if r := s.run("explain", tc.given); r.code != tc.code || !strings.Contains(r.stderr, tc.want) || strings.Contains(r.stderr, "somebody") {
			t.Errorf("%s: exit %d, %s", tc.given, r.code, r.stderr)
		}
	}
}
