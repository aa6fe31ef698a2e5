package telegram

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview/previewtest"
)

// invented are posts of the web, numbered from first to last.
func invented(first, last int) (posts []previewtest.Post) {
	for id := first; id <= last; id++ {
		posts = append(posts, previewtest.Post{ID: id, Text: fmt.Sprintf("post %d https://harbour-leaks.example/card/%d", id, id), Views: "1.2K"})
	}
	return posts
}

// fromWeb counts what the web showed of a post in a state; id 0 is the channel.
func (o *raw) fromWeb(channel int64, id int, state doxtrailv1.ObservationState) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	post := ""
	if id > 0 {
		post = strconv.Itoa(id)
	}
	for _, p := range o.observations {
		if p.GetSource() == sourceWeb && p.GetChannelId() == strconv.FormatInt(channel, 10) && p.GetPostId() == post && p.GetState() == state {
			n++
		}
	}
	return n
}

// sighted is a rig with an account and a web beside it, and the history read.
func sighted(t *testing.T, posts int) (*rig, *fake.Channel, *previewtest.Server) {
	t.Helper()
	r := newRig(t, fake.Options{})
	web := r.web()
	c := r.harbour(posts)
	web.SetPosts("harbour_watch", invented(1, posts))
	web.SetID("harbour_watch", c.ID())
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == posts && r.raw.covered(c, complete, 1, posts) })
	return r, c, web
}

// web has the collector ask a web of the test's.
func (r *rig) web() *previewtest.Server {
	r.t.Helper()
	server := previewtest.New(r.t)
	r.cfg.Preview = PreviewConfig{URL: server.URL, Every: time.Millisecond, Poll: 50 * time.Millisecond}
	if err := r.cfg.Validate(); err != nil {
		r.t.Fatal(err)
	}
	return server
}

func TestTheWebIsAskedAboutWhatTheAccountFindsGone(t *testing.T) {
	r, c, web := sighted(t, 8)
	album := slices.Delete(invented(1, 8), 4, 5)
	album[3].Items = []int{5}
	web.SetPosts("harbour_watch", album)
	web.Remove("harbour_watch", 3)
	if n := web.Requests(); n != 0 {
		t.Errorf("%d requests while nothing was gone", n)
	}
	c.Delete(2, 3, 5)
	r.eventually("the account says so of all", func() bool {
		return r.raw.seen(c, 2, stateGone) > 0 && r.raw.seen(c, 3, stateGone) > 0 && r.raw.seen(c, 5, stateGone) > 0
	})
	r.eventually("the web shows one up", func() bool { return r.raw.fromWeb(c.ID(), 2, stateUp) == 1 })
	r.eventually("one gone", func() bool { return r.raw.fromWeb(c.ID(), 3, stateGone) == 1 })
	r.eventually("and an item of an album up", func() bool { return r.raw.fromWeb(c.ID(), 5, stateUp) == 1 })
	if n := web.Requests(); n != 3 {
		t.Errorf("%d requests for three posts", n)
	}
	r.stop()
	known, err := loadKnown(r.within(), r.shelf(), "channel/"+strconv.FormatInt(c.ID(), 10)+"/known")
	if err != nil || known.get(2) != markGone {
		t.Errorf("what the web shows up is marked %d, %v", known.get(2), err)
	}
	r.raw.mu.Lock()
	defer r.raw.mu.Unlock()
	for _, o := range r.raw.observations {
		if o.GetSource() == sourceWeb && (o.GetVantage() != r.cfg.Vantage || o.HasChannelName()) {
			t.Errorf("an observation does not say from where, or by which number: %v %v", o.GetVantage(), o.HasChannelName())
		}
		if o.GetSource() == sourceWeb && o.GetPostId() == "2" && o.GetCounters().GetViewCount() != 1200 {
			t.Errorf("the web's views are %d", o.GetCounters().GetViewCount())
		}
	}
}

func TestTheWebThatSaysNothingIsNoObservation(t *testing.T) {
	r, c, web := sighted(t, 5)
	web.NoPreview("harbour_watch")
	c.Delete(2)
	r.eventually("the web was asked", func() bool { return web.Requests() == 1 })
	web.SetPosts("harbour_watch", invented(1, 5))
	web.SetID("harbour_watch", c.ID()+1)
	c.Delete(3)
	r.eventually("and again", func() bool { return web.Requests() == 2 })
	web.SetID("harbour_watch", c.ID())
	c.Delete(4)
	r.eventually("of the one after that it speaks", func() bool { return r.raw.fromWeb(c.ID(), 4, stateUp) == 1 })
	for id := 2; id <= 3; id++ {
		if n := r.raw.fromWeb(c.ID(), id, stateUp) + r.raw.fromWeb(c.ID(), id, stateGone); n != 0 {
			t.Errorf("%d observations of post %d, of which the web says nothing", n, id)
		}
	}
}

func TestTheWebIsAskedOnceMoreAtTheSecondLook(t *testing.T) {
	r := newRig(t, fake.Options{})
	web := r.web()
	r.cfg.SecondLook = time.Second
	r.cfg.Repoll = []time.Duration{time.Second, 2 * time.Second}
	c := r.harbour(5)
	web.SetPosts("harbour_watch", invented(1, 5))
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.covered(c, complete, 1, 5) })
	c.Delete(2)
	r.eventually("the web still shows it", func() bool { return r.raw.fromWeb(c.ID(), 2, stateUp) == 1 })
	web.Remove("harbour_watch", 2)
	r.eventually("both looks of the account", func() bool { return r.raw.seen(c, 2, stateGone)-r.raw.fromWeb(c.ID(), 2, stateGone) == 2 })
	r.eventually("and the web does not any more", func() bool { return r.raw.fromWeb(c.ID(), 2, stateGone) == 1 })
	looks := r.raw.seen(c, 5, stateUp)
	r.eventually("the re-poll goes on", func() bool { return r.raw.seen(c, 5, stateUp) > looks+1 })
	if n := web.Requests(); n != 2 {
		t.Errorf("the web was asked %d times", n)
	}
}

func TestAPrivateChannelIsLookedForInTheWeb(t *testing.T) {
	r, c, _ := sighted(t, 5)
	c.SetPrivate(true)
	c.Quiet(true)
	r.eventually("the account finds it private", func() bool { return r.raw.seen(c, 0, statePrivate) == 1 })
	r.eventually("the web shows it up", func() bool { return r.raw.fromWeb(c.ID(), 0, stateUp) == 1 })
}

func TestTheWebThatAsksToWaitIsAskedOnceMoreAndHoldsUpNoLeg(t *testing.T) {
	r, c, web := sighted(t, 5)
	web.Fail(429, time.Hour)
	c.Delete(2)
	r.eventually("the web was asked", func() bool { return web.Requests() == 1 })
	r.arrives(c, "while the web is not asked")
	r.eventually("the report shows the wait", func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range report.Waits {
			if w.Method == methodWeb && time.Until(w.Until) > 50*time.Minute {
				return true
			}
		}
		return false
	})
	if n := web.Requests(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestWithoutItsAddressTheWebIsNotAsked(t *testing.T) {
	r := newRig(t, fake.Options{})
	web := previewtest.New(t)
	r.cfg.Preview.URL = ""
	r.cfg.SecondLook = time.Second
	c := r.harbour(5)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.covered(c, complete, 1, 5) })
	c.Delete(2)
	r.eventually("both looks are the account's", func() bool { return r.raw.seen(c, 2, stateGone) == 2 })
	if n := web.Requests() + r.raw.fromWeb(c.ID(), 2, stateGone); n != 0 {
		t.Error("the web was asked")
	}
}
