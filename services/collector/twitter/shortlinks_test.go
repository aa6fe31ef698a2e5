package twitter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink/shortlinktest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// expanding is a rig whose collector reads the stream and expands short links.
func expanding(t *testing.T, results map[string]redirect.Result) (*streamRig, *shortlinktest.World) {
	t.Helper()
	r := newStreamRig(t, fake.Options{})
	w := shortlinktest.New(results)
	r.cfg.Redirects.On, r.cfg.expander = true, w.Open
	r.cfg.Search.On = false // so that a post comes by one leg
	r.start()
	r.streaming()
	return r, w
}

// learnt is what a collector learnt of the short links of a post.
func (o *onRaw) learnt(id string) map[string]string {
	list := map[string]string{}
	for _, l := range o.post(id).GetLinks() {
		if l.HasResolves() {
			list[l.GetResolves()] = strings.TrimSpace(l.GetUrl() + " " + strings.TrimPrefix(l.GetState().String(), "LINK_STATE_"))
		}
	}
	return list
}

// shortPosts counts posts with short links by what became of them.
func (r *streamRig) shortPosts(result string) float64 {
	r.t.Helper()
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_twitter_short_link_posts_total", result)
}

// X tells where t.co leads, so nobody asks t.co; where it leads to another shortener and
// X did not follow that, the other one is asked.
func TestAShortenerBehindTCoIsAskedWhereXDidNotFollowIt(t *testing.T) {
	r, w := expanding(t, map[string]redirect.Result{
		"https://bit.ly/x":     {URL: "https://harbour-leaks.example/card/A_person", Outcome: redirect.Watched, Hops: 1},
		"https://is.gd/stop":   {URL: "https://cards.example/2", Outcome: redirect.Blocked, Hops: 1},
		"https://cutt.ly/gone": {Outcome: redirect.Unresolved, Reason: redirect.Gone, Hops: 1},
	})
	release := w.KeepWaiting()
	id := r.fake.Post("invented_a", "canary https://bit.ly/x https://tinyurl.com/followed https://is.gd/stop https://cutt.ly/gone https://cards.example/own",
		fake.Leads("https://tinyurl.com/followed", "https://cards.example/followed", "", ""))
	r.arrives(id)
	if got := r.raw.learnt(id); len(got) > 0 {
		t.Errorf("learnt before anybody answered: %v", got)
	}
	plain := r.raw.post(id)
	release()
	r.eventually("the post comes again", func() bool { return len(r.raw.learnt(id)) > 0 })
	want := map[string]string{
		"https://bit.ly/x":     "https://harbour-leaks.example/card/A_person RESOLVED",
		"https://is.gd/stop":   "https://cards.example/2 BLOCKED_BY_PLATFORM",
		"https://cutt.ly/gone": "GONE",
	}
	if diff := cmp.Diff(want, r.raw.learnt(id)); diff != "" {
		t.Errorf("learnt (-want +got):\n%s", diff)
	}
	asked := map[string]string{}
	for _, link := range w.Questions() {
		asked[link] = want[link]
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	again := r.raw.post(id)
	if again.GetText() != plain.GetText() || len(again.GetLinks()) != len(plain.GetLinks())+len(want) || len(plain.GetLinks()) != 5 {
		t.Error("the post that came again lacks what it had")
	}
	r.eventually("it is counted", func() bool { return r.shortPosts("sent") == 1 })
	r.stop()
	r.silent()
	if strings.Contains(r.log.String(), "A_person") || strings.Contains(r.log.String(), "bit.ly") {
		t.Error("the log holds a part of a link")
	}
}

// What X takes away stays away, and nothing is asked for it.
func TestAPostThatWentHasNoShortLinksExpanded(t *testing.T) {
	r, w := expanding(t, map[string]redirect.Result{"https://bit.ly/1": shortlinktest.Resolved("https://cards.example/1")})
	release := w.KeepWaiting()
	id := r.fake.Post("invented_a", "canary https://bit.ly/1 https://bit.ly/2")
	r.arrives(id)
	r.eventually("a shortener is asked", w.IsAsked)
	number, _ := numberOf(id)
	r.eventually("the post is known", func() bool {
		return r.app().known.edit(number, func(p *knownPost) { p.Mark = markGone })
	})
	release()
	r.eventually("the post is left alone", func() bool { return r.shortPosts("unfollowed") == 1 })
	if got := r.raw.learnt(id); len(got) > 0 || w.Times("https://bit.ly/2") > 0 {
		t.Errorf("it came again: %v", got)
	}
}

func TestACopyDoesNotCountAsDelay(t *testing.T) {
	r, _ := expanding(t, map[string]redirect.Result{"https://bit.ly/x": shortlinktest.Resolved("https://cards.example/x")})
	id := r.fake.Post("invented_a", "canary https://bit.ly/x")
	r.eventually("the post comes again", func() bool { return len(r.raw.learnt(id)) == 1 })
	r.eventually("it is counted", func() bool { return r.shortPosts("sent") == 1 })
	if n := r.raw.came(id, doxtrailv1.Leg_LEG_TAIL); n != 2 {
		t.Errorf("it came %d times by the tail, want twice", n)
	}
	if n := r.delays(); n != 1 {
		t.Errorf("%v delays were measured, want that of the first", n)
	}
}

// delays counts the posts whose delay was measured.
func (r *streamRig) delays() float64 {
	r.t.Helper()
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_twitter_delay_seconds")
}

func TestNoShortenerIsAskedUnlessTheConfigurationSaysSo(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	w := shortlinktest.New(nil)
	r.cfg.expander = w.Open
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", "canary https://bit.ly/x"))
	if w.Config().Watched != nil || w.IsAsked() {
		t.Error("an expander was opened")
	}
}

func TestAnExpanderHasThePaceOfItsShorteners(t *testing.T) {
	r, w := expanding(t, nil)
	cfg := w.Config()
	if cfg.Gate == nil || cfg.Metrics == nil || len(cfg.Shorteners) == 0 {
		t.Error("it has no gate, no metrics or no shorteners")
	}
	r.eventually("the watch list is there", func() bool { return !cfg.Watched("cards.example") })
	if !cfg.Watched("harbour-leaks.example") {
		t.Error("a watched site may be requested")
	}
	if rule := r.cfg.rules()[redirect.Method("t.co")]; rule.Every == 0 {
		t.Error("t.co has no pace")
	}
}
