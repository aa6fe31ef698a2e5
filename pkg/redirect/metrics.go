package redirect

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	links *prometheus.CounterVec
	hops  prometheus.Histogram
	bytes prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, l *line) *metrics {
	f := promauto.With(reg)
	const name = "doxtrail_redirect_"
	f.NewGaugeFunc(prometheus.GaugeOpts{
		Name: name + "waiting", Help: "Requests that wait for the one before them to the same shortener.",
	}, func() float64 { return float64(l.waiting.Load()) })
	return &metrics{
		links: f.NewCounterVec(prometheus.CounterOpts{
			Name: name + "links_total", Help: "Short links, by outcome, and by reason if they are unresolved.",
		}, []string{"outcome", "reason"}),
		hops: f.NewHistogram(prometheus.HistogramOpts{
			Name: name + "hops", Help: "Requests that one link took.", Buckets: prometheus.LinearBuckets(0, 1, 11),
		}),
		bytes: f.NewCounter(prometheus.CounterOpts{
			Name: name + "bytes_total", Help: "Bytes of pages that were read.",
		}),
	}
}

// count counts one link of which something is known.
func (m *metrics) count(r Result) {
	m.links.WithLabelValues(string(r.Outcome), string(r.Reason)).Inc()
	m.hops.Observe(float64(r.Hops))
}
