package telegram

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

func TestShortLinksAreExpandedAfterTheirPostIsOnRaw(t *testing.T) {
	r, c, w := expanding(t, map[string]redirect.Result{
		"https://t.co/AbC":      resolved("https://harbour-leaks.example/card/A_person"),
		"https://bit.ly/x":      {URL: "https://harbour-leaks.example/card/B", Outcome: redirect.Watched, Hops: 2},
		"http://is.gd/hidden":   {URL: "https://cards.example/", Outcome: redirect.Blocked, Hops: 1},
		"https://cutt.ly/gone":  {Outcome: redirect.Unresolved, Reason: redirect.Gone, Hops: 1},
		"https://rb.gy/watched": {URL: "https://rb.gy/watched", Outcome: redirect.Watched},
	})
	release := w.keepWaiting()
	id := c.Post(tg.Message{
		Message: "see t.co/AbC and hxxps://bit[.]ly/x, t.co/AbC, here, https://cutt.ly/gone https://rb.gy/watched https://cards.example/own",
		Entities: []tg.MessageEntityClass{
			&tg.MessageEntityURL{Offset: 4, Length: 8},
			&tg.MessageEntityTextURL{Offset: 52, Length: 4, URL: "http://is.gd/hidden"},
		},
	})
	r.eventually("the post is on RAW, while no shortener answers", func() bool { return r.raw.post(c, id) != nil })
	if got := r.raw.targets(c, id); len(got) > 0 {
		t.Errorf("resolved before anybody answered: %v", got)
	}
	plain := r.raw.post(c, id).GetLinks()
	release()
	want := map[string]string{
		"t.co/AbC":            "https://harbour-leaks.example/card/A_person ENTITY",
		"hxxps://bit[.]ly/x":  "https://harbour-leaks.example/card/B TEXT",
		"http://is.gd/hidden": "https://cards.example/ TEXT_LINK",
	}
	r.eventually("the post comes again", func() bool { return len(r.raw.targets(c, id)) > 0 })
	if diff := cmp.Diff(want, r.raw.targets(c, id)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := r.raw.post(c, id)
	if got := again.GetLinks()[:len(plain)]; len(plain) == 0 || got[0].GetUrl() != plain[0].GetUrl() || !strings.HasPrefix(again.GetText(), "see t.co/AbC") {
		t.Error("the post that came again lacks what it had")
	}
	asked := []string{"http://is.gd/hidden", "https://bit.ly/x", "https://cutt.ly/gone", "https://rb.gy/watched", "https://t.co/AbC"}
	questions := w.questions()
	slices.Sort(questions) // a post may come from two legs
	if diff := cmp.Diff(asked, slices.Compact(questions)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	r.nowhere("A_person")
}

func TestAShortLinkThatIsKnownIsNotAskedAgainAndOneThatMayDoLaterIs(t *testing.T) {
	r, c, w := expanding(t, map[string]redirect.Result{
		"https://t.co/x":    resolved("https://cards.example/x"),
		"https://t.co/slow": {Outcome: redirect.Unresolved, Reason: redirect.Slow, Hops: 1},
	})
	first := c.Post(text("t.co/x t.co/slow"))
	r.eventually("the post comes again", func() bool { return len(r.raw.targets(c, first)) == 1 })
	// It may have come twice, from two legs, and both have asked.
	r.eventually("nothing is in hand", func() bool { return r.shortPosts("sent") == float64(w.times("https://t.co/slow")) })
	known, slow := w.times("https://t.co/x"), w.times("https://t.co/slow")
	second := c.Post(text("t.co/x t.co/slow"))
	r.eventually("the post comes again", func() bool { return len(r.raw.targets(c, second)) == 1 })
	third := c.Post(text("nothing yet"))
	r.eventually("the post comes", func() bool { return r.raw.post(c, third) != nil })
	c.EditText(third, "edited: t.co/x")
	r.eventually("the edited post comes again", func() bool { return len(r.raw.targets(c, third)) == 1 })
	if n := w.times("https://t.co/x"); n != known {
		t.Errorf("what is known was asked for %d times more", n-known)
	}
	if n := w.times("https://t.co/slow"); n <= slow {
		t.Error("what was slow was not asked for again")
	}
}

func TestAnExpanderKnowsWhatIsWatchedAndItsPace(t *testing.T) {
	r, _, w := expanding(t, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cfg.Gate == nil || w.cfg.Metrics == nil || len(w.cfg.Shorteners) == 0 {
		t.Error("it has no gate, no metrics or no shorteners")
	}
	r.eventually("the watch list is there", func() bool { return !w.cfg.Watched("cards.example") })
	for host, want := range map[string]bool{"harbour-leaks.example": true, "sub.harbour-leaks.example": true, "docs.hosting.test": true, "hosting.test": false, "xharbour-leaks.example": false} {
		if w.cfg.Watched(host) != want {
			t.Errorf("%s: watched is %v", host, !want)
		}
	}
	if rule := r.cfg.rules()[redirect.Method("t.co")]; rule.Every == 0 {
		t.Error("t.co has no pace")
	}
}

func TestAChannelThatIsTakenOffHasNoShortLinksExpanded(t *testing.T) {
	results := map[string]redirect.Result{"https://t.co/1": resolved("https://cards.example/1"), "https://t.co/2": resolved("https://cards.example/2")}
	r, c, w := expanding(t, results)
	release := w.keepWaiting()
	id := c.Post(text("t.co/1 t.co/2"))
	r.eventually("a shortener is asked", w.isAsked)
	r.list.Channels = nil
	r.publish()
	r.eventually("its legs have ended", func() bool {
		r.collector.mu.Lock()
		a := r.collector.inUse
		r.collector.mu.Unlock()
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.followed) == 0
	})
	release()
	r.eventually("the post is left alone", func() bool { return r.shortPosts("unfollowed") > 0 })
	if got := r.raw.targets(c, id); len(got) > 0 {
		t.Errorf("it came again: %v", got)
	}
	if n := w.times("https://t.co/2"); n > 0 {
		t.Error("it was asked for more than what was in hand")
	}
}

func TestPostsBeyondTheLimitAreCountedAndLeftAlone(t *testing.T) {
	registry := prometheus.NewRegistry()
	client, err := redirect.New(redirect.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shortLinks{account: &account{metrics: newMetrics(registry)}, client: client, waiting: make(chan shortened, 2)}
	h := haul.Haul{Lane: bus.LaneLive}
	for _, words := range []string{"t.co/1", "no link", "https://t.me/harbour", "t.co/2", "t.co/3", "t.co/4"} {
		h.Posts = append(h.Posts, doxtrailv1.RawPost_builder{Text: &words}.Build())
	}
	s.want(nil, h)
	r := &rig{t: t, deps: Deps{Registry: registry}}
	if n := r.shortPosts("full"); n != 2 || len(s.waiting) != 2 {
		t.Errorf("%.0f did not fit and %d wait, want 2 and 2", n, len(s.waiting))
	}
	if first := <-s.waiting; len(first.links) != 1 || first.links[0].address != "https://t.co/1" {
		t.Errorf("first of all waits %v", first.links)
	}
}

func TestNothingIsExpandedUnlessTheConfigurationSaysSo(t *testing.T) {
	r := newRig(t, fake.Options{})
	w := &shortWorld{hold: make(chan struct{})}
	r.cfg.expander = w.open
	c := r.harbour(0)
	r.start()
	r.arrives(c, "t.co/x")
	r.arrives(c, "another")
	r.stop()
	if w.cfg.Watched != nil || len(w.questions()) > 0 {
		t.Error("an expander was opened")
	}
}

func TestOldHistoryIsNotExpanded(t *testing.T) {
	r := newRig(t, fake.Options{})
	w := &shortWorld{hold: make(chan struct{}), results: map[string]redirect.Result{"https://t.co/new": resolved("https://cards.example/new")}}
	close(w.hold)
	r.cfg.Redirects.On, r.cfg.expander = true, w.open
	c := r.harbour(0)
	old := c.Post(tg.Message{Message: "t.co/old", Date: int(time.Now().Add(-2 * shortAge).Unix())})
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.post(c, old) != nil && r.raw.covered(c, complete, 1, 1) })
	id := c.Post(text("t.co/new"))
	r.eventually("the new post comes again", func() bool { return len(r.raw.targets(c, id)) == 1 })
	if n := w.times("https://t.co/old"); n > 0 {
		t.Errorf("what is old was asked for %d times", n)
	}
}

func TestTheConfigurationOfRedirectsIsChecked(t *testing.T) {
	cfg := Defaults()
	cfg.Redirects.Shorteners = []string{"t.co", "http://bit.ly"}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "redirects.shorteners: must be host names") {
		t.Errorf("%v", err)
	}
	cfg.Redirects.Shorteners = nil
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
