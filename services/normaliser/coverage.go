package normaliser

import (
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	complete = doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE
	gap      = doxtrailv1.CoverageState_COVERAGE_STATE_GAP
)

// errNoState is a report of a look that does not say what came of it.
var errNoState = errors.New("no_state")

// place is the part of its file that a post accounts for: a record and those
// before it that are no posts. count is 0 where the source counts no records.
type place struct{ first, count uint64 }

func placeOf(raw *doxtrailv1.RawPost) place {
	if !raw.HasRecord() {
		return place{}
	}
	count := uint64(max(raw.GetRecordCount(), 1))
	if count > raw.GetRecord()+1 {
		return place{} // not of our making
	}
	return place{first: raw.GetRecord() + 1 - count, count: count}
}

// look is what was seen of one channel, or by one search.
type look struct {
	place

	channel   privacy.Key
	post      privacy.Key // the first
	from, to  int64
	posts     uint64
	links     uint64
	sightings uint64
}

// looks collects what a delivery covers: one look a post, and where those lie
// that failed.
type looks struct {
	bySearch bool
	list     []look
	failed   []place
	// lostAt is when the posts were lost, in milliseconds; of a gap only.
	lostAt int64
}

func newLooks(platform doxtrailv1.Platform) *looks {
	// Of an account on Twitter a search returns what matches, never all: a batch
	// of it is one look, whatever channels its posts are from.
	return &looks{bySearch: platform == doxtrailv1.Platform_PLATFORM_TWITTER}
}

// add notes a post.
func (l *looks) add(p postFacts) {
	k := look{place: p.place, channel: p.channel, post: p.post, from: p.postedAt, to: p.postedAt, posts: p.posts, links: p.links, sightings: p.sightings}
	if l.bySearch {
		k.channel = privacy.Key{}
	}
	l.list = append(l.list, k)
}

// fail notes a post that could not be converted.
func (l *looks) fail(p place) { l.failed = append(l.failed, p) }

// together adds the looks up, one a channel, in the order of their first posts.
func (l *looks) together() (sums []look) {
	index := map[privacy.Key]int{}
	for _, k := range l.list {
		i, known := index[k.channel]
		if !known {
			index[k.channel] = len(sums)
			sums = append(sums, k)
			continue
		}
		s := &sums[i]
		s.from, s.to = min(s.from, k.from), max(s.to, k.to)
		s.posts += k.posts
		s.links += k.links
		s.sightings += k.sightings
	}
	return sums
}

// counted says whether every post has its place in a file.
func (l *looks) counted() bool {
	for _, k := range l.list {
		if k.count == 0 {
			return false
		}
	}
	return true
}

// whole says whether the posts are all of their batch, by what each accounts
// for. They are not when the batch comes in parts after a crash, when one of
// them failed, and when one comes alone out of FAILED.
func (l *looks) whole(origin *doxtrailv1.BatchOrigin) bool {
	var sum uint64
	for _, k := range l.list {
		sum += k.count
	}
	return len(l.failed) == 0 && sum == origin.GetRecordCount()
}

// coverage adds the rows for what a delivery covers, or for what was lost of
// it. A batch that does not say where it was read covers nothing.
//
// A row is known by the records that it accounts for. A whole batch is one row;
// anything less is one row a post, whose place is settled by the file. So
// whatever comes again, whole or in parts, gives the same rows, and of two rows
// that differ one lies within the other: the view `coverage` leaves one out.
//
// What is collected live has no such places: one post comes by tail, history and
// re-poll, each time in another batch, so no row of a batch could count it once,
// and the times between the posts of a re-poll were not looked at. There the
// collector reports the ranges that it read, and posts are counted as rows. What
// was lost is known here alone: a gap a post, which a later look at it fills.
func (c *converter) coverage(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, l *looks, state doxtrailv1.CoverageState, out rows) {
	switch {
	case origin == nil:
	case len(origin.GetImportId()) == 0:
		if state == gap {
			c.lost(platform, origin, l, out)
		}
	case !l.counted():
		for _, k := range l.together() {
			key := c.keyer.Coverage(origin.GetImportId(), k.post, origin.GetFirstRecord())
			c.lookRow(platform, origin, key, k, state, out)
		}
	case l.whole(origin):
		for _, k := range l.together() {
			k.place = place{origin.GetFirstRecord(), origin.GetRecordCount()}
			c.lookRow(platform, origin, c.placeKey(platform, origin, k), k, state, out)
		}
	default:
		for _, k := range l.list {
			c.lookRow(platform, origin, c.placeKey(platform, origin, k), k, state, out)
		}
		for _, p := range l.failed {
			if p.count == 0 { // nobody knows where in the batch
				p = place{origin.GetFirstRecord(), origin.GetRecordCount()}
			}
			k := look{place: p}
			c.lookRow(platform, origin, c.placeKey(platform, origin, k), k, gap, out)
		}
	}
}

// lost adds a gap for each post of a live leg. It is dated by its loss, because
// the collector takes the post for read from the look on.
func (c *converter) lost(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, l *looks, out rows) {
	dated := proto.CloneOf(origin)
	dated.SetLookedAt(l.lostAt)
	for _, k := range l.list {
		c.lookRow(platform, dated, c.keyer.Coverage(nil, k.post), k, gap, out)
	}
}

// placeKey is the identity of a row of an import. A gap has the same as what
// fills it later, where its channel or search is known.
func (c *converter) placeKey(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, k look) privacy.Key {
	part := k.channel
	if part.IsZero() {
		part = c.keyer.Query(platform, origin.GetQuery())
	}
	return c.keyer.Coverage(origin.GetImportId(), part, k.first, k.count)
}

func (c *converter) lookRow(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, key privacy.Key, k look, state doxtrailv1.CoverageState, out rows) {
	if state == gap { // what was lost is no row
		k.posts, k.links, k.sightings = 0, 0, 0
	}
	query := c.keyer.Query(platform, origin.GetQuery())
	row := doxtrailv1.Coverage_builder{
		CoverageKey:   key[:],
		ChannelKey:    k.channel.Bytes(),
		QueryKey:      query.Bytes(),
		ImportId:      origin.GetImportId(),
		Leg:           known(origin.GetLeg()),
		Selection:     known(origin.GetSelection()),
		State:         &state,
		PostCount:     &k.posts,
		LinkCount:     &k.links,
		SightingCount: &k.sightings,
		Generation:    &c.generation,
	}.Build()
	if !k.post.IsZero() {
		row.SetFromAt(k.from)
		row.SetToAt(k.to)
	}
	if k.count > 0 {
		row.SetFirstRecord(k.first)
		row.SetRecordCount(k.count)
	}
	if origin.HasLookedAt() {
		row.SetLookedAt(origin.GetLookedAt())
	}
	out.add(bus.KindCoverage, platform, c.encode(row))
}
