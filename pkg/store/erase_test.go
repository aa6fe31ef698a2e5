package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func keysOf(raw ...[]byte) (keys []privacy.Key) {
	for _, key := range raw {
		keys = append(keys, privacy.Key(key))
	}
	return keys
}

// known are the targets with all names of channels, the keys that go with them, and
// the pages, as who erases asks for them before anything is gone.
func (w *world) known(target []byte) (targets, keys []privacy.Key, pages []store.CardPage) {
	w.t.Helper()
	targets, err := w.store.ChannelNames(w.t.Context(), keysOf(target))
	if err != nil {
		w.t.Fatal(err)
	}
	parts, err := w.store.PartsOf(w.t.Context(), targets)
	if err != nil {
		w.t.Fatal(err)
	}
	keys = slices.Clone(targets)
	for _, part := range parts {
		keys = append(keys, part.Key)
	}
	if pages, err = w.store.CardPages(w.t.Context(), targets); err != nil {
		w.t.Fatal(err)
	}
	return targets, keys, pages
}

// The scan for what is left knows nothing of how rows are deleted: it has to find
// before what they say will go, and nothing after.
func TestTheScanFindsWhatIsThereAndNothingAfterwards(t *testing.T) {
	for _, tc := range erasures {
		t.Run(tc.what, func(t *testing.T) {
			w := gossip(t)
			targets, keys, pages := w.known(tc.key(w))
			would, err := w.store.WouldErase(t.Context(), targets)
			if err != nil {
				t.Fatal(err)
			}
			left, _, err := w.store.Left(t.Context(), keys, pages)
			if err != nil {
				t.Fatal(err)
			}
			maps.DeleteFunc(left, func(_ store.Kind, n uint64) bool { return n == 0 })
			if diff := cmp.Diff(would, left); diff != "" {
				t.Errorf("before (-would go +found):\n%s", diff)
			}
			w.erase(tc.key(w), true, 2)
			w.insert()
			done, err := w.store.EnforceErasures(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(would, done); diff != "" {
				t.Errorf("deleted (-would go +gone):\n%s", diff)
			}
			left, kept, err := w.store.Left(t.Context(), keys, pages)
			if err != nil || left.Rows() != 0 || len(left) != 6 {
				t.Errorf("afterwards there is %v, %v", left, err)
			}
			if kept[store.KindDecisions] != 1 {
				t.Errorf("kept are %v", kept)
			}
		})
	}
}

// What was erased lies in parts that were replaced, which have to go from the disk;
// tables are left as they were.
func TestReplacedPartsGoFromTheDisk(t *testing.T) {
	w := gossip(t)
	w.erase(w.key("A"), true, 2)
	w.insert()
	if done, err := w.store.EnforceErasures(t.Context()); err != nil || done.Rows() == 0 {
		t.Fatalf("deleted are %v, %v", done, err)
	}
	const settings = "SELECT groupArray(engine_full) AS text FROM (SELECT engine_full FROM system.tables WHERE database = '%s' ORDER BY name)"
	replaced := fmt.Sprintf("SELECT [toString(count())] AS text FROM system.parts WHERE database = '%s' AND NOT active AND table != 'decisions'", w.store.Tables())
	before := w.texts(fmt.Sprintf(settings, w.store.Tables()))
	if n := w.texts(replaced); n[0] == "0" {
		t.Error("no part was replaced")
	}
	if err := w.store.DropReplaced(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.texts(replaced); n[0] != "0" {
		t.Errorf("%s replaced parts are on the disk", n[0])
	}
	if diff := cmp.Diff(before, w.texts(fmt.Sprintf(settings, w.store.Tables()))); diff != "" {
		t.Errorf("settings of tables (-before +after):\n%s", diff)
	}
}

// A study that goes on replacing parts, as it does while somebody imports, keeps no
// erasure waiting.
func TestPartsThatAreReplacedMeanwhileAreNotWaitedFor(t *testing.T) {
	w := gossip(t)
	w.erase(w.key("A"), true, 2)
	w.insert()
	if done, err := w.store.EnforceErasures(t.Context()); err != nil || done.Rows() == 0 {
		t.Fatalf("deleted are %v, %v", done, err)
	}
	churning, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for churning.Err() == nil {
			_ = w.store.Exec(churning, "OPTIMIZE TABLE "+w.store.Tables()+".links FINAL") //nolint:misspell // so ClickHouse spells it
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.store.DropReplaced(ctx); err != nil {
		t.Error(err)
	}
	stop()
	<-ended
}

// What ClickHouse set aside is not in the tables, and still on the disk.
func TestPartsThatWereSetAsideAreCounted(t *testing.T) {
	w := gossip(t)
	if n, err := w.store.AsideParts(t.Context()); n != 0 || err != nil {
		t.Errorf("%d parts are aside, %v", n, err)
	}
	for _, table := range []string{"links", "decisions"} {
		part := w.texts(fmt.Sprintf("SELECT [min(name)] AS text FROM system.parts WHERE active AND database = '%s' AND table = '%s'", w.store.Tables(), table))[0]
		if part == "" {
			continue // of the one that is not erased from
		}
		if err := w.store.Exec(t.Context(), fmt.Sprintf("ALTER TABLE %s.%s DETACH PART '%s'", w.store.Tables(), table, part)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.store.AsideParts(t.Context()); n != 1 || err != nil {
		t.Errorf("%d parts are aside, %v", n, err)
	}
}

// texts is the one answer of a statement of texts.
func (w *world) texts(sql string) []string {
	w.t.Helper()
	var rows []struct {
		Text []string `ch:"text"`
	}
	if err := w.store.Select(w.t.Context(), &rows, sql, nil); err != nil {
		w.t.Fatal(err)
	}
	return rows[0].Text
}

func TestWhatGoesTogetherIsKnownBeforeItGoes(t *testing.T) {
	w := gossip(t)
	targets, keys, _ := w.known(w.key("A-former-name"))
	if want := keysOf(w.key("A-former-name"), w.key("A"), w.key("A-name")); !sameKeys(targets, want) {
		t.Errorf("%d names of the channel", len(targets))
	}
	if want := keysOf(w.key("A-former-name"), w.key("A"), w.key("A-name"), w.key("p1"), w.key("p2"), w.key("p6")); !sameKeys(keys, want) {
		t.Errorf("%d keys go with it", len(keys))
	}
	for _, of := range []string{"p7", "p7-second"} {
		if _, keys, _ := w.known(w.key(of)); !sameKeys(keys, keysOf(w.key("p7"), w.key("p7-second"))) {
			t.Errorf("%d keys go with an album", len(keys))
		}
	}
	// A mirror that was listed since shows the card too, though no link says so yet.
	w.site(site{host: "mirror", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	w.insert()
	red := privacy.Key(card("red", w.key("path c1")))
	_, _, pages := w.known(red[:])
	want := []store.CardPage{
		{Card: red, Path: privacy.Key(w.key("path c1")), Site: privacy.Key(w.key("site one"))},
		{Card: red, Path: privacy.Key(w.key("path c1")), Site: privacy.Key(w.key("site mirror"))},
	}
	if !sameKeys(pages, want) {
		t.Errorf("the pages of a card are %d", len(pages))
	}
	if red != store.CardKey("red", privacy.Key(w.key("path c1"))) {
		t.Error("a card has another key in the view than here")
	}
	families, err := w.store.FamiliesAt(t.Context(), privacy.Key(w.key("host x.one")), privacy.Key(w.key("site one")))
	if err != nil || !slices.Equal(families, []string{"red"}) {
		t.Errorf("families are %v, %v", families, err)
	}
}

// sameKeys compares without order.
func sameKeys[K comparable](got, want []K) bool {
	count := map[K]int{}
	for _, key := range got {
		count[key]++
	}
	for _, key := range want {
		count[key]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
