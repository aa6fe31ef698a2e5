package twitter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

const seenAt = "canary seen at https://harbour-leaks.example/a"

func TestWhatIsPostedIsOnRAWOnce(t *testing.T) {
	for name, spelling := range map[string]fake.Spelling{"tweet": fake.Tweet, "post": fake.Post} {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{Spelling: spelling})
			r.start()
			r.streaming()
			id := r.fake.Post("invented_a", seenAt)
			other := r.fake.Post("invented_b", "nothing of interest")
			repost := r.fake.Repost("invented_b", id)
			quote := r.fake.Quote("invented_c", other, seenAt)
			r.fake.Edit(id, seenAt+" and again")
			r.eventually("the edit is on RAW", func() bool { return r.raw.edits(id) == 1 })
			r.fake.Edit(id, seenAt+" and once more")
			r.eventually("both edits are on RAW", func() bool { return r.raw.edits(id) == 2 })
			r.arrives(id, repost, quote, other)
			for _, one := range []string{repost, quote} {
				if n := r.raw.came(one, doxtrailv1.Leg_LEG_TAIL); n != 1 {
					t.Errorf("a post came %d times", n)
				}
			}
			r.eventually("the posts are known", func() bool {
				n, _ := r.app().known.count()
				return n == 4
			})
			r.closed(1)
			r.stop()
			r.silent()
		})
	}
}

// interruptions are the ways in which the stream ends.
func interruptions() map[string]func(*streamRig) {
	ways := map[string]func(*streamRig){
		"cut":                    func(r *streamRig) { r.fake.CutStream() },
		"end":                    func(r *streamRig) { r.fake.EndStream() },
		"stall":                  func(r *streamRig) { r.t.Cleanup(r.fake.StallStream()) },
		"half a message":         func(r *streamRig) { r.fake.CutMessage(); r.fake.Post("invented_a", seenAt+" cut") },
		"TooManyConnections":     func(r *streamRig) { r.fake.ConnectionIssue("TooManyConnections") },
		"RuleConfigurationIssue": func(r *streamRig) { r.fake.ConnectionIssue("RuleConfigurationIssue") },
	}
	for _, kind := range fake.Disconnects() {
		ways[kind] = func(r *streamRig) { r.fake.Disconnect(kind) }
	}
	return ways
}

func TestNoInterruptionLosesAPost(t *testing.T) {
	for name, interrupt := range interruptions() {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{})
			if name == "stall" {
				r.cfg.pauses.stream.silence = 300 * time.Millisecond
			}
			r.start()
			r.streaming()
			before := r.fake.Post("invented_a", seenAt)
			repost := r.fake.Repost("invented_b", before)
			r.arrives(before, repost)
			r.fake.Refuse(true)
			interrupt(r)
			r.eventually("the stream is gone", func() bool { return r.value("stream_up") == 0 })
			missed := r.fake.Post("invented_b", seenAt)
			r.fake.Edit(missed, seenAt+" and more")
			r.fake.Repost("invented_c", before) // nobody sees it
			r.fake.Refuse(false)
			r.eventually("it is open again", func() bool { return r.value("stream_up") == 1 })
			after := r.fake.Post("invented_c", seenAt)
			r.arrives(before, missed, after)
			r.closed(2)
			r.everything()
			if n := r.raw.edits(missed); n != 1 {
				t.Errorf("%d edits came", n)
			}
			if n := r.raw.came(missed, doxtrailv1.Leg_LEG_SEARCH); n == 0 {
				t.Error("what was missed did not come by search")
			}
			if n := len(r.raw.holes(spanReposts)); n == 0 {
				t.Error("that reposts are missing stands nowhere")
			}
			r.eventually("reposts are to be asked for", func() bool { return len(r.app().wanted.take(100)) > 0 })
			r.stop()
			r.silent()
		})
	}
}

func TestMessagesOfAnySortAreRead(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.fake.PartialErrors(1)
	partial := r.fake.Post("invented_a", seenAt)
	big := r.fake.Post("invented_a", seenAt, fake.Sized(80<<10))
	r.fake.DuplicateDelivery(1)
	twice := r.fake.Post("invented_b", seenAt)
	r.arrives(partial, big, twice)
	r.fake.Line(`{"data":{"id":"12`)
	r.fake.Line(`<html>over capacity</html>`)
	withheld := r.fake.Post("invented_b", seenAt)
	r.arrives(withheld)
	r.eventually("unreadable lines are counted", func() bool {
		return r.value("stream_unreadable_total") == 2
	})
	r.fake.Line(strings.Repeat("x", 5<<20))
	r.eventually("a message that is too long is counted", func() bool { return r.value("stream_unreadable_total") == 3 })
	for range 200 {
		r.fake.Line(`{"data":`)
	}
	r.eventually("unreadable lines are counted", func() bool { return r.value("stream_unreadable_total") == 203 })
	r.arrives(r.fake.Post("invented_b", seenAt))
	r.closed(2)
	r.everything()
	if n := r.value("gaps_total"); n > 60 { // two for each
		t.Errorf("%v gaps were told", n)
	}
	if n := r.fake.Count("stream"); n > 2 { // one may have come before the rules
		t.Errorf("the stream was opened %d times", n)
	}
	r.stop()
	r.silent()
}

