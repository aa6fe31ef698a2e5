package telegram

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// followed is a rig that follows one channel with a few posts.
func followed(t *testing.T) (*rig, *fake.Channel) {
	t.Helper()
	r := newRig(t, fake.Options{})
	c := r.harbour(5)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == 5 && r.raw.covered(c, complete, 1, 5) })
	return r, c
}

// arrives posts, and waits for the post on RAW.
func (r *rig) arrives(c *fake.Channel, what string) {
	r.t.Helper()
	id := c.Post(text(what))
	r.eventually("a post comes: "+what, func() bool { return r.raw.post(c, id) != nil })
}

func TestBrokenByARevocationWaitsForALogin(t *testing.T) {
	r, c := followed(t)
	r.fake.Revoke()
	r.fake.Cut()
	r.state(StateLogin)
	if err := r.collector.Ready(); err == nil || !strings.Contains(err.Error(), "doxtrail login telegram") {
		t.Errorf("ready says %v, not what to type", err)
	}
	calls := len(r.fake.Calls())
	missed := c.Post(text("while nobody is logged in"))
	r.login()
	r.state(StateCollecting)
	r.eventually("what was missed comes", func() bool { return r.raw.post(c, missed) != nil })
	for _, call := range r.fake.Calls()[calls:] {
		if call.Method == "auth.sendCode" {
			t.Error("the service asked for a code")
		}
	}
}

func TestBrokenBetweenTwoCallsIsNoticed(t *testing.T) {
	r, _ := followed(t)
	r.fake.Revoke()
	r.state(StateLogin)
}

func TestBrokenByASecondUseIsLeftAlone(t *testing.T) {
	r, c := followed(t)
	r.cfg.pauses.twice = time.Hour
	r.fake.Duplicate()
	r.state(StateTrouble)
	if err := r.collector.Ready(); err == nil || !strings.Contains(err.Error(), "two places") {
		t.Errorf("ready says %v", err)
	}
	r.login()
	r.arrives(c, "after a new login")
}

func TestASecondProcessDoesNotUseTheSession(t *testing.T) {
	r, _ := followed(t)
	first, stop := r.collector, r.stop
	r.start()
	r.state(StateHeld)
	if err := first.Ready(); err != nil {
		t.Errorf("the first is disturbed: %v", err)
	}
	second := r.stop
	r.stop = func() { stop(); second() }
	stop()
	r.state(StateCollecting)
	if n := r.fake.Simultaneous(); n != 0 {
		t.Errorf("the session was used %d times from two places", n)
	}
}

func TestAFrozenAccountStopsAll(t *testing.T) {
	r, _ := followed(t)
	r.fake.Freeze()
	r.state(StateFrozen)
	calls := len(r.fake.Calls())
	r.stop()
	if after := r.fake.Calls()[calls:]; len(after) > 3 {
		t.Errorf("%d calls after the account was frozen", len(after))
	}
	if err := r.collector.Ready(); err == nil || !strings.Contains(err.Error(), "frozen") {
		t.Errorf("ready says %v", err)
	}
}

func TestARenamedChannelIsFollowedAndWhoTakesItsNameIsNot(t *testing.T) {
	r, c := followed(t)
	c.Rename("harbour_moved")
	other := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "harbour_watch", Title: "Someone else", Created: time.Now(), Subscribers: 3})
	other.Post(text("nobody approved this"))
	r.arrives(c, "under the new name")
	r.stop()
	r.start()
	r.arrives(c, "after a restart")
	r.eventually("the new name is an alias", func() bool {
		r.raw.mu.Lock()
		defer r.raw.mu.Unlock()
		for _, ch := range r.raw.channels {
			if ch.GetName() == "harbour_moved" {
				return true
			}
		}
		return false
	})
	if n := r.raw.count(other); n != 0 {
		t.Errorf("%d posts of another channel were read", n)
	}
}

func TestANameThatLeadsElsewhereAfterTheHashIsVoidIsNotFollowed(t *testing.T) {
	r, c := followed(t)
	r.stop()
	var p peer
	a := &account{shelf: r.shelf()}
	if _, err := a.shelf.Load(r.within(), peerName(byName("harbour", "harbour_watch")), &p); err != nil {
		t.Fatal(err)
	}
	p.Hash++ // as of another account
	if err := a.shelf.Save(r.within(), peerName(byName("harbour", "harbour_watch")), p); err != nil {
		t.Fatal(err)
	}
	c.Rename("harbour_moved")
	r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "harbour_watch", Title: "Someone else", Created: time.Now()})
	r.start()
	r.channelState("harbour", channelParked, "another channel")
}

