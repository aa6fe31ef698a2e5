package haul

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Haul is what one look brought in.
type Haul struct {
	Leg doxtrailv1.Leg
	// Lane is archive for history: years of it must not hold up what is new.
	Lane bus.Lane
	// Selection is what part of a place the look covered; the zero value is all of
	// it.
	Selection doxtrailv1.Selection
	// Query is what was asked, for a search. It may hold names: only its key leaves
	// the normaliser.
	Query    string
	LookedAt time.Time
	// Again says that RAW had the posts before, and that they come with more.
	Again bool

	Posts        []*doxtrailv1.RawPost
	Observations []*doxtrailv1.RawObservation
	Channels     []*doxtrailv1.RawChannel
	Coverage     []*doxtrailv1.RawCoverage
}

// Empty says whether nothing was brought in.
func (h *Haul) Empty() bool {
	return len(h.Posts)+len(h.Observations)+len(h.Channels)+len(h.Coverage) == 0
}

// Add takes a post and what is told of its edits.
func (h *Haul) Add(post *doxtrailv1.RawPost, edits []*doxtrailv1.RawObservation) {
	h.Posts = append(h.Posts, post)
	h.Observations = append(h.Observations, edits...)
}

// sendOrder is the order in which the records of a haul are sent. Coverage goes last:
// it says that the rest is there.
func sendOrder() []bus.Kind {
	return []bus.Kind{bus.KindChannels, bus.KindPosts, bus.KindObservations, bus.KindCoverage}
}

// records are those of one kind.
func (h *Haul) records(kind bus.Kind) []proto.Message {
	switch kind {
	case bus.KindChannels:
		return messages(h.Channels)
	case bus.KindPosts:
		return messages(h.Posts)
	case bus.KindObservations:
		return messages(h.Observations)
	default:
		return messages(h.Coverage)
	}
}

func messages[M proto.Message](records []M) []proto.Message {
	out := make([]proto.Message, 0, len(records))
	for _, r := range records {
		out = append(out, r)
	}
	return out
}

// origin says of a batch of the haul where it was read.
func (h *Haul) origin(platform doxtrailv1.Platform) *doxtrailv1.BatchOrigin {
	selection, lookedAt := h.Selection, h.LookedAt.UnixMilli()
	if selection == doxtrailv1.Selection_SELECTION_UNSPECIFIED {
		selection = doxtrailv1.Selection_SELECTION_FULL
	}
	origin := doxtrailv1.BatchOrigin_builder{Platform: &platform, Leg: &h.Leg, Selection: &selection, LookedAt: &lookedAt}.Build()
	if h.Query != "" {
		origin.SetQuery(h.Query)
	}
	return origin
}

// LegWord is a leg's word in metrics and status.
func LegWord(leg doxtrailv1.Leg) string {
	switch leg {
	case doxtrailv1.Leg_LEG_TAIL:
		return "tail"
	case doxtrailv1.Leg_LEG_HISTORY:
		return "history"
	case doxtrailv1.Leg_LEG_REPOLL:
		return "repoll"
	case doxtrailv1.Leg_LEG_SEARCH:
		return "search"
	default:
		return "other"
	}
}
