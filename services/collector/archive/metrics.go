package archive

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	files   *prometheus.CounterVec
	records *prometheus.CounterVec
	bytes   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		files: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_collector_archive_files_total", Help: "Archive files read, by outcome.",
		}, []string{"outcome"}),
		records: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_collector_archive_records_total", Help: "Records read, by outcome: post, non_post, rejected, duplicate.",
		}, []string{"outcome"}),
		bytes: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_collector_archive_bytes_total", Help: "Bytes of unpacked content read.",
		}),
	}
}