func TestAHandleThatNobodyHasIsSaid(t *testing.T) {
	r, _ := followed(t)
	r.watch(byName("nobody", "not_taken_yet"))
	r.channelState("nobody", channelParked, "nobody has this handle")
}

func TestAChannelThatTurnsPrivateAndBack(t *testing.T) {
	r, c := followed(t)
	c.SetPrivate(true)
	r.channelState("harbour", channelPrivate, "CHANNEL_PRIVATE")
	r.eventually("that is observed", func() bool { return r.raw.seen(c, 0, statePrivate) == 1 })
	missed := c.Post(text("while private"))
	c.SetPrivate(false)
	r.eventually("it is back", func() bool { return r.raw.seen(c, 0, stateBack) == 1 && r.raw.post(c, missed) != nil })
	r.channelState("harbour", channelFollowed, "")
	if n := r.raw.seen(c, 0, statePrivate); n != 1 {
		t.Errorf("%d observations of one time of being private", n)
	}
}

func TestAFloodWaitIsWaitedForAndHoldsUpNoOtherMethod(t *testing.T) {
	r, c := followed(t)
	r.fake.FloodWait("updates.getChannelDifference", 2)
	r.eventually("the wait is shown", func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		return err == nil && len(report.Waits) == 1 && report.Waits[0].Method == "updates.getChannelDifference" && report.Waits[0].Reason == "flood"
	})
	other := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "pier_watch", Title: "Pier watch", Created: time.Now()})
	other.Post(text("history is read meanwhile"))
	r.watch(byName("pier", "pier_watch"))
	r.eventually("another leg goes on", func() bool { return r.raw.count(other) == 1 })
	r.stop() // and the wait survives a restart
	r.start()
	r.arrives(c, "after the wait")
	if n := r.fake.EarlyCalls(); n != 0 {
		t.Errorf("%d calls before the wait was over", n)
	}
}

func TestTroubleAtTelegramPasses(t *testing.T) {
	for _, fault := range []*tgerr.Error{
		tgerr.New(500, "RPC_CALL_FAIL"), tgerr.New(500, "INTERNAL"), tgerr.New(-503, "Timedout"), tgerr.New(400, "PERSISTENT_TIMESTAMP_OUTDATED"), tgerr.New(500, "WORKER_BUSY_TOO_LONG_RETRY"),
	} {
		t.Run(fault.Type, func(t *testing.T) {
			r, c := followed(t)
			r.fake.Fail("", -1, fault)
			calls := len(r.fake.Calls())
			missed := c.Post(text("during the trouble"))
			c.Quiet(true)
			r.eventually("it is tried again", func() bool { return len(r.fake.Calls()) > calls+8 })
			r.channelState("harbour", channelFollowed, fault.Type)
			r.fake.Fail("", 0, nil)
			r.eventually("what was missed comes", func() bool { return r.raw.post(c, missed) != nil })
			r.eventually("nothing is wrong", func() bool {
				report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
				return err == nil && report.Channels[0].Why == ""
			})
		})
	}
}

func TestARequestThatIsRefusedParksTheChannelAlone(t *testing.T) {
	r, c := followed(t)
	other := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "pier_watch", Title: "Pier watch", Created: time.Now()})
	r.fake.Fail("contacts.resolveUsername", -1, tgerr.New(400, "CHANNELS_TOO_MUCH"))
	r.watch(byName("pier", "pier_watch"))
	r.channelState("pier", channelParked, "CHANNELS_TOO_MUCH")
	r.arrives(c, "while the other is parked")
	r.fake.Fail("contacts.resolveUsername", 0, nil)
	r.channelState("pier", channelFollowed, "")
	r.arrives(other, "and it is tried again")
}

// The second time the channel is given up for a while: each new beginning has the
// re-poll ask for all posts.
func TestAPositionThatIsNeverKnownParksTheChannel(t *testing.T) {
	r, c := followed(t)
	r.fake.Fail("updates.getChannelDifference", -1, tgerr.New(400, "PERSISTENT_TIMESTAMP_INVALID"))
	r.channelState("harbour", channelParked, "PERSISTENT_TIMESTAMP_INVALID")
	r.fake.Fail("updates.getChannelDifference", 0, nil)
	r.arrives(c, "when it is known again")
}

