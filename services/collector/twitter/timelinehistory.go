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
	// done are the accounts whose history was read; pauses are of those that are not to be
	// read now.
	done   map[uint64]bool
	pauses map[uint64]*pause
}

// errWrongPage is another page than what was asked for: to go on would be to ask for it
// for ever.
var errWrongPage = &api.Fault{Kind: api.Other, Method: api.MethodTimeline}

func (*histories) name() string { return historiesName }

// run reads one history after another until ctx ends or the budget is spent.
func (h *histories) run(ctx context.Context) error {
	h.done, h.pauses = map[uint64]bool{}, map[uint64]*pause{}
	for {
		accounts := h.roster.all()
		for _, a := range accounts {
			if h.pauses[a.ID] == nil {
				h.pauses[a.ID] = &pause{}
			}
			// What is new is read from the first poll on: only then nothing lies between.
			if !a.readable() || a.PolledAt == 0 || h.done[a.ID] || time.Now().Before(h.pauses[a.ID].until) {
				continue
			}
			if err := h.read(ctx, &a, accounts); err != nil {
				return err
			}
		}
		h.app.board.leftOut(historiesName, h.outOf(accounts))
		if err := patience.Sleep(ctx, h.app.cfg.pauses.look); err != nil {
			return err
		}
	}
}

// outOf says whose history is not read, and why, where the timeline has not said so.
func (h *histories) outOf(accounts []account) (out []leftOut) {
	for _, a := range accounts {
		if why := h.pauses[a.ID].why; why != "" && why != a.pause.why {
			out = append(out, leftOut{a.label, "its history: " + why})
		}
	}
	return out
}

// read reads the history of an account from where it stopped.
func (h *histories) read(ctx context.Context, a *account, accounts []account) error {
	state, lags, err := h.place(ctx, a, accounts)
	if err != nil {
		return err
	}
	if err := h.keep(ctx, lags, state); err != nil {
		return err
	}
	for !state.Done {
		got, err := h.app.timeline(ctx, historiesName, ForLater, a.id(), state.page())
		next := state
		if err == nil {
			next, err = h.moved(state, got)
		}
		if begin := h.app.pauseOf(got, err); begin != nil {
			h.app.log.Info("the history of an account cannot be read now", slog.String(keyLeg, historiesName))
			begin(h.pauses[a.ID])
			return nil
		}
		if err != nil {
			return err
		}
		if err := h.send(ctx, a, state, next, got); err != nil {
			return err
		}
		state = next
		if err := h.keep(ctx, listings(accounts, a.ID), state); err != nil {
			return err
		}
		*h.pauses[a.ID] = pause{}
	}
	h.done[a.ID] = true
	return nil
}

// place is where the history of an account stopped. Listed by handle and by number, it
// is kept for both, and the furthest counts: lags are those that are not so far.
func (h *histories) place(ctx context.Context, a *account, accounts []account) (state historyState, lags []string, err error) {
	kept := map[string]historyState{}
	state.ID = a.ID
	for _, watch := range listings(accounts, a.ID) {
		var was historyState
		if _, err := h.app.load(ctx, historiesName, historyCursor(watch), &was); err != nil {
			return state, nil, err
		}
		kept[watch] = was
		if was.ID == a.ID && !state.Done && (was.Done || was.Read > state.Read) {
			state = was
		}
	}
	for watch, was := range kept {
		if was != state && state != (historyState{ID: a.ID}) {
			lags = append(lags, watch)
		}
	}
	return state, lags, nil
}

// keep keeps where the history of an account stopped.
func (h *histories) keep(ctx context.Context, watches []string, state historyState) error {
	for _, watch := range watches {
		if err := h.app.keep(ctx, historiesName, historyCursor(watch), state); err != nil {
			return err
		}
	}
	return nil
}

// listings are the watches under which an account is listed.
func listings(accounts []account, id uint64) (watches []string) {
	for _, a := range accounts {
		if a.ID == id {
			watches = append(watches, a.watch)
		}
	}
	return watches
}

// historyCursor is the name under which it is kept.
func historyCursor(watch string) string { return "history/" + watch }

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
		return s, errWrongPage
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
