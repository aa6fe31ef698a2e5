package normaliser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// album is a post with everything by which it can be erased.
func album() *doxtrailv1.RawPost {
	return telegramPost(func(r *doxtrailv1.RawPost_builder) {
		r.ChannelName, r.AccountId, r.ItemIds = ptr("Pier_News"), ptr("user55"), []string{"78"}
		r.Text = ptr("https://harbour-leaks.example/card/9 and https://t.me/other_news/5")
	})
}

func TestAPostThatWasErasedBecomesNoRow(t *testing.T) {
	b := newBench(t, harbour)
	whole := b.mustPost(telegram, album())
	all := len(b.rows)
	for what, key := range map[string]privacy.Key{
		"the post": b.keyer.PostOf(telegram, "4100000001", "", "77"), "the post by its channel's handle": b.keyer.PostOf(telegram, "", "pier_news", "77"),
		"an item of it": b.keyer.PostOf(telegram, "4100000001", "", "78"), "its channel": b.keyer.Channel(telegram, "4100000001"),
		"its channel by its handle": b.keyer.ChannelName(telegram, "PIER_NEWS"), "its account": b.keyer.Account(telegram, "user55"),
	} {
		b.converter.tombstones = privacy.NewTombstoneSet([]privacy.Tombstone{{Target: key}})
		facts := b.mustPost(telegram, album())
		if len(b.rows) != 0 || !facts.erased {
			t.Errorf("erased was %s, and there are %d rows", what, len(b.rows))
		}
		// What a file holds is a function of the file alone.
		if facts.posts != whole.posts || facts.links != whole.links || facts.sightings != whole.sightings || facts.links != 2 {
			t.Errorf("erased was %s, and the file holds %+v, not %+v", what, facts, whole)
		}
	}
	b.converter.tombstones = privacy.NewTombstoneSet([]privacy.Tombstone{{Target: b.keyer.Account(telegram, "user56")}})
	if facts := b.mustPost(telegram, album()); facts.erased || len(b.rows) != all {
		t.Errorf("another account was erased, and there are %d rows of %d", len(b.rows), all)
	}
}

// A delivery has one data key: its row must not go with an erased post that is the
// first to need it.
func TestTheDataKeyOfADeliveryStaysWhenItsFirstPostWasErased(t *testing.T) {
	b := locating(t, harbour)
	b.converter.tombstones = privacy.NewTombstoneSet([]privacy.Tombstone{{Target: b.keyer.PostOf(telegram, "4100000001", "", "1")}})
	var rows recorded
	for _, record := range sightingPosts(1, 2) {
		if _, err := b.converter.post(telegram, record, &rows); err != nil {
			t.Fatal(err)
		}
	}
	var keys, locators int
	for _, r := range rows {
		switch r.kind {
		case bus.KindLocatorKeys:
			keys++
		case bus.KindLocators:
			locators++
		default:
		}
	}
	if keys != 1 || locators != 3 { // of the post, its channel and the page
		t.Errorf("%d data keys and %d locators", keys, locators)
	}
}

// tombstonesOfACard are of the card 1 of sightingPosts.
func tombstonesOfACard(keyer *privacy.Keyer) []privacy.Tombstone {
	return []privacy.Tombstone{{
		Target: privacy.Key{1}, Path: keyer.Path("/card/1"), Site: keyer.Site("harbour-leaks.example"),
	}}
}

// The service itself: what was erased while it runs reaches RECORDS no more.
func TestAnErasedCardComesNotBackFromRaw(t *testing.T) {
	s := newStage(t)
	file, err := privacy.OpenTombstones(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.tombstones = file
	list := s.list(harbour)
	servicetest.Background(t, s.service().Run)
	if err := file.Append(tombstonesOfACard(s.ring.Keyer())); err != nil {
		t.Fatal(err)
	}
	posts := sightingPosts(1, 3)
	s.put(bus.KindPosts, posts...)
	s.settled()
	links := of[*doxtrailv1.Link](t, s.rows(), bus.KindLinks)
	if len(links) != 2 {
		t.Errorf("%d links came through, want 2", len(links))
	}
	want := of[*doxtrailv1.Coverage](t, s.twin(list, posts), bus.KindCoverage)
	same(t, "coverage", of[*doxtrailv1.Coverage](t, s.rows(), bus.KindCoverage), want)
	if got := s.metric("erased_records_total"); got != 2 {
		t.Errorf("%v records were counted as erased, want the link and its locator", got)
	}
}

func TestAScreenTellsWhatRawRecordsAreAbout(t *testing.T) {
	ring := testRing(t)
	keyer := ring.Keyer()
	set := privacy.NewTombstoneSet(append(tombstonesOfACard(keyer), privacy.Tombstone{Target: keyer.Channel(telegram, "666")}))
	screen := NewScreen(ring, set)
	posts := sightingPosts(1, 2)
	for i, tc := range []struct {
		kind   bus.Kind
		record []byte
		want   bool
	}{
		{bus.KindPosts, posts[0], true},
		{bus.KindPosts, posts[1], false},
		{bus.KindPosts, encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.ChannelId = ptr("666") })), true},
		{bus.KindPosts, encoded(t, doxtrailv1.RawPost_builder{ChannelId: ptr("666")}.Build()), true},
		{bus.KindPosts, encoded(t, doxtrailv1.RawPost_builder{Text: ptr("https://harbour-leaks.example/card/1")}.Build()), true},
		// What a watch list would have to know, and more links than are kept.
		{bus.KindPosts, encoded(t, doxtrailv1.RawPost_builder{Text: ptr("harbour-leaks dot example/card/1")}.Build()), true},
		{bus.KindPosts, encoded(t, doxtrailv1.RawPost_builder{Text: ptr("harbour-leaks dot example/card/2")}.Build()), false},
		{bus.KindPosts, encoded(t, doxtrailv1.RawPost_builder{Text: ptr(manyLinks(Defaults().MaxLinks) + "https://harbour-leaks.example/card/1")}.Build()), true},
		{bus.KindPosts, []byte("damaged"), false},
		{bus.KindChannels, encoded(t, doxtrailv1.RawChannel_builder{ChannelId: ptr("666")}.Build()), true},
		{bus.KindChannels, encoded(t, doxtrailv1.RawChannel_builder{ChannelId: ptr("667")}.Build()), false},
		{bus.KindObservations, encoded(t, doxtrailv1.RawObservation_builder{
			ChannelId: ptr("666"), PostId: ptr("1"), State: doxtrailv1.ObservationState_OBSERVATION_STATE_UP.Enum(), ObservedAt: proto.Int64(1),
		}.Build()), true},
		{bus.KindCoverage, encoded(t, doxtrailv1.RawCoverage_builder{ChannelId: ptr("666")}.Build()), false},
	} {
		before := slices.Clone(tc.record)
		erased, read := screen.Erased(tc.kind, telegram, tc.record)
		if erased != tc.want || read == (string(before) == "damaged") {
			t.Errorf("record %d: erased %t, read %t", i, erased, read)
		}
		if !slices.Equal(before, tc.record) {
			t.Errorf("record %d was changed", i)
		}
	}
}

// manyLinks is a text with n of them.
func manyLinks(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "https://mirror.example/%d ", i)
	}
	return text.String()
}
