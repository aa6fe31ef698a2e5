package normaliser

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Faults of an observation, besides those of a look.
var (
	errNoObservedAt = errors.New("no_observed_at")
	// errSource and errVantage are codes that may be text.
	errSource  = errors.New("bad_source")
	errVantage = errors.New("bad_vantage")
)

// observation converts a later look at a post, or at a channel where no post is
// named.
func (c *converter) observation(platform doxtrailv1.Platform, record []byte, out rows) error {
	var raw doxtrailv1.RawObservation
	if err := decode(record, &raw); err != nil {
		return err
	}
	channel := c.channelKey(platform, raw.GetChannelId(), raw.GetChannelName())
	_, stated := doxtrailv1.ObservationState_name[int32(raw.GetState())]
	switch {
	case channel.IsZero():
		return errNoChannel
	case !stated || raw.GetState() == doxtrailv1.ObservationState_OBSERVATION_STATE_UNSPECIFIED:
		return errNoState
	case raw.GetObservedAt() <= 0:
		return errNoObservedAt
	case !isToken(raw.GetSource()):
		return errSource
	case !isToken(raw.GetVantage()):
		return errVantage
	}
	state, observedAt := raw.GetState(), raw.GetObservedAt()
	row := doxtrailv1.Observation_builder{
		PostKey:      c.postKey(platform, raw.GetChannelId(), raw.GetChannelName(), raw.GetPostId()).Bytes(),
		ChannelKey:   channel[:],
		State:        &state,
		ObservedAt:   &observedAt,
		Source:       given(raw.GetSource()),
		Vantage:      given(raw.GetVantage()),
		Generation:   &c.generation,
		Restrictions: restrictions(raw.GetRestrictions()),
	}.Build()
	counted(row, raw.GetCounters())
	out.add(bus.KindObservations, platform, c.encode(row))
	return nil
}

// counted fills in the counters that a look showed; absent ones are unknown.
func counted(row *doxtrailv1.Observation, n *doxtrailv1.Counters) {
	for _, counter := range []struct {
		has   bool
		value int64
		set   func(int64)
	}{
		{n.HasViewCount(), n.GetViewCount(), row.SetViewCount},
		{n.HasForwardCount(), n.GetForwardCount(), row.SetForwardCount},
		{n.HasReplyCount(), n.GetReplyCount(), row.SetReplyCount},
		{n.HasReactionCount(), n.GetReactionCount(), row.SetReactionCount},
		{n.HasAudience(), n.GetAudience(), row.SetAudience},
	} {
		if counter.has {
			counter.set(counter.value)
		}
	}
}

// restrictions lists each reason once, in order. A reason that only a later
// version has a word for is another one.
func restrictions(raw []doxtrailv1.RestrictionKind) []doxtrailv1.RestrictionKind {
	var kinds []doxtrailv1.RestrictionKind
	for _, kind := range raw {
		if _, known := doxtrailv1.RestrictionKind_name[int32(kind)]; !known {
			kind = doxtrailv1.RestrictionKind_RESTRICTION_KIND_OTHER
		}
		if kind != doxtrailv1.RestrictionKind_RESTRICTION_KIND_UNSPECIFIED {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// longestToken is what a code of a source or a vantage may have.
const longestToken = 64

// isToken says whether a code can be no text: short, printable ASCII, without
// spaces and quotes. The tables take nothing else, and what they refuse would
// lie on RECORDS by then.
func isToken(code string) bool {
	if len(code) > longestToken {
		return false
	}
	for i := range len(code) {
		if b := code[i]; b <= ' ' || b >= utf8.RuneSelf-1 || b == '\'' || b == '\\' {
			return false
		}
	}
	return true
}

// given is nil for what is empty.
func given(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
