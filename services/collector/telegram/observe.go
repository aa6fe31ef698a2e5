package telegram

import (
	"strconv"
	"time"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// What a look can show.
const (
	stateUp         = doxtrailv1.ObservationState_OBSERVATION_STATE_UP
	stateEdited     = doxtrailv1.ObservationState_OBSERVATION_STATE_EDITED
	stateGone       = doxtrailv1.ObservationState_OBSERVATION_STATE_GONE
	stateRestricted = doxtrailv1.ObservationState_OBSERVATION_STATE_RESTRICTED
	statePrivate    = doxtrailv1.ObservationState_OBSERVATION_STATE_PRIVATE
	stateBack       = doxtrailv1.ObservationState_OBSERVATION_STATE_BACK
)

// sourceAPI is the word for what the account saw.
const sourceAPI = "api"

// observation is a look at a post, or at the channel itself where id is 0.
func (ch *channel) observation(id int, state doxtrailv1.ObservationState, at time.Time) *doxtrailv1.RawObservation {
	channelID, source, observedAt := ch.at().id(), sourceAPI, at.UnixMilli()
	o := doxtrailv1.RawObservation_builder{
		ChannelId: &channelID, State: &state, ObservedAt: &observedAt, Source: &source, Vantage: &ch.account.cfg.Vantage,
	}.Build()
	if id > 0 {
		o.SetPostId(strconv.Itoa(id))
	}
	return o
}

// read makes the records of a post that is there: the post, and its edits, also of
// one that was edited before anybody looked.
func (ch *channel) read(items []*tg.Message, now time.Time) (*doxtrailv1.RawPost, []*doxtrailv1.RawObservation) {
	post := message.Post(ch.place(), items, now)
	ch.account.pictures.fill(post)
	id := items[0].ID
	if first := ch.known.headOf(id); first != id {
		// The album's first item is gone. The post keeps the id by which it is known.
		others := make([]string, 0, len(items))
		for _, m := range items {
			others = append(others, strconv.Itoa(m.ID))
		}
		post.SetPostId(strconv.Itoa(first))
		post.SetItemIds(others)
		id = first
	}
	var edits []*doxtrailv1.RawObservation
	for _, m := range items {
		if o := ch.editOf(id, m); o != nil {
			edits = append(edits, o)
		}
	}
	return post, edits
}

// editOf is the observation of an edit, nil where the message says that what
// changed is not to be seen. Its time is the edit's own: whoever sees the edit, and
// how often, it is one observation.
func (ch *channel) editOf(post int, m *tg.Message) *doxtrailv1.RawObservation {
	if m.EditDate == 0 || m.EditHide {
		return nil
	}
	o := ch.observation(post, stateEdited, time.Unix(int64(m.EditDate), 0))
	o.SetCounters(message.Counters(ch.place(), m))
	return o
}

// lookOf is what a later look at a post that is there shows.
func (ch *channel) lookOf(m *tg.Message, at time.Time) *doxtrailv1.RawObservation {
	state, reasons := stateUp, message.Restrictions(m.RestrictionReason)
	switch was := ch.known.get(m.ID); {
	case len(reasons) > 0:
		state = stateRestricted
	case was == markGone, was == markDown, was == markWithheld:
		state = stateBack
	}
	o := ch.observation(m.ID, state, at)
	o.SetCounters(message.Counters(ch.place(), m))
	o.SetRestrictions(reasons)
	return o
}
