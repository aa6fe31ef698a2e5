package telegram

import (
	"context"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

// expect puts posts that were just seen gone down for a second look, far enough
// away to be sure: by then they may have left the newest page.
func (ch *webChannel) expect(marks map[int]mark, now time.Time) {
	at := now.Add(ch.account.cfg.SecondLook).UnixMilli()
	for id, m := range marks {
		same := func(s second) bool { return s.ID == id }
		if m == markDown && len(ch.state.Again) < againLimit && !slices.ContainsFunc(ch.state.Again, same) {
			ch.state.Again = append(ch.state.Again, second{id, at})
		}
	}
}

// due gives the place in the list of a post whose second look is due, or -1.
func (ch *webChannel) due(now time.Time) int {
	return slices.IndexFunc(ch.state.Again, func(s second) bool { return s.At <= now.UnixMilli() })
}

// again looks once more for a post that was seen gone. Where the web says nothing
// about it, it is asked another time.
func (ch *webChannel) again(ctx context.Context, i int) error {
	id := ch.state.Again[i].ID
	state, page, err := ch.account.web.state(ctx, ch.watched.Name, id)
	if err := ch.own(page, err); err != nil {
		return err
	}
	now := time.Now()
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_REPOLL, Lane: bus.LaneLive, LookedAt: now}
	marks := map[int]mark{}
	switch {
	case state == preview.StateAbsent:
		h.Observations = append(h.Observations, ch.place().observation(id, stateGone, now))
	case state == preview.StateUp && ch.known.get(id) == markDown: // else a poll saw it come back
		marks[id] = markUp
		o := ch.place().observation(id, stateBack, now)
		o.SetCounters(countersOf(page.Post(id), page))
		h.Observations = append(h.Observations, o)
	}
	if err := ch.put(ctx, h, marks); err != nil {
		return err
	}
	if state == preview.StateUnknown {
		ch.state.Again[i].At = now.Add(ch.account.cfg.SecondLook).UnixMilli()
	} else {
		ch.state.Again = slices.Delete(ch.state.Again, i, i+1)
	}
	return ch.moved(ctx, now)
}
