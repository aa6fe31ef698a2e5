package store_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func (w *world) erase(key []byte, inForce bool, generation uint64) {
	w.t.Helper()
	w.add(store.KindDecisions, web, doxtrailv1.Decision_builder{
		Kind: doxtrailv1.DecisionKind_DECISION_KIND_ERASED.Enum(), TargetKey: key, InForce: proto.Bool(inForce), Generation: proto.Uint64(generation),
	}.Build())
}

func (w *world) locate(key []byte, kind doxtrailv1.LocatorKind) {
	w.t.Helper()
	w.add(store.KindLocators, web, doxtrailv1.Locator_builder{
		TargetKey: key, Kind: kind.Enum(), LocatorKeyId: w.key("data key"), Sealed: []byte("sealed"), ExpiresAt: proto.Int64(lasting),
	}.Build())
}

// lasting is a time at which a locator of a test expires: in the year 2099.
const lasting = 4_070_908_800_000

func (w *world) observe(p post) {
	w.t.Helper()
	w.add(store.KindObservations, p.platform, doxtrailv1.Observation_builder{
		ChannelKey: w.key(p.channel), PostKey: w.key(p.name), State: doxtrailv1.ObservationState_OBSERVATION_STATE_UP.Enum(),
		ObservedAt: proto.Int64(at(w.t, "02-01 00:00:00")), Source: proto.String("test"),
	}.Build())
}

// everywhere gives a post one row in each table that can hold one.
func (w *world) everywhere(p post) {
	w.t.Helper()
	w.post(p)
	w.observe(p)
	w.share(p, doxtrailv1.ShareKind_SHARE_KIND_QUOTE, "elsewhere", p.name+"-source")
	w.locate(w.key(p.name), doxtrailv1.LocatorKind_LOCATOR_KIND_POST)
}

// left lists what is in the tables, by names.
func (w *world) left() []string {
	w.t.Helper()
	var all []string
	for _, sql := range []string{
		"SELECT concat('post ', toString(post_key)) AS line FROM posts",
		"SELECT concat('link ', toString(post_key), ' ', toString(host_key), ' ', toString(path_key)) AS line FROM links",
		"SELECT concat('share ', toString(post_key), ' of ', toString(source_post_key)) AS line FROM shares",
		"SELECT concat('observation ', toString(post_key)) AS line FROM observations",
		"SELECT concat('channel ', toString(channel_key)) AS line FROM channels",
		"SELECT concat('locator ', toString(target_key)) AS line FROM locators",
	} {
		var rows []struct {
			Line string `ch:"line"`
		}
		if err := w.store.SelectTables(w.t.Context(), &rows, sql, nil); err != nil {
			w.t.Fatal(err)
		}
		for _, r := range rows {
			all = append(all, w.named(r.Line))
		}
	}
	return sorted(all)
}

// gossip is a study of which parts are erased later: a post, a channel by its
// other name, and a card.
func gossip(t *testing.T) *world {
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	for _, name := range []string{"A-name", "A-former-name"} {
		w.add(store.KindChannelAliases, telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key(name), ChannelKey: w.key("A")}.Build())
	}
	for _, channel := range []string{"A", "B"} {
		w.add(store.KindChannels, telegram, doxtrailv1.Channel_builder{ChannelKey: w.key(channel), Platform: telegram.Enum()}.Build())
	}
	w.everywhere(post{name: "p1", channel: "A", at: "01-01 10:00:00", platform: telegram, links: []string{"x.one c1"}})
	w.everywhere(post{name: "p2", channel: "A-name", at: "01-01 10:00:00", platform: telegram})
	w.everywhere(post{name: "p3", channel: "B", at: "01-01 10:00:00", platform: telegram, links: []string{"x.one c1", "x.one c2", "y.two c1"}})
	w.everywhere(post{name: "p4", channel: "B", at: "01-01 10:00:00", platform: telegram, links: []string{"z.three c3"}})
	w.everywhere(post{name: "p5", channel: "B", at: "01-01 10:00:00", platform: telegram})
	w.everywhere(post{name: "p6", channel: "A-former-name", at: "01-01 10:00:00", platform: telegram})
	w.add(store.KindShares, telegram, doxtrailv1.Share_builder{
		PostKey: w.key("p5"), ChannelKey: w.key("B"), PostedAt: proto.Int64(at(t, "01-01 11:00:00")), SourceChannelKey: w.key("A"), SourcePostKey: w.key("p1"),
		Kind: doxtrailv1.ShareKind_SHARE_KIND_FORWARD.Enum(),
	}.Build())
	album := post{name: "p7", channel: "C", at: "01-01 10:00:00", platform: telegram, items: []string{"p7-second"}}
	w.post(album)
	w.share(post{name: "p6", channel: "A-former-name", at: "01-01 11:00:00", platform: telegram}, doxtrailv1.ShareKind_SHARE_KIND_LINK, "C", "p7-second")
	w.locate(w.key("path c1"), doxtrailv1.LocatorKind_LOCATOR_KIND_URL)
	w.insert()
	return w
}

