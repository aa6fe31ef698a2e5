package telegram

import (
	"strconv"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

// sourceWeb is the word for what the web preview showed.
const sourceWeb = "web"

// webPlace is a channel as the web names it. With its number it is the same one
// as an account would find; by its handle alone it joins once an alias is known.
type webPlace struct {
	// ID is empty until a page told it.
	ID string
	// Name is the handle.
	Name string
	// Vantage is where the web was asked from.
	Vantage string
}

// observation is what the web shows of a post, or of the channel itself where id
// is 0.
func (p webPlace) observation(id int, state doxtrailv1.ObservationState, at time.Time) *doxtrailv1.RawObservation {
	source, observedAt := sourceWeb, at.UnixMilli()
	o := doxtrailv1.RawObservation_builder{State: &state, ObservedAt: &observedAt, Source: &source, Vantage: &p.Vantage}.Build()
	p.name(o)
	if id > 0 {
		o.SetPostId(strconv.Itoa(id))
	}
	return o
}

// coverage reports that the web was read over a range of numbers.
func (p webPlace) coverage(from, to int, at time.Time) *doxtrailv1.RawCoverage {
	state, fromNo, toNo, lookedAt := doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, int64(from), int64(to), at.UnixMilli()
	report := doxtrailv1.RawCoverage_builder{State: &state, FromNo: &fromNo, ToNo: &toNo, LookedAt: &lookedAt}.Build()
	p.name(report)
	return report
}

// channel is the channel's own record. With both number and handle it is the
// alias that joins the two.
func (p webPlace) channel() *doxtrailv1.RawChannel {
	kind := doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL
	raw := doxtrailv1.RawChannel_builder{Name: &p.Name, Kind: &kind}.Build()
	if p.ID != "" {
		raw.SetChannelId(p.ID)
	}
	return raw
}

// named is a record that says which channel it is about.
type named interface {
	SetChannelId(id string)
	SetChannelName(name string)
	ClearChannelName()
}

// name says in a record that it is about this channel.
func (p webPlace) name(record named) {
	if p.ID == "" {
		record.SetChannelName(p.Name)
		return
	}
	record.SetChannelId(p.ID)
	record.ClearChannelName()
}

// countersOf are the counters of a post on a page, which are rounded, and the
// channel's audience; nil where the page shows none.
func countersOf(post *doxtrailv1.RawPost, page preview.Page) *doxtrailv1.Counters {
	if !post.HasCounters() && page.Audience < 0 {
		return nil
	}
	counters := doxtrailv1.Counters_builder{}.Build()
	if of := post.GetCounters(); of.HasViewCount() {
		counters.SetViewCount(of.GetViewCount())
	}
	if of := post.GetCounters(); of.HasReactionCount() {
		counters.SetReactionCount(of.GetReactionCount())
	}
	if page.Audience >= 0 {
		counters.SetAudience(page.Audience)
	}
	return counters
}
