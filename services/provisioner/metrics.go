package provisioner

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	generation      prometheus.Gauge
	watchlistFaults prometheus.Counter
	swept           prometheus.Counter
	trimmed         prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		generation: f.NewGauge(prometheus.GaugeOpts{
			Name: "doxtrail_provisioner_watchlist_generation",
			Help: "Generation of the effective watch list.",
		}),
		watchlistFaults: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_provisioner_watchlist_faults_total",
			Help: "Changed watch list files that were not taken over.",
		}),
		swept: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_provisioner_swept_messages_total",
			Help: "Messages that had used up their deliveries and were put back.",
		}),
		trimmed: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_provisioner_trimmed_records_total",
			Help: "Messages taken off RECORDS to make room, after they were recorded.",
		}),
	}
}
