package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// writeChannel writes an export of a channel with a post for each text.
func (s *testStudy) writeChannel(name string, texts ...string) {
	s.t.Helper()
	var messages []any
	for i, text := range texts {
		messages = append(messages, map[string]any{
			"id": i + 1, "type": "message", "date": "2020-01-01T00:00:00", "date_unixtime": fmt.Sprint(1577836800 + i),
			"from": "invented", "from_id": "channel4242", "text": text, "text_entities": []any{map[string]string{"type": "plain", "text": text}},
		})
	}
	list, err := json.Marshal(messages)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name, `{"name": "invented", "type": "public_channel", "id": 4242, "messages": `+string(list)+"}")
}

// An archive's address of a page holds the page's own: it goes with the page, and whoever
// guesses it learns nothing any more.
func TestWhatLeadsToAnErasedCardGoesToo(t *testing.T) {
	t.Parallel()
	c := smallCampaign(99)
	s := newStudy(t, c, c.Sites())
	card := "https://" + c.Sites()[0] + "/card/invented-person"
	archived := "https://web.archive.org/web/2020/" + card
	s.writeChannel("archived.json", "see "+archived, "see "+card, "see https://web.archive.org/web/2020/https://elsewhere.example/a")
	defer s.up()()
	s.importAll("archived.json")
	var links []struct{ N int }
	const question = "SELECT count() AS n FROM links"
	if s.sql(&links, question); links[0].N != 5 {
		t.Fatalf("%d links were read", links[0].N)
	}
	if done := s.erases(card+"\n", "--card"); done.Rows["links"] != 3 {
		t.Errorf("erased %v", done.Rows)
	}
	if r := s.lookUp(card); r.code != exitDone || !strings.HasPrefix(r.stdout, notSeen) {
		t.Errorf("exit %d, %q, %s", r.code, r.stdout, r.stderr)
	}
	s.clickhouse("TRUNCATE TABLE doxtrail.coverage")
	s.importAll("archived.json")
	if s.sql(&links, question); links[0].N != 2 {
		t.Errorf("%d links are left", links[0].N)
	}
}
