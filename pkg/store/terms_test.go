package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// crossing is a card that an account of X and a channel of Telegram carried, with
// shares within each platform and between them.
func crossing(t *testing.T) *world {
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	for channel, platform := range map[string]doxtrailv1.Platform{"A": telegram, "B": telegram, "X": twitter, "Y": twitter} {
		w.add(store.KindChannels, platform, doxtrailv1.Channel_builder{ChannelKey: w.key(channel), Platform: platform.Enum()}.Build())
	}
	first := post{name: "x1", channel: "X", at: "01-01 09:00:00", platform: twitter, links: []string{"one /c1"}}
	second := post{name: "a1", channel: "A", at: "01-01 10:00:00", platform: telegram, links: []string{"one /c1"}}
	w.post(first)
	w.post(second)
	w.look(look{name: "looked", query: "q", platform: twitter, selection: doxtrailv1.Selection_SELECTION_SEARCH, from: "01-01 00:00:00", to: "01-02 00:00:00", generation: 1})
	w.share(first, doxtrailv1.ShareKind_SHARE_KIND_REPOST, "Y", "y1")
	w.share(second, doxtrailv1.ShareKind_SHARE_KIND_FORWARD, "B", "b1")
	w.share(second, doxtrailv1.ShareKind_SHARE_KIND_LINK, "X", "x1")
	w.insert()
	return w
}

// Questions that are about single accounts say nothing of those of X unless the
// terms allow it; all others answer as ever.
func TestAccountsOfXAreLeftOutOfAnswersUnlessTheTermsAllowThem(t *testing.T) {
	w := crossing(t)
	all, err := store.Queries()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(allowed bool) map[string]string {
		if err := w.store.SetAccountsOfX(t.Context(), allowed); err != nil {
			t.Fatal(err)
		}
		answers := map[string]string{}
		for _, q := range all {
			answers[q.Name] = w.query(q.Name, nil)
			leaves, err := w.store.LeavesOut(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if want := !allowed && q.Accounts != ""; leaves != want {
				t.Errorf("%s, allowed %t: leaves out %t, want %t", q.Name, allowed, leaves, want)
			}
		}
		return answers
	}
	open, closed := ask(true), ask(false)
	w.nameCards("red", "/c1")
	about := []string{"channel_spread", "first_sightings", "post_states", "share_edges"}
	for name, answer := range closed {
		if !slices.Contains(about, name) && answer != open[name] {
			t.Errorf("%s (-allowed +not):\n%s", name, cmp.Diff(open[name], answer))
		}
	}
	for _, tc := range []struct{ query, open, closed string }{
		{
			"channel_spread",
			lines("X - twitter - 1 1 1 1 0 2020-01-01T09:00:00Z 2020-01-01T09:00:00Z -", "A - telegram - 1 1 0 1 0 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z -"),
			"A - telegram - 1 1 0 1 0 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z -",
		},
		{
			"share_edges",
			lines("B A telegram forward 1 1 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z", "X A telegram link 1 1 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z", "Y X twitter repost 1 1 2020-01-01T09:00:00Z 2020-01-01T09:00:00Z"),
			"B A telegram forward 1 1 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z",
		},
		{
			"first_sightings",
			lines("red card red/c1 twitter 2020-01-01T09:00:00Z - 2020-01-01T09:00:01Z direct X - one.example x1", "red card red/c1 telegram 2020-01-01T10:00:00Z - 2020-01-01T10:00:01Z direct A - one.example a1"),
			lines("red card red/c1 twitter 2020-01-01T09:00:00Z - 2020-01-01T09:00:01Z direct - - one.example -", "red card red/c1 telegram 2020-01-01T10:00:00Z - 2020-01-01T10:00:01Z direct A - one.example a1"),
		},
		{
			"post_states",
			lines("red x1 1 twitter X - 2020-01-01T09:00:00Z up [] 2020-01-01T09:00:00Z - 0 0 false", "red a1 1 telegram A - 2020-01-01T10:00:00Z up [] 2020-01-01T10:00:00Z - 0 0 false"),
			lines("red x1 1 twitter - - 2020-01-01T09:00:00Z up [] 2020-01-01T09:00:00Z - 0 0 false", "red a1 1 telegram A - 2020-01-01T10:00:00Z up [] 2020-01-01T10:00:00Z - 0 0 false"),
		},
	} {
		unordered := func(text string) []string { return sorted(strings.Split(w.named(text), "\n")) }
		if diff := cmp.Diff(unordered(tc.open), unordered(open[tc.query])); diff != "" {
			t.Errorf("%s, allowed (-want +got):\n%s", tc.query, diff)
		}
		if diff := cmp.Diff(unordered(tc.closed), unordered(closed[tc.query])); diff != "" {
			t.Errorf("%s, not allowed (-want +got):\n%s", tc.query, diff)
		}
	}
}

// A new study, and one that an older doxtrail left, answers nothing of the kind
// until its configuration says so.
func TestAccountsOfXAreLeftOutFromTheStart(t *testing.T) {
	w := &world{t: t, store: storetest.New(t), rows: store.NewRows(), byName: map[string][]byte{}}
	if got := w.sql("SELECT * FROM research.terms", nil); got != "twitter false" {
		t.Errorf("terms are %q", got)
	}
	q, err := store.Find("channel_spread")
	if err != nil {
		t.Fatal(err)
	}
	if leaves, err := w.store.LeavesOut(t.Context(), q); leaves || err != nil {
		t.Errorf("a study that never looked at X leaves out %t, %v", leaves, err)
	}
}
