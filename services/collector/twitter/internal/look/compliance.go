package look

import doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"

// actionDelete is the one action of a compliance result: the content must leave
// every store.
const actionDelete = "delete"

// sourceCompliance is the word for what a compliance job says: X's own word, which no
// second look has to confirm (see the view post_states).
const sourceCompliance = "compliance"

// Compliance is a look at a post, or at an account where postID is empty, that a
// compliance job named. An id that a job does not name is alive. A reason that the
// documentation does not have is taken for gone, because the action is the same:
// its content must leave. scrub_geo asks to forget where a post was written, which
// no record of doxtrail holds: it gives nothing.
func (l Look) Compliance(action, reason, channelID, postID string) (*doxtrailv1.RawObservation, bool) {
	if action != actionDelete {
		return nil, false
	}
	if reason == "scrub_geo" {
		return nil, false
	}
	o := l.Observation(channelID, postID, Gone, nil)
	o.SetSource(sourceCompliance)
	switch reason {
	case "protected":
		o.SetState(Private)
	case "bounced", "suspended":
		// X itself took it away.
		o.SetRestrictions([]doxtrailv1.RestrictionKind{terms})
	}
	return o, true
}
