package redirect

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are shared by the clients of one registerer: a collector makes a new client
// whenever it begins anew.
type metrics struct {
	links   *prometheus.CounterVec
	hops    prometheus.Histogram
	bytes   prometheus.Counter
	waiting prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	const name = "doxtrail_redirect_"
	return &metrics{
		links: registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: name + "links_total", Help: "Short links, by outcome, and by reason if they are unresolved.",
		}, []string{"outcome", "reason"})),
		hops: registered(reg, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name + "hops", Help: "Requests that one link took.", Buckets: prometheus.LinearBuckets(0, 1, 11),
		})),
		bytes: registered(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: name + "bytes_total", Help: "Bytes of pages that were read.",
		})),
		waiting: registered(reg, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: name + "waiting", Help: "Requests that wait for the one before them to the same shortener.",
		})),
	}
}

// registered registers a metric, or gives the one that an earlier client registered.
func registered[C prometheus.Collector](reg prometheus.Registerer, metric C) C {
	err := reg.Register(metric)
	if again, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if earlier, ok := again.ExistingCollector.(C); ok {
			return earlier
		}
	}
	if err != nil {
		panic(err) // two metrics of one name, as promauto has it
	}
	return metric
}

// count counts one link of which something is known.
func (m *metrics) count(r Result) {
	m.links.WithLabelValues(string(r.Outcome), string(r.Reason)).Inc()
	m.hops.Observe(float64(r.Hops))
}
