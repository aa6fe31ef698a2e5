package twitter

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

type metrics struct {
	calls   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	bytes   *prometheus.CounterVec
	waits   *prometheus.GaugeVec
	records *prometheus.CounterVec
	gaps    *prometheus.CounterVec
	legs    *prometheus.GaugeVec
	left    prometheus.Gauge
	token   prometheus.Gauge
	delay   prometheus.Histogram
	known   prometheus.Gauge
	dollars *prometheus.GaugeVec
	reads   *prometheus.GaugeVec

	stream     prometheus.Gauge
	blocked    prometheus.Counter
	unreadable *prometheus.CounterVec
	rejected   *prometheus.CounterVec
	shortLinks *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	const name = "doxtrail_collector_twitter_"
	gauge := func(what, help string, labels ...string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Name: name + what, Help: help}, labels)
	}
	counter := func(what, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name + what, Help: help}, labels)
	}
	return &metrics{
		calls: counter("calls_total", "Calls to X, by method and outcome: ok, or the kind of what went wrong.", "method", "outcome"),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: name + "call_seconds", Help: "How long X took to answer.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 12),
		}, []string{"method"}),
		bytes:   counter("answer_bytes_total", "Bytes of answers, but of the stream.", "method"),
		waits:   gauge("wait_seconds", "How long a method is not called, by reason: flood (X's word), rate or day (our own).", "method", "reason"),
		records: counter("records_total", "Records that RAW confirmed, by leg and kind; too_large were left out, and are gaps.", "leg", "kind"),
		gaps:    counter("gaps_total", "Times that something was not seen, by leg: each is in coverage.", "leg"),
		legs:    gauge("legs", "Legs, by state.", "state"),
		left:    f.NewGauge(prometheus.GaugeOpts{Name: name + "left_out", Help: "Things of the watch list that are not looked for; status says which."}),
		token:   f.NewGauge(prometheus.GaugeOpts{Name: name + "token_up", Help: "1 while X accepts the token and the legs run."}),
		delay: f.NewHistogram(prometheus.HistogramOpts{
			Name: name + "delay_seconds", Help: "From a post's own time to RAW's confirmation, for posts of the tail.", Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}),
		known:      f.NewGauge(prometheus.GaugeOpts{Name: name + "known_posts", Help: "Posts that are asked for again."}),
		dollars:    gauge("month_dollars", "US dollars of this month: spent, limit, by_month and by_day (forecasts).", "what"),
		stream:     f.NewGauge(prometheus.GaugeOpts{Name: name + "stream_up", Help: "1 while the stream is open."}),
		blocked:    f.NewCounter(prometheus.CounterOpts{Name: name + "stream_blocked_seconds_total", Help: "How long the stream was not read because RAW or BUDGETS took nothing."}),
		unreadable: counter("stream_unreadable_total", "Messages of the stream that could not be read, by why; search is asked for them.", "why"),
		rejected:   counter("rejected_total", "Entries of answers that could not be read, by leg; what they are missing from is a gap in coverage.", "leg"),
		shortLinks: counter("short_link_posts_total", "Posts with short links, by result: sent again with what was learnt, nothing to add, failed, unfollowed, or full.", "result"),
		reads:      gauge("month_reads", "Reads of this month: spent and limit.", "what"),
	}
}

// called counts one call.
func (m *metrics) called(call api.Call) {
	m.calls.WithLabelValues(call.Method, call.Class).Inc()
	m.seconds.WithLabelValues(call.Method).Observe(call.Took.Seconds())
	m.bytes.WithLabelValues(call.Method).Add(float64(call.Bytes))
}

// sent counts a haul that RAW has.
func (m *metrics) sent(h *haul.Haul) {
	leg := haul.LegWord(h.Leg)
	for kind, n := range map[bus.Kind]int{
		bus.KindPosts: len(h.Posts), bus.KindObservations: len(h.Observations), bus.KindChannels: len(h.Channels), bus.KindCoverage: len(h.Coverage),
	} {
		m.records.WithLabelValues(leg, string(kind)).Add(float64(n))
	}
	for _, c := range h.Coverage {
		if c.GetState() == doxtrailv1.CoverageState_COVERAGE_STATE_GAP {
			m.gaps.WithLabelValues(leg).Inc()
		}
	}
	if h.Leg == doxtrailv1.Leg_LEG_TAIL && !h.Again {
		for _, p := range h.Posts {
			m.delay.Observe(time.Since(time.UnixMilli(p.GetPostedAt())).Seconds())
		}
	}
}

// tooLarge counts a record that no message can hold, and says what is missing.
func (m *metrics) tooLarge(h *haul.Haul, _ bus.Kind, record proto.Message) {
	leaveOut(h, record)
	m.records.WithLabelValues(haul.LegWord(h.Leg), "too_large").Inc()
}

// show sets the gauges.
func (m *metrics) show(r Report) {
	m.waits.Reset()
	for _, w := range r.Waits {
		m.waits.WithLabelValues(w.Method, string(w.Reason)).Set(max(w.Until.Sub(r.At), 0).Seconds())
	}
	counts := map[string]int{}
	for _, l := range r.Legs {
		counts[l.State]++
	}
	for _, state := range legStates() {
		m.legs.WithLabelValues(string(state)).Set(float64(counts[string(state)]))
	}
	m.left.Set(float64(len(r.LeftOut)))
	m.known.Set(float64(r.Known))
	if s := r.Spending; s != nil {
		for what, amount := range map[string]Money{"spent": s.Money, "limit": s.MoneyLimit, "by_month": s.ByMonth, "by_day": s.ByDay} {
			m.dollars.WithLabelValues(what).Set(float64(amount) / float64(dollar))
		}
		m.reads.WithLabelValues("spent").Set(float64(s.Reads))
		m.reads.WithLabelValues("limit").Set(float64(s.ReadsLimit))
	}
}
