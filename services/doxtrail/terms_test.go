package main

import (
	"slices"
	"strings"
	"testing"

	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
)

// What X's terms leave out is left out aloud, and is there once they allow it.
func TestAccountsOfXAreShownOnTheGroundsOfItsTermsAlone(t *testing.T) {
	t.Parallel()
	c := smallCampaign(76)
	s := newStudy(t, c, c.Sites())
	for _, tc := range []struct {
		basis string
		shown bool
	}{{"", false}, {"own_archive_only", false}, {"written_approval", true}} {
		s.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\ncollector_twitter: {terms_basis: '"+tc.basis+"'}\n")
		stop := s.up()
		s.importAll("archives")
		r := s.run("query", "--format", "csv", "channel_spread")
		if r.code != exitDone || strings.Contains(r.stdout, `"twitter"`) != tc.shown || !strings.Contains(r.stdout, `"telegram"`) {
			t.Errorf("on %q: exit %d, %s", tc.basis, r.code, r.stdout)
		}
		if told := strings.Contains(r.stderr, "accounts: Channels of X are left out unless collector_twitter.terms_basis"); told == tc.shown {
			t.Errorf("on %q stderr is %q", tc.basis, r.stderr)
		}
		if r := stop(); r.code != exitDone {
			t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
		}
	}
}

func TestGroundsInXsTerms(t *testing.T) {
	for _, basis := range []string{"", "own_archive_only", "dsa_40_12", "written_approval"} {
		c := &Config{CollectorTwitter: twittercollector.Config{TermsBasis: basis}}
		if got, want := c.accountsOfX(), slices.Contains([]string{"dsa_40_12", "written_approval"}, basis); got != want {
			t.Errorf("%q: accounts %t, want %t", basis, got, want)
		}
	}
}
