package telegram

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview/previewtest"
)

// quayID is the number of the channel that is read in the web.
const quayID = int64(4100000001)

// quay is a rig without an account, and a web with one watched channel.
func quay(t *testing.T, posts int) (*rig, *previewtest.Server) {
	t.Helper()
	r := newRig(t, fake.Options{})
	web := r.web()
	r.cfg.APIID, r.cfg.APIHashFile = 0, ""
	if err := os.Remove(r.cfg.SessionFile); err != nil {
		t.Fatal(err)
	}
	web.SetPosts("quay_notes", invented(1, posts))
	web.SetID("quay_notes", quayID)
	r.watch(byName("quay", "quay_notes"))
	return r, web
}

// webPost gives a post that was read in the web; nil if it never came.
func (o *raw) webPost(id int) *doxtrailv1.RawPost {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.posts[strconv.FormatInt(quayID, 10)+"/"+strconv.Itoa(id)]
}

// webRead says whether posts were read without a hole.
func (o *raw) webRead(from, to int) bool {
	for id := from; id <= to; id++ {
		if o.webPost(id) == nil {
			return false
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, covered := from, true; id <= to && covered; id++ {
		covered = false
		for _, c := range o.coverage {
			covered = covered || c.GetChannelId() == strconv.FormatInt(quayID, 10) && c.GetState() == complete && c.GetFromNo() <= int64(id) && c.GetToNo() >= int64(id)
		}
		if !covered {
			return false
		}
	}
	return true
}

func TestAChannelIsReadInTheWebAlone(t *testing.T) {
	r, web := quay(t, 65)
	if !r.cfg.Enabled() || r.cfg.HasAccount() {
		t.Fatal("the web alone is not enough to be enabled")
	}
	r.start()
	r.state(StateCollecting)
	r.eventually("the history is on RAW", func() bool { return r.raw.webRead(1, 65) })
	web.SetPosts("quay_notes", invented(1, 66))
	r.eventually("a new post is on RAW", func() bool { return r.raw.webRead(1, 66) })
	web.SetPosts("quay_notes", invented(1, 120)) // more than a page holds
	r.eventually("so are many at once", func() bool { return r.raw.webRead(1, 120) })
	r.eventually("posts are seen again, with counters", func() bool { return r.raw.fromWeb(quayID, 115, stateUp) > 1 })
	web.Remove("quay_notes", 110)
	r.eventually("a removed post is seen gone", func() bool { return r.raw.fromWeb(quayID, 110, stateGone) == 1 })
	web.SetPosts("quay_notes", invented(1, 120))
	r.eventually("and back", func() bool { return r.raw.fromWeb(quayID, 110, stateBack) == 1 })
	r.channelState("quay", channelFollowed, "")
	r.stop()
	if n := r.raw.fromWeb(quayID, 110, stateGone); n != 1 {
		t.Errorf("a post that went once was seen gone %d times", n)
	}
	r.raw.mu.Lock()
	joined := r.raw.channels[strconv.FormatInt(quayID, 10)+" quay_notes"]
	r.raw.mu.Unlock()
	if joined == nil {
		t.Error("no record joins the number and the handle")
	}
	if p := r.raw.webPost(7); p.HasChannelName() || p.GetCounters().GetViewCount() != 1200 || p.GetCounters().GetAudience() != 1200 || p.GetPostedPrecisionS() != webPrecision {
		t.Errorf("a post says %v", p)
	}
	if len(r.fake.Calls()) != 0 {
		t.Error("Telegram was asked with an account")
	}
}

func TestAPostThatIsGoneIsLookedForOnceMore(t *testing.T) {
	r, web := quay(t, 10)
	r.cfg.SecondLook = time.Second
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.webRead(1, 10) })
	web.Remove("quay_notes", 5)
	r.eventually("it is gone", func() bool { return r.raw.fromWeb(quayID, 5, stateGone) == 1 })
	r.stop()
	web.SetPosts("quay_notes", append(invented(1, 4), invented(6, 60)...)) // it has left the newest page
	r.start()
	r.eventually("it is gone at a second look", func() bool { return r.raw.fromWeb(quayID, 5, stateGone) == 2 })
	r.eventually("and at no third", func() bool {
		state, _ := r.keptOfWeb()
		return len(state.Again) == 0
	})
}

func TestAPostThatIsMissingOnceIsNotGone(t *testing.T) {
	r, web := quay(t, 10)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.webRead(1, 10) })
	r.stop()
	state, known := r.keptOfWeb()
	known.set(5, markGone) // as one poll left it
	if err := known.save(r.within()); err != nil || state.ID != strconv.FormatInt(quayID, 10) {
		t.Fatalf("%+v, %v", state, err)
	}
	web.Remove("quay_notes", 7)
	before := r.raw.fromWeb(quayID, 5, stateUp)
	r.start()
	r.eventually("one is gone at two looks", func() bool { return r.raw.fromWeb(quayID, 7, stateGone) == 1 })
	if r.raw.fromWeb(quayID, 5, stateUp) <= before || r.raw.fromWeb(quayID, 5, stateGone)+r.raw.fromWeb(quayID, 5, stateBack) != 0 {
		t.Error("a post that was missing once and is there is not simply up")
	}
}

// keptOfWeb is what the collector keeps of the channel.
func (r *rig) keptOfWeb() (webState, *known) {
	r.t.Helper()
	var state webState
	_, err := r.shelf().Load(r.within(), "web//quay_notes/state", &state)
	if err != nil {
		r.t.Fatal(err)
	}
	known, err := loadKnown(r.within(), r.shelf(), "web//quay_notes/known")
	if err != nil {
		r.t.Fatal(err)
	}
	return state, known
}

