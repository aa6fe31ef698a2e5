package normaliser

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	posts        *prometheus.CounterVec
	links        *prometheus.CounterVec
	sightings    *prometheus.CounterVec
	locators     *prometheus.CounterVec
	unread       *prometheus.CounterVec
	observations *prometheus.CounterVec
	expired      *prometheus.CounterVec
	erased       *prometheus.CounterVec
	seconds      prometheus.Histogram
	generation   prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	byPlatform := func(name, help string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: "doxtrail_normaliser_" + name, Help: help}, []string{"platform"})
	}
	return &metrics{
		posts:        byPlatform("posts_total", "Posts that became records."),
		links:        byPlatform("links_total", "Links found in posts."),
		sightings:    byPlatform("sightings_total", "Cards found in posts under the watch list of the moment."),
		locators:     byPlatform("locators_total", "Locators that were sealed for the custodian."),
		unread:       byPlatform("texts_unread_total", "Posts whose text could not be read safely: only its length is kept, and the links that the platform marked."),
		observations: byPlatform("observations_total", "Later looks at posts and channels that became records."),
		expired:      byPlatform("expired_total", "Posts that waited too long on RAW and became gaps."),
		erased: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_normaliser_erased_records_total", Help: "Records that were not made because what they are about was erased, by kind of record.",
		}, []string{"kind"}),
		seconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "doxtrail_normaliser_batch_seconds", Help: "Time to turn one batch into records, without publishing them.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		generation: f.NewGauge(prometheus.GaugeOpts{
			Name: "doxtrail_normaliser_watchlist_generation", Help: "Generation of the watch list in use.",
		}),
	}
}
