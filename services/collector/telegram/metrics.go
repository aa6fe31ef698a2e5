package telegram

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/doxtrail/doxtrail/pkg/throttle"
)

type metrics struct {
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	waits    *prometheus.GaugeVec
	records  *prometheus.CounterVec
	gaps     prometheus.Counter
	channels *prometheus.GaugeVec
	session  prometheus.Gauge
	delay    prometheus.Histogram

	pictures        *prometheus.CounterVec
	picturesWaiting prometheus.Gauge
	pictureBytes    prometheus.Counter

	shortLinks *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	const name = "doxtrail_collector_telegram_"
	return &metrics{
		calls: f.NewCounterVec(prometheus.CounterOpts{
			Name: name + "calls_total", Help: "Calls to Telegram, by method and outcome: ok, or Telegram's name of the error.",
		}, []string{"method", "outcome"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: name + "call_seconds", Help: "How long Telegram took to answer.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 12),
		}, []string{"method"}),
		waits: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: name + "wait_seconds", Help: "How long a method is not called, by reason: flood (Telegram's word), rate or day (our own).",
		}, []string{"method", "reason"}),
		records: f.NewCounterVec(prometheus.CounterOpts{
			Name: name + "records_total", Help: "Records that RAW confirmed, by leg and kind.",
		}, []string{"leg", "kind"}),
		gaps: f.NewCounter(prometheus.CounterOpts{
			Name: name + "gaps_total", Help: "Times that Telegram skipped news of a channel; the sweep reads the posts, the re-poll finds edits and deletions.",
		}),
		channels: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: name + "channels", Help: "Watched channels, by state.",
		}, []string{"state"}),
		session: f.NewGauge(prometheus.GaugeOpts{
			Name: name + "session_up", Help: "1 while the account is connected and logged in.",
		}),
		pictures: f.NewCounterVec(prometheus.CounterOpts{
			Name: name + "pictures_total", Help: "Pictures that were to be downloaded, by result: hashed, or why there is no hash.",
		}, []string{"result"}),
		picturesWaiting: f.NewGauge(prometheus.GaugeOpts{
			Name: name + "pictures_waiting", Help: "Posts whose pictures wait to be downloaded; a restart forgets them.",
		}),
		pictureBytes: f.NewCounter(prometheus.CounterOpts{
			Name: name + "picture_bytes_total", Help: "Bytes of pictures that were downloaded.",
		}),
		shortLinks: f.NewCounterVec(prometheus.CounterOpts{
			Name: name + "short_link_posts_total", Help: "Posts with short links, by result: sent again with what was learnt, nothing to add, failed, unfollowed, or full.",
		}, []string{"result"}),
		delay: f.NewHistogram(prometheus.HistogramOpts{
			Name: name + "delay_seconds", Help: "From a post's own time to RAW's confirmation, for posts of the tail.", Buckets: prometheus.ExponentialBuckets(0.1, 2, 14),
		}),
	}
}

// called counts one call.
func (m *metrics) called(method string, err error, took time.Duration) {
	outcome := "ok"
	if err != nil {
		outcome = class(err)
	}
	m.calls.WithLabelValues(method, outcome).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}

// waiting shows the waits of now, and no others.
func (m *metrics) waiting(waits []throttle.Wait, now time.Time) {
	m.waits.Reset()
	for _, w := range waits {
		m.waits.WithLabelValues(w.Method, string(w.Reason)).Set(max(w.Until.Sub(now), 0).Seconds())
	}
}
