package bus

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams.
const (
	// StreamRaw holds what collectors saw, sealed, until the normaliser acked it.
	StreamRaw = "RAW"
	// StreamRecords holds text-free records for 30 days.
	StreamRecords = "RECORDS"
	// StreamFailed holds records that could not be handled until an operator
	// retries or drops them.
	StreamFailed = "FAILED"
	// StreamAdvisories holds what the server says about its own doings, 14 days.
	StreamAdvisories = "ADVISORIES"
)

// The key-value buckets.
const (
	BucketCursors   = "CURSORS"
	BucketBudgets   = "BUDGETS"
	BucketLeases    = "LEASES"
	BucketPubkeys   = "PUBKEYS"
	BucketWatchlist = "WATCHLIST"
)

// Durable names one reader's place in one lane of one stream.
type Durable string

// The durables.
const (
	NormaliserLive    Durable = "normaliser-live"
	NormaliserArchive Durable = "normaliser-archive"
	RecorderLive      Durable = "recorder-live"
	RecorderArchive   Durable = "recorder-archive"
	// sweeperAdvisories is the bus's own: it reads which messages used up
	// their deliveries.
	sweeperAdvisories Durable = "sweeper"
)

// Stream is the stream the durable reads.
func (d Durable) Stream() string {
	switch d {
	case NormaliserLive, NormaliserArchive:
		return StreamRaw
	case RecorderLive, RecorderArchive:
		return StreamRecords
	case sweeperAdvisories:
		return StreamAdvisories
	default:
		return ""
	}
}

// Lane is the lane the durable reads.
func (d Durable) Lane() Lane {
	if d == NormaliserLive || d == RecorderLive {
		return LaneLive
	}
	return LaneArchive
}

// DurableOf names the durable that reads a lane of RAW or RECORDS.
func DurableOf(stream string, lane Lane) Durable {
	for _, d := range []Durable{NormaliserLive, NormaliserArchive, RecorderLive, RecorderArchive} {
		if d.Stream() == stream && d.Lane() == lane {
			return d
		}
	}
	return ""
}

const (
	advisoriesMaxAge = 14 * 24 * time.Hour
	// advisoriesPerSubject keeps the audit events of API calls, which share one
	// subject, from pushing out the rare advisory that a message was given up.
	advisoriesPerSubject = 10_000

	// ackWait is how long the server waits for a sign of life before it
	// delivers a message again: how long what a killed process had in hand is
	// waited for. A delivery in hand sends a sign every third of it, so a slow
	// handler is not taken for a dead one.
	ackWait = 4 * time.Second
	// maxDeliver stands behind the cap that the consumer keeps itself.
	maxDeliver = 20
	// MaxAckPending must exceed what a process holds, four times, or a process
	// that comes back waits ackWait for its dead self.
	manyAckPending = 4 * manyHold
	fewAckPending  = 4 * fewHold

	maxAdvisoryRedelivery = -1
	duplicateWindow       = 2 * time.Minute
)

// streamConfigs is the one place that says what the streams are.
func streamConfigs(cfg ProvisionConfig) []jetstream.StreamConfig {
	base := func(name, description string, maxBytes int64, subjects ...string) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Description: description, Subjects: subjects, MaxBytes: maxBytes,
			Storage: jetstream.FileStorage, Replicas: cfg.Replicas, Discard: jetstream.DiscardNew,
			Retention: jetstream.LimitsPolicy, Duplicates: duplicateWindow, AllowDirect: false,
			MaxConsumers: -1, MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1,
		}
	}
	raw := base(StreamRaw, "what collectors saw, sealed; deleted on ack", cfg.RawBytes, subjectRoot+".raw.>")
	// No MaxAge: it would remove unread messages without a word.
	raw.Retention = jetstream.WorkQueuePolicy

	records := base(StreamRecords, "text-free records; replayable", cfg.RecordsBytes, subjectRoot+".records.>")
	// No MaxAge either: TrimRecords knows what has been recorded, the server
	// only what the clock says.

	failed := base(StreamFailed, "records that could not be handled, sealed one by one", cfg.FailedBytes, subjectRoot+".failed.>")

	// Not all there are: the server also reports every call of its API and every
	// message that is put off, and each report would be one more fsync.
	const advisory = "$JS.EVENT.ADVISORY."
	advisories := base(StreamAdvisories, "what the server says about itself", cfg.AdvisoriesBytes,
		advisory+"CONSUMER.MAX_DELIVERIES.>", advisory+"CONSUMER.MSG_TERMINATED.>", advisory+"STREAM.>", advisory+"SERVER.>")
	advisories.MaxAge = advisoriesMaxAge
	advisories.Discard = jetstream.DiscardOld
	advisories.MaxMsgsPerSubject = advisoriesPerSubject
	return []jetstream.StreamConfig{raw, records, failed, advisories}
}

// consumerConfig is the one place that says what a durable is.
func consumerConfig(d Durable, wait time.Duration) jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		Durable: string(d), AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait: wait, MaxDeliver: maxDeliver, MaxAckPending: manyAckPending,
		ReplayPolicy: jetstream.ReplayInstantPolicy,
	}
	switch d {
	case sweeperAdvisories:
		c.FilterSubject = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + StreamRecords + ".>"
		c.MaxDeliver = maxAdvisoryRedelivery
		return c
	case NormaliserArchive:
		c.MaxAckPending = fewAckPending
	}
	stage := StageRaw
	if d.Stream() == StreamRecords {
		stage = StageRecords
	}
	c.FilterSubject = laneFilter(stage, d.Lane())
	return c
}

func laneFilter(stage Stage, lane Lane) string {
	return subjectRoot + "." + string(stage) + "." + string(lane) + ".>"
}

// allDurables are those the provisioner makes.
func allDurables() []Durable {
	return []Durable{NormaliserLive, NormaliserArchive, RecorderLive, RecorderArchive, sweeperAdvisories}
}

// bucketConfigs is the one place that says what the buckets are.
func bucketConfigs(cfg ProvisionConfig) []jetstream.KeyValueConfig {
	names := []string{BucketCursors, BucketBudgets, BucketLeases, BucketPubkeys, BucketWatchlist}
	out := make([]jetstream.KeyValueConfig, 0, len(names))
	for _, n := range names {
		out = append(out, jetstream.KeyValueConfig{
			Bucket: n, History: 1, MaxBytes: cfg.BucketBytes, Storage: jetstream.FileStorage, Replicas: cfg.Replicas,
		})
	}
	return out
}