// erasures are what is erased of gossip, and the rows that go.
var erasures = []struct {
	what string
	key  func(w *world) []byte
	gone string
}{
	{"a post", func(w *world) []byte { return w.key("p5") }, "locator p5\nobservation p5\npost p5\nshare p5 of p1\nshare p5 of p5-source"},
	{
		"a channel by its other name", func(w *world) []byte { return w.key("A-name") },
		"channel A\nlink p1 host x.one path c1\nlocator p1\nlocator p2\nlocator p6\nobservation p1\nobservation p2\nobservation p6\n" +
			"post p1\npost p2\npost p6\nshare p1 of p1-source\nshare p2 of p2-source\nshare p5 of p1\nshare p6 of p6-source\nshare p6 of p7-second",
	},
	{"an album", func(w *world) []byte { return w.key("p7") }, "post p7\nshare p6 of p7-second"},
	{"an album by another of its items", func(w *world) []byte { return w.key("p7-second") }, "post p7\nshare p6 of p7-second"},
	{
		"a card", func(w *world) []byte { return card("red", w.key("path c1")) },
		"link p1 host x.one path c1\nlink p3 host x.one path c1\nlocator path c1",
	},
	{
		"a card of a site that is on no list", func(w *world) []byte { return card(uuidText(w.key("site three")), w.key("path c3")) },
		"link p4 host z.three path c3",
	},
	{"nothing that is there", func(w *world) []byte { return w.key("p9") }, ""},
}

func TestWhatWasErasedIsGoneFromEveryTable(t *testing.T) {
	for _, tc := range erasures {
		t.Run(tc.what, func(t *testing.T) {
			w := gossip(t)
			everything := w.left()
			w.erase(tc.key(w), true, 2)
			w.insert()
			if _, err := w.store.EnforceErasures(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.gone, strings.Join(missing(everything, w.left()), "\n")); diff != "" {
				t.Errorf("gone (-want +got):\n%s", diff)
			}
		})
	}
}

// A row that is erased must not make room for an older one of its key, which does
// not yet say what was erased.
func TestNoOlderReadingStandsUpWhenTheNewerIsErased(t *testing.T) {
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	for generation, author := range map[uint64]string{1: "", 2: "author"} {
		album := post{name: "p3", channel: "A", at: "01-01 10:00:00", platform: telegram, audience: 1}
		if generation == 2 {
			album.items, album.generation = []string{"p3-second"}, 2
		}
		w.post(album)
		w.add(store.KindPosts, telegram, doxtrailv1.Post_builder{
			PostKey: w.key("p1"), PostNoKey: w.key("p1-no"), ChannelKey: w.key("A"), AccountKey: w.key(author), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
			PostedAt: proto.Int64(at(t, "01-01 10:00:00")), Generation: &generation,
		}.Build())
		domain := map[uint64]string{1: "site x.one", 2: "site one"}[generation] // the list of public suffixes was mended
		w.add(store.KindLinks, telegram, doxtrailv1.Link_builder{
			PostKey: w.key("p2"), ChannelKey: w.key("A"), PostedAt: proto.Int64(at(t, "01-01 10:00:00")), HostKey: w.key("host x.one"),
			SiteKey: w.key(domain), PathKey: w.key("path c1"), Depth: proto.Uint32(1), Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(), Generation: &generation,
		}.Build())
	}
	w.insert() // in one part, which no merge touches
	older := backUp(t, w.store)
	w.erase(w.key("author"), true, 2)
	w.erase(card("red", w.key("path c1")), true, 2)
	w.erase(w.key("p3-second"), true, 2)
	w.insert()
	if _, err := w.store.EnforceErasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := w.left(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	restore(t, w.store, older)
	if left := w.left(); len(left) > 0 {
		t.Errorf("left after a restore: %q", left)
	}
}

func TestNoBackupBringsBackWhatWasErased(t *testing.T) {
	w := gossip(t)
	everything := w.left()
	older := backUp(t, w.store)
	gone := map[string]bool{}
	for _, e := range erasures {
		w.erase(e.key(w), true, 2)
		for line := range strings.Lines(e.gone) {
			gone[strings.TrimSpace(line)] = true
		}
	}
	w.insert() // the decisions alone: whoever erases may be killed after them
	want := sorted(slices.Collect(maps.Keys(gone)))
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(want, missing(everything, w.left())); diff != "" {
			t.Errorf("gone %s (-want +got):\n%s", when, diff)
		}
	}
	newer := backUp(t, w.store)
	restore(t, w.store, older)
	check("after an older backup was restored")
	w.store = storetest.New(t)
	restore(t, w.store, older)
	restore(t, w.store, newer)
	check("after a newer backup was restored into an older study")
}

func TestAnErasureThatWasTakenBackErasesNothing(t *testing.T) {
	w := gossip(t)
	before := w.left()
	w.erase(w.key("p1"), true, 2)
	w.erase(w.key("p1"), false, 3)
	w.insert()
	restore(t, w.store, backUp(t, w.store))
	if diff := cmp.Diff(before, w.left()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// card is the key of a card, which anybody can work out.
func card(family string, path []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", family, uuidText(path)))
	return sum[:16]
}

// missing is what was there and is not.
func missing(before, after []string) []string {
	there := make(map[string]bool, len(after))
	for _, line := range after {
		there[line] = true
	}
	var gone []string
	for _, line := range before {
		if !there[line] {
			gone = append(gone, line)
		}
	}
	return gone
}
