package telegram

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// missing is posts that were found gone and are about to be told. It is kept
// before RAW is told: a process that is killed in between tells the same again, at
// the same time, and it is one observation.
type missing struct {
	// At is when they were found gone, in milliseconds.
	At int64 `json:"at,omitempty"`
	// Gone were there at the last look, Down were gone already.
	Gone []int `json:"gone,omitempty"`
	Down []int `json:"down,omitempty"`
}

func (m missing) empty() bool { return len(m.Gone)+len(m.Down) == 0 }

// missed tells which of the ids that are not there are to be told. Those that were
// gone before are told again only at a second look: any other may come right
// behind the first, from another leg, and proves nothing.
func (ch *channel) missed(ids []int, at time.Time, second bool) missing {
	m := missing{At: at.UnixMilli()}
	for _, id := range ids {
		switch ch.known.get(id) {
		case markItem, markDown: // the post has another id; it was told at two looks
		case markGone:
			if second {
				m.Down = append(m.Down, id)
			}
		default:
			m.Gone = append(m.Gone, id)
		}
	}
	return m
}

// observations tells RAW.
func (m missing) observations(ch *channel) (list []*doxtrailv1.RawObservation) {
	for _, ids := range [][]int{m.Gone, m.Down} {
		for _, id := range ids {
			list = append(list, ch.observation(id, stateGone, time.UnixMilli(m.At)))
		}
	}
	return list
}

// note marks what was told.
func (m missing) note(ch *channel) {
	for _, id := range m.Gone {
		ch.gone(id)
	}
	for _, id := range m.Down {
		ch.goneTwice(id)
	}
}

// tellAgain tells what an earlier process was about to tell.
func (ch *channel) tellAgain(ctx context.Context, leg doxtrailv1.Leg, m missing) error {
	if m.empty() {
		return nil
	}
	h := haul.Haul{Leg: leg, Lane: bus.LaneLive, LookedAt: time.UnixMilli(m.At), Observations: m.observations(ch)}
	if err := ch.retry(ctx, func() error { return ch.account.outbox.Send(ctx, h) }); err != nil {
		return err
	}
	m.note(ch)
	return ch.retry(ctx, func() error { return ch.keepKnown(ctx) })
}
