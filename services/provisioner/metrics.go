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

	messages, bytes, maxBytes, pending, ackPending, ackLimit, gaps, audited *prometheus.GaugeVec

	oldestRaw, parts, diskFree, diskFloor                      prometheus.Gauge
	failedWaiting, failedEntries, failedRetried, failedDropped prometheus.Gauge

	lookFailures prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	gauge := func(name, help string) prometheus.Gauge {
		return f.NewGauge(prometheus.GaugeOpts{Name: "doxtrail_provisioner_" + name, Help: help})
	}
	byStream := func(name, help string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Name: "doxtrail_provisioner_" + name, Help: help}, []string{"stream"})
	}
	return &metrics{
		messages:   byStream("stream_messages", "Messages on a stream."),
		bytes:      byStream("stream_bytes", "Bytes on a stream."),
		maxBytes:   byStream("stream_max_bytes", "Bytes that a stream may hold."),
		pending:    byStream("pending_messages", "Messages that its readers have not been given."),
		ackPending: byStream("ack_pending_messages", "Messages that its readers have and have not acked."),
		ackLimit:   byStream("ack_pending_limit", "Most messages that its readers may have and not have acked."),
		gaps:       byStream("sequence_gap_messages", "Messages that a stream lost, in ranges that nobody acknowledged."),
		audited:    byStream("audited_timestamp_seconds", "When a stream was last read through for lost messages."),

		oldestRaw: gauge("oldest_raw_seconds", "Age of the oldest message on RAW; 0 if there is none."),
		parts:     gauge("clickhouse_parts", "Active parts of the table that has most."),
		diskFree:  gauge("disk_free_bytes", "Free space of the data folder's file system; 0 beside real servers."),
		diskFloor: gauge("disk_floor_bytes", "Free space under which collectors wait; 0 beside real servers."),

		failedWaiting: gauge("failed_waiting", "Entries on FAILED."),
		failedEntries: gauge("failed_entries", "Entries that ever came to FAILED: waiting, retried and dropped."),
		failedRetried: gauge("failed_retried", "Entries of FAILED that were put back."),
		failedDropped: gauge("failed_dropped", "Entries of FAILED that were given up."),
		lookFailures: f.NewCounter(prometheus.CounterOpts{
			Name: "doxtrail_provisioner_look_failures_total", Help: "Looks at streams and tables that could not be made.",
		}),
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
