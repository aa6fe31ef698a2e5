package bus

import (
	"context"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// What the tests of package bus_test need of the inside.

func (c *Conn) JetStream() jetstream.JetStream { return c.js }

// Break closes both connections without another word, as a process that died.
func (c *Conn) Break() { c.closeNow() }

func (l *Lanes) JudgeGaps(ctx context.Context) { l.gaps.judge(ctx) }

func (c *Conn) SetMaxDeliver(ctx context.Context, d Durable, n int) error {
	cfg := consumerConfig(d, ackWait)
	cfg.MaxDeliver = n
	_, err := c.js.UpdateConsumer(ctx, d.Stream(), cfg)
	return err
}

func TopologyForTest() (any, any, any) {
	cfg := ProvisionConfig{}.withDefaults()
	durables := make(map[Durable]jetstream.ConsumerConfig)
	for _, d := range allDurables() {
		durables[d] = consumerConfig(d, cfg.AckWait)
	}
	return streamConfigs(cfg), durables, bucketConfigs(cfg)
}

func (c *Conn) TrimOlder(ctx context.Context, oldest time.Time) (uint64, error) {
	return c.trimRecords(ctx, math.MaxUint64, oldest)
}

// Mute keeps back the signs of life of what is in hand. It is called before Run.
func (k *Consumer) Mute() { k.beat = time.Hour }

func (k *Consumer) Backlog() uint64 { return k.backlog() }

// Later lets so much time pass over what is in hand, and the next Check ask anew.
func (r *Ready) Later(by time.Duration) {
	r.asked = time.Time{}
	if !r.holding.since.IsZero() {
		r.holding.since = r.holding.since.Add(-by)
	}
}

// Age makes the key one that is asked for again, or one that may be gone.
func (s *SealKeys) Age(gone bool) {
	s.asked = time.Now().Add(-sealKeyFresh)
	if gone {
		s.fetched = time.Now().Add(-sealKeyUsable)
	}
}
