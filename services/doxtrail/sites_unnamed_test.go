package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// disguisedChat is a channel whose posts hold links.
const disguisedChat = `{"name": "Pier", "type": "public_channel", "id": 4242, "messages": [
%s]}`

func (s *testStudy) importLinks(hosts ...string) {
	s.t.Helper()
	var messages []string
	for i, host := range hosts {
		messages = append(messages, fmt.Sprintf(`{"id": %d, "type": "message", "date": "2020-01-0%dT00:00:00", "date_unixtime": "%d", "from": "Pier", "from_id": "channel4242", "text": "https://%s/card/%d"}`,
			i+1, i+1, 1577836800+i*86400, host, i))
	}
	if err := os.MkdirAll(s.path("archives"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.write("archives/disguised.json", fmt.Sprintf(disguisedChat, strings.Join(messages, ",\n")))
	s.importAll("archives/disguised.json")
}

// A site that cannot be named has a key and figures; who knows its host names it. Of a
// sensitive family no host is shown that was not asked for.
func TestASiteThatKeysDoNotNameIsNamedByAPerson(t *testing.T) {
	t.Parallel()
	s := newStudy(t, &campaign.Campaign{}, nil)
	s.write("watchlist.yaml", "families:\n  - {label: harbour-leaks, sensitive: true, sites: [harbourleaks.example]}\n  - {label: other, sites: [pier.example]}\n")
	defer s.up()()
	const unnamed = "hаrbourlеаks.test" // three letters are Cyrillic, one in the next
	s.importLinks(unnamed, "hаrbourleaks.test", "harbourleak.test", "pier.test", "hosting.test")

	var got []string
	for _, p := range s.proposedSites() {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", p.No, p.Family, p.Level, p.Host)))
	}
	want := []string{"1 harbour-leaks lookalike", "2 harbour-leaks lookalike", "3 harbour-leaks near", "4 other permutation pier.test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("proposed (-want +got):\n%s", diff)
	}
	open := s.proposedSites("--family", "harbour-leaks", "--show-hosts", "--reason", "review")
	if len(open) != 3 || open[0].Host+open[1].Host == "" || open[2].Host != "harbourleak.test" {
		t.Fatalf("shown are %+v", open)
	}
	s.hostsAreShownForAReason()
	nobody := slices.IndexFunc(open, func(p shownSite) bool { return !p.Named })
	key := open[nobody].Key.String()
	if r := s.answer("why\n", "sites", "approve", key); r.code != exitUsage || !strings.Contains(r.stderr, "could not be named") {
		t.Errorf("approved without a name: exit %d\n%s", r.code, r.stderr)
	}
	s.decides("not looked at yet\n", "rejected "+key[:8], "reject", key)
	if r := s.answer(unnamed+"\nwhy\n", "sites", "approve", "--stdin"); r.code != exitUsage || !strings.Contains(r.stderr, "name one with --family") {
		t.Errorf("no family was named: exit %d\n%s", r.code, r.stderr)
	}
	s.decides(unnamed+"\nit shows cards\n", "approved "+key[:8]+" as a site of harbour-leaks; ", "approve", "--stdin", "--family", "harbour-leaks")
	s.decides("pier.onion\nit says so\n", "approved pier.onion as a site of other; ", "approve", "--stdin", "--family", "other")
	s.decides("docs.hosting.test\nseen there\n", "approved docs.hosting.test as a site of other, though its label is not like theirs; ", "approve", "--stdin", "--family", "other")
	if f := s.rematched(); f.Found.Posts != 1 || f.Found.Cards != 1 || f.Found.FirstSightings != 1 || f.Sites[0].Host != "" {
		t.Errorf("rematch says %+v", f)
	}
	if f := s.rematched("--show-hosts", "--reason", "review"); !strings.HasPrefix(f.Sites[0].Host, "xn--") {
		t.Errorf("rematch shows %+v", f.Sites)
	}
	named := slices.IndexFunc(open, func(p shownSite) bool { return strings.HasPrefix(p.Host, "xn--") })
	s.decides("about cooking\n", "rejected "+open[named].Key.String()[:8], "reject", open[named].Key.String())
	s.holdsNo(open[named].Host, "harbourleak.test", "about cooking", "it shows cards")
	if noted, err := audit.Open(s.path("keys/" + audit.FileName)).Read(); err != nil || len(noted) != 3 || noted[0].Action != "hosts" || noted[0].Counts["hosts"] != 2 {
		t.Errorf("the audit log says %+v, %v", noted, err)
	}
	if left := s.proposedSites("--family", "harbour-leaks"); len(left) != 1 || left[0].Level != "near" {
		t.Errorf("left are %+v", left)
	}
}

// hostsAreShownForAReason sees that hosts of a sensitive family are.
func (s *testStudy) hostsAreShownForAReason() {
	s.t.Helper()
	r := s.run("sites", "proposed", "--show-hosts", "--reason", "review")
	if !strings.Contains(r.stdout, "1 site could not be named") || !strings.Contains(r.stdout, "xn--") {
		s.t.Errorf("sites proposed prints\n%s%s", r.stdout, r.stderr)
	}
	for _, args := range [][]string{{"sites", "proposed", "--show-hosts"}, {"rematch", "--family", "harbour-leaks", "--show-hosts"}} {
		// Rematch has found nothing yet, so it shows nothing.
		if r := s.run(args...); r.code == exitDone != (args[0] == "rematch") || strings.Contains(r.stdout, "xn--") {
			s.t.Errorf("%s shows hosts for no reason: exit %d\n%s%s", args[0], r.code, r.stdout, r.stderr)
		}
	}
}
