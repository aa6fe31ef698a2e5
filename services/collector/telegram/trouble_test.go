package telegram

import (
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// An hour of the collector's own time, with its own waits. What it may cost: a call
// a leg every 15 to 30 seconds, and a handful of lines.
func TestAnHourOfTroubleAtTelegramIsSatOut(t *testing.T) {
	for _, fault := range []*tgerr.Error{tgerr.New(500, "INTERNAL"), tgerr.New(-503, "Timedout"), tgerr.New(500, "RPC_CALL_FAIL")} {
		t.Run(fault.Type, func(t *testing.T) {
			inHours(t, fake.Options{PageLimit: 10}, func(t *testing.T, h *hours) { anHourOf(t, h, fault) })
		})
	}
}

func anHourOf(t *testing.T, h *hours, fault *tgerr.Error) {
	t.Helper()
	c := h.channel("harbour", 300)
	h.watch()
	h.pass(5*time.Minute, "some of the history is on RAW", func() bool { return h.raw.count(c) >= 50 })
	known := c.Say("just before the trouble")
	h.pass(time.Minute, "what is pushed is on RAW", func() bool { return h.raw.post(c, known) != nil })
	h.fake.Fail("messages.getHistory", -1, fault)
	h.fake.Fail("updates.getChannelDifference", -1, fault)
	time.Sleep(time.Minute)
	before, calls, lines := h.raw.count(c), len(h.fake.Calls()), h.lines()
	c.Quiet(true)
	var missed []int
	for range 60 {
		missed = append(missed, c.Say("during the trouble"))
		time.Sleep(time.Minute)
	}
	c.Edit(missed[3], func(m *tg.Message) { m.Message = "edited during the trouble" })
	c.Delete(missed[5])
	counts := h.calls(calls)
	t.Logf("in an hour: %v, %d lines", counts, h.lines()-lines)
	for _, method := range []string{"messages.getHistory", "updates.getChannelDifference"} {
		if n := counts[method]; n < 60 || n > 240 {
			t.Errorf("%d calls of %s in an hour that all failed, want one every 15 to 30 s", n, method)
		}
	}
	if counts["channels.getMessages"] == 0 {
		t.Error("the re-poll was held up as well")
	}
	if n := h.lines() - lines; n > 4 {
		t.Errorf("%d lines in an hour", n)
	}
	if r := h.report("harbour"); r.State != string(channelFollowed) || !strings.Contains(r.Why, fault.Type) {
		t.Errorf("status says %q, %q", r.State, r.Why)
	}
	if n := h.raw.count(c); n != before {
		t.Errorf("%d posts came from nowhere", n-before)
	}
	h.fake.Fail("messages.getHistory", 0, nil)
	h.fake.Fail("updates.getChannelDifference", 0, nil)
	took := h.pass(5*time.Minute, "everything is on RAW", func() bool {
		return h.raw.covered(c, complete, 1, 300) && h.raw.count(c) == 360 && h.raw.post(c, missed[3]).GetText() == "edited during the trouble"
	})
	t.Logf("caught up in %s", took)
	h.pass(time.Minute, "nothing is wrong", func() bool { return h.report("harbour").Why == "" })
}

// What was skipped while all posts were asked for, because of what had been skipped
// before, may be of posts that had been asked for already.
func TestWhatIsSkippedInTheMiddleOfARoundIsFoundByTheNext(t *testing.T) {
	inHours(t, fake.Options{DifferenceLimit: 50}, func(_ *testing.T, h *hours) {
		c := h.channel("harbour", 400)
		h.watch()
		h.pass(time.Minute, "the history is on RAW", func() bool { return h.raw.covered(c, complete, 1, 400) })
		skip := func() {
			c.Quiet(true)
			for range 60 {
				c.Say("not told")
			}
			c.TooLong()
			c.Quiet(false)
		}
		before := len(h.fake.Calls())
		skip()
		h.pass(time.Minute, "a round has begun", func() bool { return h.calls(before)["channels.getMessages"] == 2 })
		c.Quiet(true)
		c.EditText(3, "edited unheard")
		c.Delete(5)
		skip()
		h.pass(5*time.Minute, "it is found", func() bool {
			return h.raw.post(c, 3).GetText() == "edited unheard" && h.raw.seen(c, 5, stateGone) == 1
		})
	})
}
