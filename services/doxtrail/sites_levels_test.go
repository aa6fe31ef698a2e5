package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// A stored link that could be named has the level that the same link has when it is
// read, and a site whose label is typed in two ways is proposed once.
func TestSitesProposedSaysWhatLinksSays(t *testing.T) {
	t.Parallel()
	const list = "families:\n  - {label: harbour, sites: [harbour-leaks.example, thepiercards-pk.test, mirror.example, quays.example]}\n"
	s := newStudy(t, &campaign.Campaign{}, nil)
	s.write("watchlist.yaml", list)
	defer s.up()()
	typed := []string{
		"ha-rbourleaks.test", "harbour-leak.test", "piercards-ru.test", "mirrors.test", "mirror5.test", "quayss.test",
		"harbourIeaks.test", "harbourieaks.test", "harbour.test",
	}
	s.importLinks(typed...)
	got := map[string]string{}
	open := s.proposedSites()
	for _, p := range open {
		got[p.Host] = p.Family + " " + p.Level
		if p.Host == "harbourieaks.test" && (p.Hosts != 1 || p.Links != 2) {
			t.Errorf("a site that is typed in two ways is %+v", p)
		}
	}
	out, _, _ := runLinks(t, list, "https://"+strings.Join(typed, " https://"))
	want := map[string]string{}
	for _, link := range shownLinks(t, out) {
		if level := link.Family + " " + link.Level; link.Level != "none" && want[link.Host] != "harbour lookalike" {
			want[link.Host] = level
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(open) != len(got) || len(got) != 6 {
		t.Errorf("%d sites (-links +sites proposed):\n%s", len(open), diff)
	}
}
