package normaliser

import (
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// look is what one batch covers of one channel, or of one search.
type look struct {
	channel   privacy.Key
	first     privacy.Key // the first post
	from, to  int64
	posts     uint64
	links     uint64
	sightings uint64
}

// looks collects what a batch covers. A batch of a search is one look whatever
// channels its posts are from; another is one look a channel.
type looks struct {
	bySearch bool
	list     []look
	index    map[privacy.Key]int
}

func newLooks(platform doxtrailv1.Platform) *looks {
	return &looks{
		// Of an account on Twitter a search returns what matches, never all.
		bySearch: platform == doxtrailv1.Platform_PLATFORM_TWITTER,
		index:    map[privacy.Key]int{},
	}
}

// add counts one post into its look.
func (l *looks) add(p postFacts) {
	part := p.channel
	if l.bySearch {
		part = privacy.Key{}
	}
	i, known := l.index[part]
	if !known {
		i = len(l.list)
		l.index[part] = i
		l.list = append(l.list, look{channel: part, first: p.post, from: p.postedAt, to: p.postedAt})
	}
	k := &l.list[i]
	k.from, k.to = min(k.from, p.postedAt), max(k.to, p.postedAt)
	k.posts += p.posts
	k.links += p.links
	k.sightings += p.sightings
}

// coverage adds a row for every look of a batch to out. A batch that does not
// say where it was read covers nothing.
//
// A row is known by the batch's place in its file and the first post it is
// about. So a batch that comes again is covered once; and where it comes again
// in parts, after a record of it stopped a process, each part has a row of its
// own but the first, which takes the place of the whole batch's: the store
// keeps the row of fewer posts.
func (c *converter) coverage(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, l *looks, out rows) {
	if origin == nil {
		return
	}
	query := c.keyer.Query(platform, origin.GetQuery())
	state := doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE
	for i := range l.list {
		k := &l.list[i]
		coverageKey := c.keyer.Coverage(origin.GetImportId(), origin.GetFirstRecord(), k.first)
		row := doxtrailv1.Coverage_builder{
			CoverageKey:   coverageKey[:],
			ChannelKey:    k.channel.Bytes(),
			QueryKey:      query.Bytes(),
			ImportId:      origin.GetImportId(),
			Leg:           known(origin.GetLeg()),
			Selection:     known(origin.GetSelection()),
			State:         &state,
			FromAt:        &k.from,
			ToAt:          &k.to,
			PostCount:     &k.posts,
			LinkCount:     &k.links,
			SightingCount: &k.sightings,
			Generation:    &c.generation,
		}.Build()
		if origin.HasLookedAt() {
			row.SetLookedAt(origin.GetLookedAt())
		}
		out.add(bus.KindCoverage, platform, c.encode(row))
	}
}