func TestTheWebAsksToWaitAndARestartGoesOn(t *testing.T) {
	r, web := quay(t, 90)
	r.cfg.Preview.Poll = time.Hour
	r.cfg.Preview.Every = 100 * time.Millisecond
	r.start()
	r.eventually("a few pages are read", func() bool { return r.raw.webRead(60, 90) })
	web.Fail(429, time.Hour)
	asked := func() int { return web.Requests() }
	r.channelState("quay", channelWaiting, "429")
	n := asked()
	r.stop()
	r.start()
	r.state(StateCollecting)
	r.eventually("the report shows the wait", func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		return err == nil && report.State == StateCollecting && len(report.Waits) > 0 && report.Waits[0].Method == methodWeb
	})
	if asked() != n {
		t.Errorf("it was asked %d times before the wait was over", asked()-n)
	}
	r.stop()
	if state, _ := r.keptOfWeb(); len(state.Spans) != 1 || state.Spans[0].Next > 71 || state.Spans[0].Next < 2 {
		t.Errorf("what is left to be read is kept as %+v", state)
	}
}

func TestAChallengePasses(t *testing.T) {
	for name, status := range map[string]int{"a captcha": 200, "a refusal": 403, "a server in trouble": 502} {
		t.Run(name, func(t *testing.T) {
			r, web := quay(t, 5)
			web.Fail(status, 0)
			r.start()
			r.channelState("quay", channelWaiting, "the web")
			web.Fail(0, 0)
			r.eventually("it is read", func() bool { return r.raw.webRead(1, 5) })
			r.channelState("quay", channelFollowed, "")
		})
	}
}

func TestARestartReadsTheRestOfTheHistory(t *testing.T) {
	r, web := quay(t, 90)
	r.cfg.Preview.Poll = time.Hour
	r.cfg.Preview.Every = 100 * time.Millisecond
	r.start()
	r.eventually("two pages are read", func() bool { return r.raw.webRead(60, 90) })
	r.stop()
	state, _ := r.keptOfWeb()
	web.SetPosts("quay_notes", invented(1, 91))
	n := web.Requests()
	r.start()
	r.eventually("all of it is on RAW", func() bool { return r.raw.webRead(1, 91) })
	r.eventually("and that is known", func() bool {
		left, _ := r.keptOfWeb()
		return left.Begun && len(left.Spans) == 0
	})
	if most := 1 + (state.Spans[0].Next+18)/20 + 1; web.Requests()-n > most {
		t.Errorf("%d requests for what was left, at most %d were needed", web.Requests()-n, most)
	}
}

func TestAChannelWithoutAPreviewIsParked(t *testing.T) {
	r, web := quay(t, 5)
	web.NoPreview("quay_notes")
	r.watch(watchlist.Channel{Label: "pier", Platform: "telegram", ID: "4100000002"})
	r.start()
	r.channelState("quay", channelParked, "no preview")
	r.channelState("pier", channelParked, "list its handle")
	if n := r.raw.fromWeb(quayID, 0, stateGone) + r.raw.fromWeb(quayID, 0, statePrivate); n != 0 {
		t.Error("that there is no preview was taken for a takedown")
	}
	web.SetPosts("quay_notes", invented(1, 5))
	r.eventually("it is read once it has one", func() bool { return r.raw.webRead(1, 5) })
	r.channelState("quay", channelFollowed, "")
}

func TestAHandleThatPassedToAnotherChannelIsNotRead(t *testing.T) {
	r, web := quay(t, 5)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.webRead(1, 5) })
	web.SetID("quay_notes", quayID+1)
	web.SetPosts("quay_notes", invented(100, 110))
	r.channelState("quay", channelParked, "another channel")
	r.stop()
	r.start() // the number is kept
	r.channelState("quay", channelParked, "another channel")
	r.raw.mu.Lock()
	defer r.raw.mu.Unlock()
	if n := len(r.raw.posts); n != 5 {
		t.Errorf("%d posts: those of the other channel were read", n)
	}
}

func TestAChannelWhoseNumberIsToldLaterIsJoined(t *testing.T) {
	r, web := quay(t, 5)
	web.SetID("quay_notes", 0)
	r.start()
	r.eventually("the history is on RAW by the handle", func() bool {
		r.raw.mu.Lock()
		defer r.raw.mu.Unlock()
		p := r.raw.posts["/5"]
		return p.GetChannelName() == "quay_notes" && r.raw.channels[" quay_notes"] != nil
	})
	web.SetID("quay_notes", quayID)
	web.SetPosts("quay_notes", invented(1, 6))
	r.eventually("a record joins the two", func() bool {
		r.raw.mu.Lock()
		defer r.raw.mu.Unlock()
		return r.raw.channels[strconv.FormatInt(quayID, 10)+" quay_notes"] != nil
	})
	r.eventually("what is new comes by the number", func() bool { return r.raw.webPost(6) != nil })
}

func TestAPinnedNumberMustBeThePagesOwn(t *testing.T) {
	r, _ := quay(t, 5)
	r.list.Channels[0].ID = "4100000009"
	r.publish()
	r.start()
	r.channelState("quay", channelParked, "another channel")
	if n := r.raw.posted.Load(); n != 0 {
		t.Errorf("%d posts were read", n)
	}
}

func TestTheWebNeedsABasisToo(t *testing.T) {
	r, web := quay(t, 5)
	r.cfg.TermsBasis = ""
	r.start()
	r.state(StateRefused)
	r.stop()
	if n := web.Requests(); n != 0 {
		t.Errorf("%d requests without a basis", n)
	}
}
