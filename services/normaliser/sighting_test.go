package normaliser

import (
	"testing"
)

func TestWhatCountsAsASighting(t *testing.T) {
	tests := map[string]struct {
		list, text string
		want       uint64
	}{
		"a card":                                   {harbour, "https://harbour-leaks.example/card/1", 1},
		"one card on two mirrors":                  {harbour, "https://harbour-leaks.example/card/1 https://harbour-leaks.test/card/1", 1},
		"one card under two hosts of a site":       {harbour, "https://harbour-leaks.example/card/1 https://docs.harbour-leaks.example/card/1", 1},
		"two cards":                                {harbour, "https://harbour-leaks.example/card/1 https://harbour-leaks.example/card/2", 2},
		"the same path in two families":            {harbour, "https://harbour-leaks.example/card/1 https://cards.pier.example/card/1", 2},
		"a start page":                             {harbour, "https://harbour-leaks.example", 0},
		"a page that is no card":                   {harbour, "https://harbour-leaks.example/list", 0},
		"a page that is no card of another family": {harbour, "https://cards.pier.example/list", 1},
		"a host beside the one that is listed":     {harbour, "https://pier.example/card/1", 0},
		"a host of no family":                      {harbour, "https://news.example/card/1", 0},
		"through an archive":                       {harbour, "https://web.archive.org/web/2020/https://harbour-leaks.example/card/1", 1},
		"without a list every site is a family":    {"", "https://news.example/card/1 https://harbour-leaks.example/card/1", 2},
		"without a list hosts of one site are one": {"", "https://a.news.example/card/1 https://b.news.example/card/1", 1},
		"without a list a start page is none":      {"", "https://news.example/", 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, tc.list)
			raw := telegramPost(withText(tc.text))
			if facts := b.mustPost(telegram, raw); facts.sightings != tc.want {
				t.Errorf("counted %d sightings, want %d", facts.sightings, tc.want)
			}
			rows := len(b.rows)
			raw.SetRepeatedInFile(true)
			facts := b.mustPost(telegram, raw)
			if facts.posts+facts.links+facts.sightings != 0 {
				t.Errorf("a repeat counts %d posts, %d links, %d sightings", facts.posts, facts.links, facts.sightings)
			}
			if len(b.rows) != rows {
				t.Errorf("a repeat gives %d rows, the first gave %d", len(b.rows), rows)
			}
		})
	}
}
