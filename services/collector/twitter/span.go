package twitter

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What the coverage of the stream is of, in the place of a query: its key alone leaves
// the normaliser. What closes a gap has the same bounds, and takes its place.
const (
	// spanPosts is posts that are no reposts: search finds those that the stream did
	// not bring.
	spanPosts = "stream"
	// spanReposts is reposts, which search does not show.
	spanReposts = "stream reposts"
)

const (
	spanComplete = doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE
	spanGap      = doxtrailv1.CoverageState_COVERAGE_STATE_GAP
)

// covered is a report that a time was read, or was not. A zero bound is none.
func covered(query string, state doxtrailv1.CoverageState, from, to time.Time) *doxtrailv1.RawCoverage {
	report := doxtrailv1.RawCoverage_builder{
		Query: &query, State: &state, LookedAt: proto.Int64(time.Now().UnixMilli()),
		Selection: doxtrailv1.Selection_SELECTION_SEARCH.Enum(),
	}.Build()
	if !from.IsZero() {
		report.SetFromAt(from.UnixMilli())
	}
	if !to.IsZero() {
		report.SetToAt(to.UnixMilli())
	}
	return report
}

// span is a time, in milliseconds.
type span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

func (s span) from() time.Time { return time.UnixMilli(s.From) }
func (s span) to() time.Time   { return time.UnixMilli(s.To) }

// tellSpan reports what is known of a time: of posts and of reposts.
func (a *app) tellSpan(ctx context.Context, leg string, as doxtrailv1.Leg, s span, posts, reposts doxtrailv1.CoverageState) error {
	return a.send(ctx, leg, haul.Haul{
		Leg: as, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_SEARCH, LookedAt: time.Now(),
		Coverage: []*doxtrailv1.RawCoverage{
			covered(spanPosts, posts, s.from(), s.to()), covered(spanReposts, reposts, s.from(), s.to()),
		},
	})
}