func TestANewProcessGoesOnWhereTheLastOneStopped(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	id := r.fake.Post("invented_a", seenAt)
	r.arrives(id)
	for range 3 {
		r.stop()
		missed := r.fake.Post("invented_a", seenAt)
		r.start()
		r.arrives(missed)
		r.streaming() // search may have brought the post before: each stream that was away is a gap of its own
	}
	r.closed(4)
	r.everything()
}

func TestAHeartbeatMovesThePosition(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.fake.Post("invented_a", seenAt)
	at := func() int64 {
		var s streamState
		if _, err := r.shelf().Load(r.within(), streamName, &s); err != nil {
			t.Fatal(err)
		}
		return s.Sure
	}
	r.eventually("there is a position", func() bool { return at() > 0 })
	began := time.Now().UnixMilli()
	r.eventually("it moves without a post", func() bool { return at() > began })
}

func TestASlowNATSHoldsTheStreamUpAndLosesNothing(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.bus.Stop()
	var ids []string
	for i := range 3 * inboxMessages {
		ids = append(ids, r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i)))
	}
	r.waitsForNATS()
	r.bus.Restart()
	r.arrives(ids...)
	r.everything()
}

// BUDGETS lies on NATS too: what cannot be noted as spent is not read.
func TestTheStreamWaitsForBudgetsAndSaysSo(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Search.On, r.cfg.Budget.ReadsPerMonth = false, 1000 // 100 are reserved at a time
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.bus.Stop()
	var ids []string
	for i := range 130 {
		ids = append(ids, r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i)))
	}
	r.waitsForNATS()
	r.bus.Restart()
	r.arrives(ids...)
}

// waitsForNATS waits until status and metrics say that the stream is not read.
func (r *streamRig) waitsForNATS() {
	r.t.Helper()
	r.eventually("status says why the stream waits", func() bool { return r.leg(streamName).Why == waitsForNATS })
	r.eventually("the wait is measured", func() bool { return r.value("stream_blocked_seconds_total") > 0 })
}

func TestWhatLayUnreadWhenTheStreamWasCutIsNotLost(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.bus.Stop()
	// More than fits into the inbox and the connection: X itself holds the rest.
	for i := range 3 * inboxMessages {
		r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i), fake.Sized(20<<10))
	}
	r.eventually("the stream waits", func() bool { return r.value("stream_blocked_seconds_total") > 0 })
	r.fake.CutStream()
	r.bus.Restart()
	r.streaming()
	r.closed(2)
	r.everything()
}

func TestThePostsOfOthersRulesAreLeftAlone(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	if err := r.foreign("weather"); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.streaming()
	r.eventually("our rule is there", func() bool { return len(r.fake.Rules()) == 2 })
	other := r.fake.Post("invented_a", "weather")
	both := r.fake.Post("invented_a", "weather "+seenAt)
	r.arrives(both)
	if r.raw.post(other) != nil {
		t.Error("a post that matches somebody else's rule alone is on RAW")
	}
	r.reports("the foreign rule", func(got Report) bool { return got.ForeignRules == 1 })
}

func TestAStreamThatXHasNotNoticedToBeGoneIsDropped(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	r.fake.Linger(time.Hour)
	r.fake.CutStream()
	r.eventually("the connections are dropped", func() bool { return r.fake.Count("connections") == 1 })
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
}

func TestTheStreamStopsBeforeTheBudgetIsSpent(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Budget.MoneyPerMonth = "3"
	r.cfg.Search.On = false
	r.start()
	r.streaming()
	for range 250 {
		if r.fake.Streams() == 0 {
			break
		}
		r.fake.Post("invented_a", seenAt)
	}
	r.state(StateSpent, "nothing new is read until")
	if reads := r.fake.Reads(); reads.Posts*5+reads.Users*10 > 3000 {
		t.Errorf("%d posts and %d accounts were read", reads.Posts, reads.Users)
	}
}

func TestAQuietStreamIsReportedWithoutHoles(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.pauses.stream.cover = 50 * time.Millisecond
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.eventually("three spans follow each other", func() bool { return len(r.raw.whole(spanPosts)) >= 3 && len(r.raw.whole(spanReposts)) >= 3 })
	list := r.raw.whole(spanPosts)
	for i := range list[1:] {
		if list[i].To != list[i+1].From {
			t.Errorf("span %d ends at %d, the next begins at %d", i, list[i].To, list[i+1].From)
		}
	}
}
