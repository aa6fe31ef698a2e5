package recorder

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	rows          *prometheus.CounterVec
	insertSeconds prometheus.Histogram
	batchRows     prometheus.Histogram
	retries       *prometheus.CounterVec
	lag           *prometheus.HistogramVec
	stripped      *prometheus.CounterVec
	stripFailures prometheus.Counter
	stripAt       prometheus.Gauge
	erased        *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		rows: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_recorder_insert_rows_total", Help: "Rows that ClickHouse confirmed, by kind of record.",
		}, []string{"kind"}),
		insertSeconds: f.NewHistogram(prometheus.HistogramOpts{
			Name: "doxtrail_recorder_insert_seconds", Help: "Time of one insert of all tables of a batch.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 14),
		}),
		batchRows: f.NewHistogram(prometheus.HistogramOpts{
			Name: "doxtrail_recorder_batch_rows", Help: "Rows in one insert.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 10),
		}),
		lag: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "doxtrail_recorder_lag_seconds", Help: "Time from a live post's being collected to its being a row.",
			Buckets: prometheus.ExponentialBuckets(0.125, 2, 16),
		}, []string{"platform"}),
		stripped: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_recorder_stripped_rows_total", Help: "Rows about posts gone from X that were emptied or taken away, by kind of record.",
		}, []string{"kind"}),
		stripFailures: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_recorder_strip_failures_total", Help: "Looks for what must not be kept of posts gone from X that failed.",
		}),
		stripAt: f.NewGauge(prometheus.GaugeOpts{
			Name: "doxtrail_recorder_strip_timestamp_seconds", Help: "When it was last made sure that nothing is kept of posts gone from X that must not be.",
		}),
		erased: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_recorder_erased_rows_total", Help: "Rows that were not inserted, or deleted again, because what they are about was erased, by kind of record.",
		}, []string{"kind"}),
		retries: f.NewCounterVec(prometheus.CounterOpts{
			Name: "doxtrail_recorder_insert_retries_total", Help: "Attempts to insert that failed, by class: retry passes by itself, statement needs the schema or the account mended, permanent is taken apart.",
		}, []string{"class"}),
	}
}
