package twitter

import (
	"context"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// historiesName is the leg's word.
const historiesName = "timeline-history"

// historyState is how far the history of an account was read, from the newest down.
type historyState struct {
	// ID is the account that was read; another one begins anew.
	ID uint64 `json:"id"`
	// Until is the id below which the next page lies, 0 before the first; everything
	// from it up is on RAW.
	Until uint64 `json:"until,omitempty"`
	// Read is how many posts were read.
	Read int  `json:"read,omitempty"`
	Done bool `json:"done,omitempty"`
}

// histories is the leg that reads once, of each watched account, what X shows of its
// past: its newest 3,200 posts.
type histories struct {
	app    *app
	roster *roster
	// done are the accounts whose history was read, by their watches; later is when those
	// that X does not show are tried again.
	done  map[string]uint64
	later map[string]time.Time
}

func (*histories) name() string { return historiesName }

// run reads one history after another until ctx ends or the budget is spent.
func (h *histories) run(ctx context.Context) error {
	h.done, h.later = map[string]uint64{}, map[string]time.Time{}
	for {
		for _, a := range h.roster.all() {
			// What is new is read from the first poll on: only then nothing lies between.
			if !a.readable() || a.PolledAt == 0 || h.done[a.watch] == a.ID || time.Now().Before(h.later[a.watch]) {
				continue
			}
			if err := h.read(ctx, &a); err != nil {
				return err
			}
		}
		if err := patience.Sleep(ctx, h.app.cfg.pauses.look); err != nil {
			return err
		}
	}
}

// read reads the history of an account from where it stopped.
func (h *histories) read(ctx context.Context, a *account) error {
	name := "history/" + a.watch
	var state historyState
	if _, err := h.app.load(ctx, historiesName, name, &state); err != nil {
		return err
	}
	if state.ID != a.ID {
		state = historyState{ID: a.ID}
	}
	for !state.Done {
		got, err := h.app.timeline(ctx, historiesName, ForLater, a.id(), state.page())
		if why := refusedWhy(got, err); why != "" {
			h.app.log.Info("the history of an account is not shown now", slog.String(keyLeg, historiesName))
			h.later[a.watch] = time.Now().Add(h.app.cfg.Timelines.Poll)
			return nil
		}
		if err != nil {
			return err
		}
		next, err := h.moved(state, got)
		if err != nil {
			return err
		}
		if err := h.send(ctx, a, state, next, got); err != nil {
			return err
		}
		state = next
		if err := h.app.keep(ctx, historiesName, name, state); err != nil {
			return err
		}
	}
	h.done[a.watch] = a.ID
	return nil
}

// page is the page that comes next.
func (s historyState) page() api.Page {
	ask := api.Page{Max: timelinePage}
	if s.Until > 0 {
		ask.UntilID = idText(s.Until)
	}
	return ask
}

// moved is the state once a page is on RAW. Only a page without a next one is the end:
// pages come short where posts are withheld.
func (h *histories) moved(s historyState, got answer) (historyState, error) {
	low, high := got.bounds()
	if s.Until > 0 && high >= s.Until {
		// Another page than what was asked for: to go on would be to ask for it for ever.
		return s, &api.Fault{Kind: api.Other, Method: api.MethodTimeline}
	}
	s.Read += len(got.Posts)
	s.Done = got.Meta.NextToken == "" || low == 0
	if low > 0 {
		s.Until = low
	}
	return s, nil
}

// send puts a page on RAW, with the range that it covers. With the last one that
// reaches back to where the account began, unless X shows no more than it did.
func (h *histories) send(ctx context.Context, a *account, was, next historyState, got answer) error {
	part := haul.Haul{Leg: doxtrailv1.Leg_LEG_HISTORY, Lane: bus.LaneArchive, Selection: doxtrailv1.Selection_SELECTION_FULL, LookedAt: got.at}
	began := time.Time{}
	if a.CreatedAt > 0 {
		began = time.UnixMilli(a.CreatedAt)
	}
	to := got.at
	if was.Until > 0 {
		to = timeOf(was.Until)
	}
	from := timeOf(next.Until)
	cut := next.Done && next.Read >= h.roster.reach
	if next.Done && !cut {
		from = began
	}
	part.Coverage = append(part.Coverage, coverageOf(got.covers(), a.id(), from, to, got.at))
	if cut {
		part.Coverage = append(part.Coverage, coverageOf(spanGap, a.id(), began, from, got.at))
	}
	return h.app.sendAsked(ctx, historiesName, part, got)
}
