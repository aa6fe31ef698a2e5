package normaliser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

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
	id := []byte("0123456789abcdef")
	origin := doxtrailv1.BatchOrigin_builder{
		Leg: ptr(doxtrailv1.Leg_LEG_SEARCH), Selection: ptr(doxtrailv1.Selection_SELECTION_SEARCH), Query: ptr(query), LookedAt: ptr(int64(9000)), ImportId: id,
	}.Build()
	got := b.cover(twitter, origin, postAt(twitter, "1", 2000, "https://harbour-leaks.example/card/1"), postAt(twitter, "2", 1000, ""))
	key := b.keyer.Query(twitter, query)
	same(t, "coverage", got, []*doxtrailv1.Coverage{doxtrailv1.Coverage_builder{
		CoverageKey: b.keyer.Coverage(id, b.keyer.Post(twitter, "1", "1256000000000000077"), 0).Bytes(), QueryKey: key.Bytes(), ImportId: id,
		Leg: ptr(doxtrailv1.Leg_LEG_SEARCH), Selection: ptr(doxtrailv1.Selection_SELECTION_SEARCH), State: ptr(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE),
		FromAt: ptr(int64(1000)), ToAt: ptr(int64(2000)), LookedAt: ptr(int64(9000)),
		PostCount: ptr(uint64(2)), LinkCount: ptr(uint64(1)), SightingCount: ptr(uint64(1)), Generation: ptr(uint64(1)),
	}.Build()})
}

func TestWhatABatchDoesNotSayItsCoverageDoesNotSay(t *testing.T) {
	b := newBench(t, harbour)
	id := []byte("0123456789abcdef")
	got := b.cover(twitter, doxtrailv1.BatchOrigin_builder{ImportId: id}.Build(), postAt(twitter, "1", 2000, ""))
	same(t, "coverage", got, []*doxtrailv1.Coverage{doxtrailv1.Coverage_builder{
		CoverageKey: b.keyer.Coverage(id, b.keyer.Post(twitter, "1", "1256000000000000077"), 0).Bytes(), ImportId: id, State: ptr(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE),
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

// numbered are posts of one channel at places of a file: each is its number,
// and the one before is what it accounts for besides.
func numbered(numbers ...uint64) (posts []*doxtrailv1.RawPost) {
	for _, n := range numbers {
		posts = append(posts, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.PostId, r.Record, r.RecordCount, r.PostedAt = ptr(fmt.Sprint(n)), ptr(n), ptr(uint32(2)), ptr(int64(1000+n))
		}))
	}
	return posts
}

func at(first, records uint64) *doxtrailv1.BatchOrigin {
	o := origin(telegram)
	o.SetFirstRecord(first)
	o.SetRecordCount(records)
	return o
}

// places lists the ranges of rows, with how many posts are in each.
func places(rows []*doxtrailv1.Coverage) (list []string) {
	for _, r := range rows {
		list = append(list, fmt.Sprintf("%d+%d %s %d", r.GetFirstRecord(), r.GetRecordCount(), strings.TrimPrefix(r.GetState().String(), "COVERAGE_STATE_"), r.GetPostCount()))
	}
	return list
}

func TestAWholeBatchIsOneRowAndAnythingLessARowAPost(t *testing.T) {
	b := newBench(t, harbour)
	broken := func(p *doxtrailv1.RawPost) *doxtrailv1.RawPost { p.ClearPostedAt(); return p }
	posts := numbered(11, 13, 15)
	for name, tc := range map[string]struct {
		posts []*doxtrailv1.RawPost
		want  []string
	}{
		"whole":                       {posts, []string{"10+6 COMPLETE 3"}},
		"the first part":              {posts[:1], []string{"10+2 COMPLETE 1"}},
		"the rest":                    {posts[1:], []string{"12+2 COMPLETE 1", "14+2 COMPLETE 1"}},
		"one failed":                  {[]*doxtrailv1.RawPost{posts[0], broken(numbered(13)[0]), posts[2]}, []string{"10+2 COMPLETE 1", "14+2 COMPLETE 1", "12+2 GAP 0"}},
		"all failed, places unknown":  {[]*doxtrailv1.RawPost{broken(postAt(telegram, "1", 1, "")), broken(postAt(telegram, "1", 1, ""))}, []string{"10+6 GAP 0", "10+6 GAP 0"}},
		"a place that cannot be ours": {[]*doxtrailv1.RawPost{telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Record, r.RecordCount = ptr(uint64(1)), ptr(uint32(9)) })}, []string{"0+0 COMPLETE 1"}},
	} {
		got := b.coverAll(at(10, 6), complete, tc.posts...)
		if diff := cmp.Diff(tc.want, places(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		again := b.coverAll(at(10, 6), complete, tc.posts...)
		same(t, name+", delivered again", again, got)
	}
}

func TestAGapStandsWhereItsRowsWould(t *testing.T) {
	b := newBench(t, harbour)
	rows, lost := b.coverAll(at(10, 4), complete, numbered(11, 13)...), b.coverAll(at(10, 4), gap, numbered(11, 13)...)
	want := proto.CloneOf(rows[0])
	want.SetState(gap)
	want.SetPostCount(0)
	want.SetLinkCount(0)
	want.SetSightingCount(0)
	same(t, "the gap", lost, []*doxtrailv1.Coverage{want})
}

// coverAll is cover for posts of which some fail.
func (b *bench) coverAll(origin *doxtrailv1.BatchOrigin, state doxtrailv1.CoverageState, posts ...*doxtrailv1.RawPost) []*doxtrailv1.Coverage {
	b.t.Helper()
	l := newLooks(telegram)
	for _, p := range posts {
		if facts, err := b.converter.outline(telegram, encoded(b.t, p)); err != nil {
			l.fail(facts.place)
		} else {
			facts.posts = 1
			l.add(facts)
		}
	}
	b.rows = nil
	b.converter.coverage(telegram, origin, l, state, &b.rows)
	return of[*doxtrailv1.Coverage](b.t, b.rows, bus.KindCoverage)
}

// origin is where the batches of most tests were read.
func origin(platform doxtrailv1.Platform) *doxtrailv1.BatchOrigin {
	return doxtrailv1.BatchOrigin_builder{
		Platform: &platform, Leg: ptr(doxtrailv1.Leg_LEG_ARCHIVE), Selection: ptr(doxtrailv1.Selection_SELECTION_FULL),
		ImportId: []byte("0123456789abcdef"), FirstRecord: ptr(uint64(7)),
	}.Build()
}
