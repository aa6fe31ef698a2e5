package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

// decidedSites keeps decisions about sites of one family; a host with a ! before it is
// rejected.
func (s *testStudy) decidedSites(at int64, hosts ...string) {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	conn := (&canaryWatch{testStudy: s}).attach()
	err = provisioner.Decide(s.t.Context(), conn, ring.StateKey(), func(d *watchlist.Decided) (*watchlist.Decided, error) {
		for _, host := range hosts {
			host, rejected := strings.CutPrefix(host, "!")
			site, err := watchlist.NewSite(host)
			if err != nil {
				return nil, err
			}
			d = d.WithSite(watchlist.DecidedSite{Family: "harbour", Key: site.Key(ring.Keyer()), Host: site.Host, Rejected: rejected, At: at})
		}
		return d, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// A decision about a site that was made after a backup survives its restore, and one
// that is only in the backup comes back.
func TestARestoreUndoesNoDecisionAboutASite(t *testing.T) {
	t.Parallel()
	s, other := newStudy(t, &campaign.Campaign{}, nil), newStudy(t, &campaign.Campaign{}, nil)
	for _, study := range []*testStudy{s, other} {
		study.write("watchlist.yaml", "families: [{label: harbour, sites: [harbour.example]}]\n")
	}
	check := func(when string, study *testStudy, want ...string) {
		t.Helper()
		var rows []struct{ Host string }
		study.sql(&rows, "SELECT host FROM sites WHERE listed ORDER BY host")
		var hosts []string
		for _, r := range rows {
			hosts = append(hosts, strings.TrimSuffix(r.Host, ".example"))
		}
		if !slices.Equal(hosts, append([]string{"harbour"}, want...)) {
			t.Errorf("%s, listed are %q", when, hosts)
		}
	}
	defer s.up()()
	s.decidedSites(1, "m1.example", "m2.example", "!m3.example")
	older := s.backUp("older")
	check("decided", s, "m1", "m2")
	s.decidedSites(2, "!m2.example", "m4.example")
	s.must(append([]string{"restore"}, older[:2]...)...)
	check("after an older backup was restored", s, "m1", "m4")

	other.must(append([]string{"restore"}, older...)...)
	defer other.up()()
	check("where there was nothing", other, "m1", "m2")
	other.decidedSites(3, "m3.example", "!m1.example")
	newer := other.backUp("newer")
	s.must(append([]string{"restore"}, newer[:2]...)...)
	check("after the decisions of another study were restored", s, "m3", "m4")
}
