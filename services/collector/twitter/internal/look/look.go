package look

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// State is what a look shows; Unknown is for what nobody has looked at before.
type State = doxtrailv1.ObservationState

// What a look can show.
const (
	Unknown    = doxtrailv1.ObservationState_OBSERVATION_STATE_UNSPECIFIED
	Up         = doxtrailv1.ObservationState_OBSERVATION_STATE_UP
	Edited     = doxtrailv1.ObservationState_OBSERVATION_STATE_EDITED
	Gone       = doxtrailv1.ObservationState_OBSERVATION_STATE_GONE
	Restricted = doxtrailv1.ObservationState_OBSERVATION_STATE_RESTRICTED
	Private    = doxtrailv1.ObservationState_OBSERVATION_STATE_PRIVATE
	Back       = doxtrailv1.ObservationState_OBSERVATION_STATE_BACK
)

// source is the word for what the API showed.
const source = "api"

// Look is one look at X.
type Look struct {
	// At is when X answered.
	At time.Time
	// Vantage is the operator's neutral word for the place that was asked from.
	Vantage string
}

// Observation is a look at a post, or at the account itself where postID is empty.
// The post's id is that of its first version. Counters may be nil.
func (l Look) Observation(channelID, postID string, state State, counters *doxtrailv1.Counters) *doxtrailv1.RawObservation {
	observedAt, from, vantage := l.At.UnixMilli(), source, l.Vantage
	o := doxtrailv1.RawObservation_builder{
		ChannelId: &channelID, State: &state, ObservedAt: &observedAt, Source: &from, Vantage: &vantage,
		Counters: proto.CloneOf(counters),
	}.Build()
	if postID != "" {
		o.SetPostId(postID)
	}
	return o
}

// Post is a look at a post that is there, with its counters: up, back where it was
// known to be gone, private or restricted, or restricted. What is restricted by
// country is seen from those countries.
func (l Look) Post(p *archive.TweetPost, was State) *doxtrailv1.RawObservation {
	held := hold{countries: p.Withheld, copyright: p.Copyright, present: p.WithheldScope != ""}
	return l.there(p.Raw.GetChannelId(), p.Raw.GetPostId(), was, held, p.Raw.GetCounters())
}

// there is a look at something that is there, though perhaps not everywhere.
func (l Look) there(channelID, postID string, was State, held hold, counters *doxtrailv1.Counters) *doxtrailv1.RawObservation {
	kinds := held.kinds()
	if len(kinds) == 0 {
		return l.Observation(channelID, postID, upAfter(was), counters)
	}
	o := l.Observation(channelID, postID, Restricted, counters)
	o.SetRestrictions(kinds)
	if vantage := Countries(held.countries); vantage != "" {
		o.SetVantage(vantage)
	}
	return o
}

// upAfter is the state of what is there and was once known otherwise.
func upAfter(was State) State {
	switch was {
	case Gone, Private, Restricted:
		return Back
	default:
		return Up
	}
}

// Edits are the edits of a post, one for each version after the first, at the time
// that the version's id carries and without counters: whoever sees an edit, and
// how often, it is one observation.
func (l Look) Edits(p *archive.TweetPost) []*doxtrailv1.RawObservation {
	var edits []*doxtrailv1.RawObservation
	for _, id := range p.VersionIDs[min(1, len(p.VersionIDs)):] {
		if at, ok := archive.TweetTime(id); ok {
			edit := Look{At: at, Vantage: l.Vantage}
			edits = append(edits, edit.Observation(p.Raw.GetChannelId(), p.Raw.GetPostId(), Edited, nil))
		}
	}
	return edits
}
