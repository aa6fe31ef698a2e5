package telegram

import (
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// gaps are the times before the connections from the n-th on.
func gaps(dialled []time.Time, from int) (all []time.Duration) {
	for i := from; i < len(dialled); i++ {
		all = append(all, dialled[i].Sub(dialled[i-1]))
	}
	return all
}

func TestConnectionsAreSpacedOutWhileTheNetworkIsAway(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		c := h.channel("harbour", 5)
		h.watch()
		h.pass(5*time.Minute, "the history is on RAW", func() bool { return h.raw.count(c) == 5 })
		time.Sleep(time.Hour)
		dialled := len(h.fake.Dialled())
		h.fake.Refuse(true)
		h.fake.Cut()
		missed := c.Say("while the network is away")
		time.Sleep(6 * time.Hour)
		waits := gaps(h.fake.Dialled(), dialled+1)
		t.Logf("%d tries in six hours", len(waits))
		if n := len(waits); n < 6*60 || n > 6*180+10 {
			t.Errorf("%d tries in six hours, want one every 20 to 60 s", n)
		}
		for i, wait := range waits {
			if wait > time.Minute || i > 10 && wait < 20*time.Second {
				t.Errorf("wait %d is %s", i, wait)
			}
		}
		lines := h.lines()
		h.fake.Refuse(false)
		took := h.pass(2*time.Minute, "what was missed comes", func() bool { return h.raw.post(c, missed) != nil })
		t.Logf("caught up %s after the network was back, %d lines before that", took, lines)
		if lines > 60 {
			t.Errorf("%d lines in six hours:\n%s", lines, h.log)
		}
	})
}

// A connection that breaks once is made anew soon, one that breaks as soon as it is
// ready is not: each costs a call.
func TestConnectionsThatBreakWhenTheyAreReadyAreSpacedOutToo(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		c := h.channel("harbour", 5)
		h.watch()
		h.pass(5*time.Minute, "the history is on RAW", func() bool { return h.raw.count(c) == 5 })
		time.Sleep(time.Hour)
		h.fake.Cut()
		took := h.pass(time.Minute, "it is connected again", func() bool { return h.fake.Connections() == 1 })
		if took > time.Second {
			t.Errorf("one break took %s to mend", took)
		}
		dialled, calls := len(h.fake.Dialled()), len(h.fake.Calls())
		for range 3600 {
			time.Sleep(time.Second)
			h.fake.Cut()
		}
		t.Logf("%d connections and %v calls in an hour of breaks", len(h.fake.Dialled())-dialled, h.calls(calls))
		if n := len(h.fake.Dialled()) - dialled; n > 190 {
			t.Errorf("%d connections in an hour in which each broke within a second", n)
		}
		missed := c.Say("afterwards")
		h.pass(2*time.Minute, "what was missed comes", func() bool { return h.raw.post(c, missed) != nil })
	})
}
