package telegram

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink/shortlinktest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// expanding is a rig that follows a channel and expands short links.
func expanding(t *testing.T, results map[string]redirect.Result) (*rig, *fake.Channel, *shortlinktest.World) {
	t.Helper()
	r := newRig(t, fake.Options{})
	w := shortlinktest.New(results)
	r.cfg.Redirects.On = true
	r.cfg.expander = w.Open
	r.list.Families = []watchlist.Family{{Label: "harbour-leaks", Sites: []string{"harbour-leaks.example", "docs.hosting.test"}}}
	c := r.harbour(0)
	r.start()
	r.channelState("harbour", channelFollowed, "")
	return r, c, w
}

// learnt is what a collector learnt of the short links of a post: where they lead, where
// they stood, and their state.
func (o *raw) learnt(c *fake.Channel, id int) map[string]string {
	list := map[string]string{}
	for _, l := range o.post(c, id).GetLinks() {
		if l.HasResolves() {
			list[l.GetResolves()] = strings.TrimSpace(l.GetUrl() + " " + strings.TrimPrefix(l.GetSource().String(), "LINK_SOURCE_") + " " + strings.TrimPrefix(l.GetState().String(), "LINK_STATE_"))
		}
	}
	return list
}

// shortPosts counts posts with short links by what became of them.
func (r *rig) shortPosts(result string) float64 {
	r.t.Helper()
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_telegram_short_link_posts_total", result)
}

// delays counts the posts whose delay was measured.
func (r *rig) delays() float64 {
	r.t.Helper()
	return servicetest.Metric(r.t, r.deps.Registry.(*prometheus.Registry), "doxtrail_collector_telegram_delay_seconds")
}