// Another key ring, or a bucket that was damaged: no second try mends it.
func TestACursorThatCannotBeReadParksTheChannel(t *testing.T) {
	r, c := followed(t)
	r.stop()
	name := fmt.Sprintf("channel/%d/tail", c.ID())
	shelf := r.shelf()
	if _, err := shelf.Load(r.within(), name, &tailState{}); err != nil {
		t.Fatal(err)
	}
	if err := shelf.Save(r.within(), name, "no state"); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.channelState("harbour", channelParked, "read cursor")
}

func TestARelabelledChannelIsFollowedOn(t *testing.T) {
	r, c := followed(t)
	r.list.Channels[0].Label = "pier"
	r.publish()
	r.channelState("pier", channelFollowed, "")
	r.arrives(c, "under the new label")
}

func TestAGroupIsLeftWhenGroupsAreNotFollowedAnyMore(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.cfg.Groups = true
	c := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "quay_talk", Title: "Quay talk", Created: time.Now(), Megagroup: true})
	r.watch(byName("quay", "quay_talk"))
	r.start()
	r.arrives(c, "while groups are followed")
	r.stop()
	r.cfg.Groups = false
	r.start()
	r.channelState("quay", channelParked, "it is a group")
	asked := r.callsOf("contacts.resolveUsername")
	if asked != 1 {
		t.Errorf("the handle was asked for %d times", asked)
	}
}

func TestClocksThatDisagree(t *testing.T) {
	for _, skew := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		r := newRigAlone(t, fake.Options{})
		r.fake.SkewClock(skew)
		c := r.harbour(3)
		r.start()
		r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == 3 })
		r.arrives(c, "new")
		c.Edit(2, func(m *tg.Message) { m.Message = "edited" })
		c.Delete(3)
		r.eventually("edit and deletion come", func() bool { return r.raw.seen(c, 2, stateEdited) == 1 && r.raw.seen(c, 3, stateGone) == 1 })
		r.stop()
	}
}

func TestBrokenNetworkComesBack(t *testing.T) {
	r, c := followed(t)
	r.fake.Refuse(true)
	r.fake.Cut()
	missed := c.Post(text("while the network is away"))
	c.Delete(2)
	r.fake.Refuse(false)
	r.eventually("what was missed comes", func() bool { return r.raw.post(c, missed) != nil && r.raw.seen(c, 2, stateGone) == 1 })
}

func TestNATSGoesAwayAndComesBack(t *testing.T) {
	r, c := followed(t)
	r.bus.Stop()
	missed := c.Post(text("while NATS is away"))
	c.Delete(2)
	r.bus.Start()
	r.eventually("what was missed comes", func() bool { return r.raw.post(c, missed) != nil && r.raw.seen(c, 2, stateGone) == 1 })
}

func TestWithoutABasisNothingIsCollected(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.harbour(3)
	calls := len(r.fake.Calls()) // of the rig's own login
	r.cfg.TermsBasis = ""
	r.start()
	r.state(StateRefused)
	if err := r.collector.Ready(); err == nil || !strings.Contains(err.Error(), "terms_basis") {
		t.Errorf("ready says %v", err)
	}
	r.stop()
	r.cfg.TermsBasis = "written_approval"
	r.deps.LegalBasis.Expires = time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	r.start()
	r.state(StateRefused)
	if err := r.collector.Ready(); err == nil || !strings.Contains(err.Error(), "expires") {
		t.Errorf("ready says %v", err)
	}
	if after := r.fake.Calls()[calls:]; len(after) > 0 {
		t.Errorf("%d calls were made, first %s", len(after), after[0].Method)
	}
}

func TestNothingIsCollectedFromTheDayAfterTheBasis(t *testing.T) {
	r := newRig(t, fake.Options{})
	var later atomic.Bool
	r.cfg.clock = func() time.Time {
		if later.Load() {
			return time.Now().AddDate(2, 0, 0)
		}
		return time.Now()
	}
	c := r.harbour(3)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.post(c, 3) != nil })
	later.Store(true)
	r.state(StateRefused)
	calls := len(r.fake.Calls())
	missed := c.Post(text("while nothing may be collected"))
	if after := r.fake.Calls()[calls:]; len(after) > 0 {
		t.Errorf("%d calls were made, first %s", len(after), after[0].Method)
	}
	later.Store(false)
	r.state(StateCollecting)
	r.eventually("what was posted meanwhile comes", func() bool { return r.raw.post(c, missed) != nil })
}
