package telegram

import (
	"fmt"
	"testing"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// many makes channels; where they were followed before, how they are reached is
// known.
func (h *hours) many(n, posts int, known bool) []*fake.Channel {
	h.t.Helper()
	all := make([]*fake.Channel, n)
	for i := range all {
		label := fmt.Sprintf("quay-%03d", i)
		name := fmt.Sprintf("watch_quay_%03d", i)
		all[i] = h.fake.Channel(fake.ChannelSpec{ID: 3_000_000_000 + int64(i), Username: name, Title: label, Created: time.Now()})
		for range posts {
			all[i].Say("before")
		}
		h.listed(label, name)
		if !known {
			continue
		}
		p := peer{ID: all[i].ID(), Hash: all[i].AccessHash(), Name: name}
		if err := h.kept.cursors().Save(h.t.Context(), peerName(byName(label, name)), p); err != nil {
			h.t.Fatal(err)
		}
	}
	return all
}

// followed counts the channels that are.
func (h *hours) followed() (n int) {
	for _, r := range h.collector.now(time.Now()).Channels {
		if r.State == string(channelFollowed) {
			n++
		}
	}
	return n
}

// unseen is the longest time for which a channel has not been looked at.
func (h *hours) unseen() (longest time.Duration) {
	now := time.Now()
	for _, r := range h.collector.now(now).Channels {
		longest = max(longest, now.Sub(r.LookedAt))
	}
	return longest
}

// Two hundred channels share one account: two questions for news a second, so that
// it takes a hundred seconds to ask for all. What is pushed does not wait for that,
// nor does a push before which another is missing.
func TestTwoHundredChannelsUnderOneAccount(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		channels := h.many(200, 3, true)
		h.watch()
		took := h.pass(30*time.Minute, "all are followed", func() bool { return h.followed() == 200 })
		t.Logf("all are followed after %s", took)
		h.pass(30*time.Minute, "the history of all is on RAW", func() bool { return h.raw.total() == 600 })
		time.Sleep(3 * time.Minute)

		var longest time.Duration
		for range 600 {
			time.Sleep(time.Second)
			longest = max(longest, h.unseen())
		}
		t.Logf("no channel was left alone for longer than %s", longest)
		if longest > 110*time.Second {
			t.Errorf("a channel was left alone for %s", longest)
		}
		arrives := func(what string, limit time.Duration, tell func(c *fake.Channel) int) {
			t.Helper()
			var slowest time.Duration
			for _, c := range channels {
				id := tell(c)
				slowest = max(slowest, h.pass(4*limit, what, func() bool { return h.raw.post(c, id) != nil }))
			}
			t.Logf("%s: %s at most", what, slowest)
			if slowest > limit {
				t.Errorf("%s took %s, want %s at most", what, slowest, limit)
			}
		}
		arrives("what is pushed", time.Second, func(c *fake.Channel) int { return c.Say("pushed") })
		arrives("an album that is pushed", 5*time.Second, func(c *fake.Channel) int { return c.PostAlbum([]tg.Message{text("one"), text("")})[0] })
		arrives("what a push shows to be missing", 5*time.Second, func(c *fake.Channel) int {
			c.Quiet(true)
			id := c.Say("not pushed")
			c.Quiet(false)
			c.Say("pushed")
			return id
		})
		arrives("what is said to be too long", 5*time.Second, func(c *fake.Channel) int {
			c.Quiet(true)
			id := c.Say("not pushed")
			c.TooLong()
			c.Quiet(false)
			return id
		})
	})
}

// Channels that always have something missing take three of four turns at most.
func TestBusyChannelsDoNotStarveTheOthers(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		channels := h.many(200, 1, true)
		h.watch()
		h.pass(time.Hour, "the history of all is on RAW", func() bool { return h.followed() == 200 && h.raw.total() == 200 })
		time.Sleep(3 * time.Minute)
		began, said := time.Now(), 0
		var longest time.Duration
		for time.Since(began) < 10*time.Minute {
			for _, c := range channels[:20] {
				c.Quiet(true)
				c.Say("not pushed")
				c.Quiet(false)
				c.Say("pushed")
				said += 2
			}
			time.Sleep(2 * time.Second)
			longest = max(longest, h.unseen())
		}
		t.Logf("no channel was left alone for longer than %s", longest)
		if longest > 4*110*time.Second {
			t.Errorf("a channel was left alone for %s", longest)
		}
		h.pass(10*time.Minute, "all of it is on RAW", func() bool { return h.raw.total() == 200+said })
	})
}

// The call that Telegram punishes most: two hundred handles take four days.
func TestBrokenOffHandlesOfTwoHundredChannelsAreAskedForSlowly(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		h.stop()
		h.cfg.Poll = time.Hour
		h.start()
		h.many(200, 1, false)
		h.watch()
		time.Sleep(12 * time.Hour)
		h.stop()
		h.start() // which gains nothing
		h.watch()
		time.Sleep(11 * time.Hour)
		var last time.Time
		asked := 0
		for _, call := range h.fake.Calls() {
			if call.Method != "contacts.resolveUsername" {
				continue
			}
			if asked++; call.At.Sub(last) < 29*time.Second {
				t.Errorf("a handle was asked for %s after another", call.At.Sub(last))
			}
			last = call.At
		}
		if asked > 50 || h.followed() < 49 {
			t.Errorf("%d handles were asked for in a day, %d channels are followed", asked, h.followed())
		}
		report := h.collector.now(time.Now())
		waiting := 0
		for _, r := range report.Channels {
			if r.State == string(channelWaiting) && r.Why == waitsForHandle {
				waiting++
			}
		}
		if waiting+h.followed() != 200 {
			t.Errorf("status says of %d channels that they wait for their handle, %d are followed", waiting, h.followed())
		}
		if len(report.Waits) != 1 || report.Waits[0].Method != "contacts.resolveUsername" || report.Waits[0].Reason != "day" {
			t.Errorf("the waits are %+v", report.Waits)
		}
		if n := h.lines(); n > 200 {
			t.Errorf("%d lines in a day", n)
		}
		time.Sleep(4 * 24 * time.Hour)
		if n := h.followed(); n != 200 {
			t.Errorf("%d are followed after five days", n)
		}
	})
}
