package bus

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Collector shows Stats to Prometheus as doxtrail_SERVICE_... Labels are
// platform, code and class only.
func Collector(service string, s *Stats) prometheus.Collector {
	// A hyphen would have to be quoted wherever the name is written.
	subsystem := strings.ReplaceAll(service, "-", "_")
	name := func(what string) string { return prometheus.BuildFQName("doxtrail", subsystem, what) }
	desc := func(what, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name(what), help, labels, nil)
	}
	c := &collector{stats: s}
	c.perPlatform = []perPlatformMetric{
		{desc("published_total", "messages confirmed by the server", "platform"), &s.Published},
		{desc("published_records_total", "records in messages confirmed by the server", "platform"), &s.PublishedRecords},
		{desc("fetched_total", "messages delivered", "platform"), &s.Fetched},
		{desc("received_total", "records delivered", "platform"), &s.FetchedRecords},
	}
	c.words = []wordMetric{
		{desc("pub_rejected_total", "attempts refused, by the server's code; 0 is a lost connection or a timeout", "code"), &s.Rejected},
		{desc("failed_records_total", "records put on FAILED", "class"), &s.FailedRecords},
	}
	count := func(what, help string, read func() uint64) {
		c.plain = append(c.plain, plainMetric{desc(what, help), prometheus.CounterValue, func() float64 { return float64(read()) }})
	}
	count("pub_duplicate_total", "retries of messages that were stored already", s.Duplicates.Load)
	count("pub_collision_total", "message ids that were taken", s.Collisions.Load)
	count("pub_retries_total", "attempts after the first", s.Retries.Load)
	count("acked_total", "deliveries acked", s.Acked.Load)
	count("naked_total", "deliveries put off", s.Naked.Load)
	count("redelivered_total", "deliveries after the first of a message", s.Redelivered.Load)
	count("sequence_gap_total", "messages that a stream lost", s.SequenceGaps.Load)
	count("put_off_full_total", "batches that come again because FAILED is full", s.PutOffFull.Load)
	count("heartbeat_missed_total", "reads left without a sign of life", s.HeartbeatsMissed.Load)
	count("read_restarts_total", "reading loops made anew", s.LoopRestarts.Load)
	count("requeued_total", "messages put back under a new sequence", s.Requeued.Load)
	count("foreign_total", "deliveries with an unknown subject", s.Foreign.Load)
	count("abandoned_total", "deliveries in hand when a reader stopped", s.Abandoned.Load)
	count("reconnects_total", "connections made again", s.Reconnects.Load)
	count("connection_errors_total", "errors reported by a connection", s.AsyncErrors.Load)
	gauge := func(what, help string, read func() float64) {
		c.plain = append(c.plain, plainMetric{desc(what, help), prometheus.GaugeValue, read})
	}
	gauge("stream_full", "1 while a stream has no room", func() float64 { return float64(s.Full.Load()) })
	gauge("held_for_room", "publishers that wait because the disk is nearly full", func() float64 { return float64(s.HeldForRoom.Load()) })
	gauge("in_flight_bytes", "published and not yet confirmed", func() float64 { return float64(s.InFlight.Load()) })
	gauge("in_hand", "messages fetched and not yet settled", func() float64 { return float64(s.InHand.Load()) })
	gauge("last_ack_timestamp_seconds", "when a delivery was last acked", func() float64 { return seconds(s.LastAck()) })
	gauge("last_publish_timestamp_seconds", "when a message was last confirmed", func() float64 { return seconds(s.LastPublish()) })
	return c
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

type perPlatformMetric struct {
	desc   *prometheus.Desc
	counts *PerPlatform
}

type wordMetric struct {
	desc   *prometheus.Desc
	counts *Counters
}

type plainMetric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func() float64
}

type collector struct {
	stats       *Stats
	perPlatform []perPlatformMetric
	words       []wordMetric
	plain       []plainMetric
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range c.perPlatform {
		out <- m.desc
	}
	for _, m := range c.words {
		out <- m.desc
	}
	for _, m := range c.plain {
		out <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	for _, m := range c.perPlatform {
		for p := range doxtrailv1.Platform(platformCount) {
			if n := m.counts.Of(p); n > 0 {
				out <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, float64(n), PlatformToken(p))
			}
		}
	}
	for _, m := range c.words {
		all := m.counts.All()
		for _, word := range slices.Sorted(maps.Keys(all)) {
			out <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, float64(all[word]), word)
		}
	}
	for _, m := range c.plain {
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.read())
	}
}
