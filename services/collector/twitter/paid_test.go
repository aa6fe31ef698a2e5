package twitter

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// What X said no to cost nothing; where its answer was lost, it may have cost all.
func TestWhatACallThatFailedCost(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want int64
	}{
		"an answer":         {nil, 7},
		"too often":         {&api.Fault{Kind: api.Limited, Status: 429}, 0},
		"no token":          {&api.Fault{Kind: api.NoToken}, 0},
		"not sent":          {&api.Fault{Kind: api.Refused}, 0},
		"trouble at X":      {&api.Fault{Kind: api.Server, Status: 503}, 0},
		"no connection":     {&api.Fault{Kind: api.Network, Unsent: true}, 0},
		"no answer":         {&api.Fault{Kind: api.Network}, 100},
		"late":              {&api.Fault{Kind: api.Timeout}, 100},
		"half an answer":    {&api.Fault{Kind: api.Broken, Status: 200}, 100},
		"told to stop":      {context.Canceled, 100},
		"wrong on our side": {errors.New("no"), 100},
	} {
		t.Run(name, func(t *testing.T) {
			c := &calendar{}
			c.set("2026-11-10 12:00")
			a := &app{meter: openMeter(t, &shelfOfMoney{}, tenDollars(), c)}
			err := a.paid(t.Context(), ForLive, Cost{Posts: 100}, func(context.Context) (Cost, error) {
				if got := spentOf(t, a.meter).Reads; got != 100 {
					t.Errorf("%d reads are counted while it is asked", got)
				}
				if tc.err != nil {
					return Cost{}, tc.err
				}
				return Cost{Posts: 7}, nil
			})
			if !errors.Is(err, tc.err) || spentOf(t, a.meter).Reads != tc.want {
				t.Errorf("%v, %d reads are counted, want %d", err, spentOf(t, a.meter).Reads, tc.want)
			}
		})
	}
}

// A proxy that cuts every answer off must not spend the month.
func TestLostAnswersToOneCallCostNoMoreThanOneOnADay(t *testing.T) {
	c := &calendar{}
	c.set("2026-11-10 12:00")
	a := &app{meter: openMeter(t, &shelfOfMoney{}, tenDollars(), c), log: slog.New(slog.DiscardHandler), board: newBoard()}
	tries := 0
	err := a.payFor(t.Context(), "search", ForLive, Cost{Posts: 100}, passes, func(context.Context) (Cost, error) {
		tries++
		if tries == 4 {
			c.set("2026-11-11 00:00")
		}
		if tries == 5 {
			return Cost{Posts: 7}, nil
		}
		return Cost{}, &api.Fault{Kind: api.Broken, Status: 200}
	})
	if got := spentOf(t, a.meter).Reads; err != nil || got != 107 {
		t.Errorf("%v, %d reads are counted, want those of one lost answer a day and of the last", err, got)
	}
}
