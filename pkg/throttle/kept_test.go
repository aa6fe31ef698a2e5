package throttle_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// These tests are on a real server, so time passes; their rules are short.

func budgets(t *testing.T, c *bus.Conn) *bus.Bucket {
	t.Helper()
	b, err := c.Bucket(t.Context(), bus.BucketBudgets)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bustest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func TestEachTurnOfACapByDayIsInBUDGETSBeforeItIsGiven(t *testing.T) {
	server := bustest.New(t)
	cfg := config(budgets(t, server.Conn), map[string]throttle.Rule{"a": {Every: time.Millisecond, Burst: 1, PerDay: 3}})
	elsewhere := budgets(t, server.Connect("elsewhere"))
	for turn := 1; turn <= 3; turn++ {
		g := open(t, cfg) // the process before it is dead
		if err := g.Wait(patient(t), "a"); err != nil {
			t.Fatal(err)
		}
		waits, err := throttle.ReadWaits(t.Context(), elsewhere, account)
		if err != nil {
			t.Fatal(err)
		}
		if spent := len(waits) == 1 && waits[0].Reason == throttle.Day; spent != (turn == 3) {
			t.Errorf("after turn %d the waits are %v", turn, waits)
		}
	}
	if waits := open(t, cfg).Waits(); len(waits) != 1 || time.Until(waits[0].Until) < 23*time.Hour {
		t.Errorf("the day is not spent: %v", waits)
	}
}

func TestAHoldIsKeptAsSoonAsTheServerIsBack(t *testing.T) {
	server := bustest.New(t)
	b := budgets(t, server.Conn)
	g := open(t, config(b, nil))
	server.Stop()
	for server.Conn.Connected() {
		time.Sleep(time.Millisecond) // or the first try is lost with the old server
	}
	kept := make(chan error)
	ctx := patient(t)
	go func() { kept <- g.Hold(ctx, "a", time.Hour) }()
	for len(g.Waits()) == 0 {
		select {
		case err := <-kept:
			t.Fatalf("hold returned %v before it was kept", err)
		case <-time.After(time.Millisecond):
		}
	}
	server.Start()
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	server.Restart()
	g, err := throttle.Open(ctx, config(b, nil))
	if err != nil {
		t.Fatal(err)
	}
	waits := g.Waits()
	if len(waits) != 1 || waits[0].Reason != throttle.Flood || time.Until(waits[0].Until) < 59*time.Minute {
		t.Errorf("waits after a restart are %v", waits)
	}
}

func TestOneAccountHasOneGate(t *testing.T) {
	server := bustest.New(t)
	one := open(t, config(budgets(t, server.Conn), nil))
	cfg := config(budgets(t, server.Connect("other")), nil)
	other := open(t, cfg)
	cfg.Key = "collector-telegram.account-2"
	second := open(t, cfg)
	if err := one.Hold(patient(t), "a", time.Hour); !errors.Is(err, throttle.ErrTaken) {
		t.Errorf("error is %v, want ErrTaken", err)
	}
	for what, g := range map[string]*throttle.Gate{"the one that took over": other, "another account's": second} {
		if err := g.Hold(patient(t), "a", time.Hour); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestNothingIsWaitedForBeforeTheFirstStart(t *testing.T) {
	waits, err := throttle.ReadWaits(t.Context(), budgets(t, bustest.New(t).Conn), account)
	if len(waits) != 0 || err != nil {
		t.Errorf("waits are %v, %v", waits, err)
	}
}
