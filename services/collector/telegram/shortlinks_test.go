package telegram

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink/shortlinktest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

func TestShortLinksAreExpandedAfterTheirPostIsOnRaw(t *testing.T) {
	r, c, w := expanding(t, map[string]redirect.Result{
		"https://t.co/AbC":      shortlinktest.Resolved("https://harbour-leaks.example/card/A_person"),
		"https://bit.ly/x":      {URL: "https://harbour-leaks.example/card/B", Outcome: redirect.Watched, Hops: 2},
		"http://is.gd/hidden":   {URL: "https://cards.example/", Outcome: redirect.Blocked, Hops: 1},
		"https://cutt.ly/gone":  {Outcome: redirect.Unresolved, Reason: redirect.Gone, Hops: 1},
		"https://rb.gy/watched": {URL: "https://rb.gy/watched", Outcome: redirect.Watched},
	})
	release := w.KeepWaiting()
	id := c.Post(tg.Message{
		Message: "see t.co/AbC and hxxps://bit[.]ly/x, t.co/AbC, here, https://cutt.ly/gone https://rb.gy/watched https://cards.example/own",
		Entities: []tg.MessageEntityClass{
			&tg.MessageEntityURL{Offset: 4, Length: 8},
			&tg.MessageEntityTextURL{Offset: 52, Length: 4, URL: "http://is.gd/hidden"},
		},
	})
	r.eventually("the post is on RAW, while no shortener answers", func() bool { return r.raw.post(c, id) != nil })
	if got := r.raw.learnt(c, id); len(got) > 0 {
		t.Errorf("resolved before anybody answered: %v", got)
	}
	plain := r.raw.post(c, id).GetLinks()
	release()
	want := map[string]string{
		"https://t.co/AbC":     "https://harbour-leaks.example/card/A_person ENTITY RESOLVED",
		"https://bit.ly/x":     "https://harbour-leaks.example/card/B TEXT RESOLVED",
		"http://is.gd/hidden":  "https://cards.example/ TEXT_LINK BLOCKED_BY_PLATFORM",
		"https://cutt.ly/gone": "TEXT GONE",
	}
	r.eventually("the post comes again", func() bool { return len(r.raw.learnt(c, id)) > 0 })
	if diff := cmp.Diff(want, r.raw.learnt(c, id)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again := r.raw.post(c, id)
	if got := again.GetLinks()[:len(plain)]; len(plain) == 0 || got[0].GetUrl() != plain[0].GetUrl() || !strings.HasPrefix(again.GetText(), "see t.co/AbC") {
		t.Error("the post that came again lacks what it had")
	}
	asked := []string{"http://is.gd/hidden", "https://bit.ly/x", "https://cutt.ly/gone", "https://rb.gy/watched", "https://t.co/AbC"}
	questions := w.Questions()
	slices.Sort(questions) // a post may come from two legs
	if diff := cmp.Diff(asked, slices.Compact(questions)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	r.nowhere("A_person")
}

func TestAnExpanderKnowsWhatIsWatchedAndItsPace(t *testing.T) {
	r, _, w := expanding(t, nil)
	cfg := w.Config()
	if cfg.Gate == nil || cfg.Metrics == nil || len(cfg.Shorteners) == 0 {
		t.Error("it has no gate, no metrics or no shorteners")
	}
	r.eventually("the watch list is there", func() bool { return !cfg.Watched("cards.example") })
	for host, want := range map[string]bool{"harbour-leaks.example": true, "sub.harbour-leaks.example": true, "docs.hosting.test": true, "hosting.test": false, "xharbour-leaks.example": false} {
		if cfg.Watched(host) != want {
			t.Errorf("%s: watched is %v", host, !want)
		}
	}
	if rule := r.cfg.rules()[redirect.Method("t.co")]; rule.Every == 0 {
		t.Error("t.co has no pace")
	}
}

func TestAChannelThatIsTakenOffHasNoShortLinksExpanded(t *testing.T) {
	results := map[string]redirect.Result{"https://t.co/1": shortlinktest.Resolved("https://cards.example/1"), "https://t.co/2": shortlinktest.Resolved("https://cards.example/2")}
	r, c, w := expanding(t, results)
	release := w.KeepWaiting()
	id := c.Post(text("t.co/1 t.co/2"))
	r.eventually("a shortener is asked", w.IsAsked)
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
	if got := r.raw.learnt(c, id); len(got) > 0 {
		t.Errorf("it came again: %v", got)
	}
	if n := w.Times("https://t.co/2"); n > 0 {
		t.Error("it was asked for more than what was in hand")
	}
}

func TestNothingIsExpandedUnlessTheConfigurationSaysSo(t *testing.T) {
	r := newRig(t, fake.Options{})
	w := shortlinktest.New(nil)
	r.cfg.expander = w.Open
	c := r.harbour(0)
	r.start()
	r.arrives(c, "t.co/x")
	r.arrives(c, "another")
	r.stop()
	if w.Config().Watched != nil || len(w.Questions()) > 0 {
		t.Error("an expander was opened")
	}
}

func TestOldHistoryIsNotExpanded(t *testing.T) {
	r := newRig(t, fake.Options{})
	w := shortlinktest.New(map[string]redirect.Result{"https://t.co/new": shortlinktest.Resolved("https://cards.example/new")})
	r.cfg.Redirects.On, r.cfg.expander = true, w.Open
	c := r.harbour(0)
	old := c.Post(tg.Message{Message: "t.co/old", Date: int(time.Now().Add(-48 * time.Hour).Unix())})
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.post(c, old) != nil && r.raw.covered(c, complete, 1, 1) })
	id := c.Post(text("t.co/new"))
	r.eventually("the new post comes again", func() bool { return len(r.raw.learnt(c, id)) == 1 })
	if n := w.Times("https://t.co/old"); n > 0 {
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

// A copy with more in it comes late by design: it says nothing of how fast posts come.
func TestACopyDoesNotCountAsDelay(t *testing.T) {
	r := &rig{t: t, deps: Deps{Registry: prometheus.NewRegistry()}}
	m, post := newMetrics(r.deps.Registry), []*doxtrailv1.RawPost{{}}
	for _, again := range []bool{false, true} {
		m.sent(&haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Posts: post, Again: again})
	}
	if n := r.delays(); n != 1 {
		t.Errorf("%v delays were measured, want that of the first", n)
	}
}
