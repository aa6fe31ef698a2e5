package normaliser

import (
	"bytes"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// cover converts posts as one batch and gives the rows of coverage.
func (b *bench) cover(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, posts ...*doxtrailv1.RawPost) []*doxtrailv1.Coverage {
	b.t.Helper()
	l := newLooks(platform)
	for _, p := range posts {
		l.add(b.mustPost(platform, p))
	}
	b.rows = nil
	b.converter.coverage(platform, origin, l, complete, &b.rows)
	return of[*doxtrailv1.Coverage](b.t, b.rows, bus.KindCoverage)
}

func postAt(platform doxtrailv1.Platform, channel string, at int64, text string) *doxtrailv1.RawPost {
	post := telegramPost
	if platform == twitter {
		post = twitterPost
	}
	return post(func(r *doxtrailv1.RawPost_builder) { r.ChannelId, r.PostedAt, r.Text = &channel, &at, &text })
}

func TestABatchOfTelegramCoversEachOfItsChannels(t *testing.T) {
	b := newBench(t, harbour)
	id := []byte("0123456789abcdef")
	origin := doxtrailv1.BatchOrigin_builder{
		Platform: ptr(telegram), Leg: ptr(doxtrailv1.Leg_LEG_ARCHIVE), Selection: ptr(doxtrailv1.Selection_SELECTION_FULL),
		ImportId: id, FirstRecord: ptr(uint64(40)), RecordCount: ptr(uint64(9)),
	}.Build()
	const card = "https://harbour-leaks.example/card/1"
	repeat := postAt(telegram, "1", 900, card)
	repeat.SetRepeatedInFile(true)
	got := b.cover(telegram, origin,
		postAt(telegram, "1", 2000, card+" https://news.example/a"), postAt(telegram, "2", 5000, ""), postAt(telegram, "1", 1000, card), repeat)

	row := func(channel string, from, to int64, posts, links, sightings uint64) *doxtrailv1.Coverage {
		key := b.keyer.Channel(telegram, channel)
		return doxtrailv1.Coverage_builder{
			CoverageKey: b.keyer.Coverage(id, b.keyer.Post(telegram, channel, "77"), 40).Bytes(), ChannelKey: key.Bytes(), ImportId: id,
			Leg: ptr(doxtrailv1.Leg_LEG_ARCHIVE), Selection: ptr(doxtrailv1.Selection_SELECTION_FULL), State: ptr(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE),
			FromAt: &from, ToAt: &to, PostCount: &posts, LinkCount: &links, SightingCount: &sightings, Generation: ptr(uint64(1)),
		}.Build()
	}
	same(t, "coverage", got, []*doxtrailv1.Coverage{row("1", 900, 2000, 2, 3, 2), row("2", 5000, 5000, 1, 0, 0)})
}

func TestABatchOfTwitterCoversItsSearch(t *testing.T) {
	b := newBench(t, harbour)
	const query = "from:pier_watch Fong Ka-ming"
	origin := doxtrailv1.BatchOrigin_builder{
		Leg: ptr(doxtrailv1.Leg_LEG_SEARCH), Selection: ptr(doxtrailv1.Selection_SELECTION_SEARCH), Query: ptr(query), LookedAt: ptr(int64(9000)),
	}.Build()
	got := b.cover(twitter, origin, postAt(twitter, "1", 2000, "https://harbour-leaks.example/card/1"), postAt(twitter, "2", 1000, ""))
	key := b.keyer.Query(twitter, query)
	same(t, "coverage", got, []*doxtrailv1.Coverage{doxtrailv1.Coverage_builder{
		CoverageKey: b.keyer.Coverage(nil, b.keyer.Post(twitter, "1", "1256000000000000077"), 0).Bytes(), QueryKey: key.Bytes(),
		Leg: ptr(doxtrailv1.Leg_LEG_SEARCH), Selection: ptr(doxtrailv1.Selection_SELECTION_SEARCH), State: ptr(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE),
		FromAt: ptr(int64(1000)), ToAt: ptr(int64(2000)), LookedAt: ptr(int64(9000)),
		PostCount: ptr(uint64(2)), LinkCount: ptr(uint64(1)), SightingCount: ptr(uint64(1)), Generation: ptr(uint64(1)),
	}.Build()})
}

func TestWhatABatchDoesNotSayItsCoverageDoesNotSay(t *testing.T) {
	b := newBench(t, harbour)
	got := b.cover(twitter, &doxtrailv1.BatchOrigin{}, postAt(twitter, "1", 2000, ""))
	same(t, "coverage", got, []*doxtrailv1.Coverage{doxtrailv1.Coverage_builder{
		CoverageKey: b.keyer.Coverage(nil, b.keyer.Post(twitter, "1", "1256000000000000077"), 0).Bytes(), State: ptr(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE),
		FromAt: ptr(int64(2000)), ToAt: ptr(int64(2000)),
		PostCount: ptr(uint64(1)), LinkCount: ptr(uint64(0)), SightingCount: ptr(uint64(0)), Generation: ptr(uint64(1)),
	}.Build()})
	if b.rows[0].platform != twitter {
		t.Errorf("coverage stands under platform %v", b.rows[0].platform)
	}
	if got := b.cover(telegram, nil, postAt(telegram, "1", 2000, "")); len(got) != 0 {
		t.Errorf("a batch from nowhere covers %d looks", len(got))
	}
	if got := b.cover(telegram, origin(telegram)); len(got) != 0 {
		t.Errorf("a batch without a good post covers %d looks", len(got))
	}
}

// TestPartsOfABatchHaveRowsOfTheirOwn handles a batch whole and then in parts,
// as after a crash: the parts' rows together must count each post once.
func TestPartsOfABatchHaveRowsOfTheirOwn(t *testing.T) {
	b := newBench(t, harbour)
	numbered := func(id string) *doxtrailv1.RawPost {
		return telegramPost(func(r *doxtrailv1.RawPost_builder) { r.PostId = &id })
	}
	whole := b.cover(telegram, origin(telegram), numbered("1"), numbered("2"), numbered("3"))
	again := b.cover(telegram, origin(telegram), numbered("1"), numbered("2"), numbered("3"))
	first := b.cover(telegram, origin(telegram), numbered("1"))
	rest := b.cover(telegram, origin(telegram), numbered("2"), numbered("3"))
	same(t, "the whole batch again", again, whole)
	if !bytes.Equal(first[0].GetCoverageKey(), whole[0].GetCoverageKey()) {
		t.Error("the first part does not take the whole batch's place")
	}
	if bytes.Equal(rest[0].GetCoverageKey(), whole[0].GetCoverageKey()) {
		t.Error("another part takes the whole batch's place")
	}
}

// origin is where the batches of most tests were read.
func origin(platform doxtrailv1.Platform) *doxtrailv1.BatchOrigin {
	return doxtrailv1.BatchOrigin_builder{
		Platform: &platform, Leg: ptr(doxtrailv1.Leg_LEG_ARCHIVE), Selection: ptr(doxtrailv1.Selection_SELECTION_FULL),
		ImportId: []byte("0123456789abcdef"), FirstRecord: ptr(uint64(7)),
	}.Build()
}
