package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// ConsumerConfig says what a Consumer reads and how much of it at a time. The
// zero value of a field means its default.
type ConsumerConfig struct {
	// Durable is the place in the stream that is read on from.
	Durable Durable
	// Keys finds the private key of a batch on RAW. Not needed for RECORDS.
	Keys KeyFinder
	// FailedKey is what failed records are sealed to. Always needed.
	FailedKey privacy.PublicKey
	// HoldMessages and HoldBytes bound what is fetched and not yet settled.
	// Defaults 1024 messages, but 32 on the archive lane of RAW, where all are
	// large, and 16 MiB as stored. A message is opened when its turn comes.
	HoldMessages int
	HoldBytes    int
	// Drain is how long a stopping consumer waits for what is in hand.
	// Default 10 s.
	Drain time.Duration
	// Alone says that no other process reads this durable. Only then can it be
	// told whether the stream lost a message (Lanes uses it).
	Alone bool
}

const (
	manyHold  = 1024
	fewHold   = 32
	holdBytes = 16 << 20
	drainWait = 10 * time.Second
	// failedGiveUp is how long a full FAILED holds up a batch with a record for
	// it. Then the batch comes again later: what is stored of it is absorbed by
	// the keys, and the records that are in order do not wait for an operator.
	failedGiveUp = 5 * time.Second
)

// ErrNotProvisioned says that a stream or durable is not there or not as the
// provisioner makes it.
var ErrNotProvisioned = errors.New("bind: the provisioner has not made what this service reads; run the provisioner first")

// Consumer reads one durable and hands out deliveries. What it hands out must
// be settled.
type Consumer struct {
	conn   *Conn
	cfg    ConsumerConfig
	stats  *Stats
	log    *slog.Logger
	failed *Publisher
	marks  *marks
	yield  func(context.Context)
	seen   func(*held)

	suspects suspects

	ready   chan *held // received and not yet opened
	out     chan *Delivery
	quit    chan struct{} // closed when nothing more is handed out
	handing sync.WaitGroup
	buffers sync.Pool
	beat    time.Duration

	mu       sync.Mutex
	inHand   map[uint64]*held
	bytes    int
	room     chan struct{}
	pending  uint64
	requeuer *Publisher
	stopping bool
}

// NewConsumer binds to a durable. Nothing is read before Run.
func (c *Conn) NewConsumer(ctx context.Context, cfg ConsumerConfig) (*Consumer, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	bound, err := c.bind(ctx, cfg.Durable)
	if err != nil {
		return nil, err
	}
	failed, err := c.NewPublisher(StageFailed, PublisherConfig{GiveUp: failedGiveUp})
	if err != nil {
		return nil, err
	}
	marks, err := c.openMarks(ctx, cfg.Durable)
	if err != nil {
		return nil, err
	}
	k := &Consumer{
		conn: c, cfg: cfg, stats: c.stats, log: c.log, failed: failed, marks: marks,
		yield: func(context.Context) {}, seen: func(*held) {},
		ready: make(chan *held, cfg.HoldMessages), out: make(chan *Delivery), quit: make(chan struct{}), inHand: make(map[uint64]*held), room: make(chan struct{}, 1),
	}
	wait := bound.CachedInfo().Config.AckWait
	k.beat, k.suspects = wait/3, newSuspects(wait)
	k.buffers.New = func() any { return new(buffer) }
	return k, nil
}

func (cfg ConsumerConfig) checked() (ConsumerConfig, error) {
	stream := cfg.Durable.Stream()
	if stream != StreamRaw && stream != StreamRecords {
		return cfg, errors.New("make consumer: no such durable")
	}
	if stream == StreamRaw && cfg.Keys == nil {
		return cfg, errors.New("make consumer: RAW cannot be read without keys")
	}
	if cfg.FailedKey.ID() == "" {
		return cfg, errors.New("make consumer: a key for failed records is needed")
	}
	if cfg.HoldMessages <= 0 {
		cfg.HoldMessages = manyHold
		if cfg.Durable == NormaliserArchive {
			cfg.HoldMessages = fewHold
		}
	}
	if cfg.HoldBytes <= 0 {
		cfg.HoldBytes = holdBytes
	}
	if cfg.Drain <= 0 {
		cfg.Drain = drainWait
	}
	return cfg, nil
}

// bind finds a durable and checks that it is the provisioner's.
func (c *Conn) bind(ctx context.Context, d Durable) (jetstream.Consumer, error) {
	k, err := ask(ctx, func(ctx context.Context) (jetstream.Consumer, error) {
		return c.js.Consumer(ctx, d.Stream(), string(d))
	})
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, jetstream.ErrConsumerNotFound):
		return nil, fmt.Errorf("%w: durable %s of stream %s is missing", ErrNotProvisioned, d, d.Stream())
	case err != nil:
		return nil, fmt.Errorf("bind to durable %s: %w", d, err)
	}
	if got, want := k.CachedInfo().Config, consumerConfig(d, 0); got.FilterSubject != want.FilterSubject || got.AckPolicy != want.AckPolicy {
		return nil, fmt.Errorf("%w: durable %s reads other subjects", ErrNotProvisioned, d)
	}
	return k, nil
}

// Deliveries is where deliveries come out. It is closed when Run is about to
// return: receive from it until then, or Run waits out cfg.Drain.
func (k *Consumer) Deliveries() <-chan *Delivery { return k.out }

// Run reads until ctx ends, then waits, at most for cfg.Drain, until what is in
// hand is settled, and returns nil. It is called once. A read that fails is
// tried again for ever.
func (k *Consumer) Run(ctx context.Context) error {
	stopBeat := k.keepAlive(ctx)
	defer stopBeat()
	handed := make(chan struct{})
	go func() {
		defer close(handed)
		k.handOutReady(ctx)
	}()
	k.read(ctx)
	close(k.ready)

	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.cfg.Drain)
	defer cancel()
	k.stopHanding(drain, handed)
	if left := k.waitIdle(drain); left > 0 {
		k.stats.Abandoned.Add(uint64(left))
		k.log.Warn("consumer stopped with deliveries in hand; they come again", "durable", string(k.cfg.Durable), "count", left)
	}
	_ = k.failed.Close(drain) // what was put on FAILED was waited for
	k.mu.Lock()
	requeuer := k.requeuer
	k.mu.Unlock()
	if requeuer != nil {
		_ = requeuer.Close(drain)
	}
	if k.conn.reading.IsConnected() {
		_ = flush(drain, k.conn.reading) // acks; what is not flushed comes again
	}
	return nil
}

// stopHanding takes back what nobody has taken, so that another process gets it
// soon, waits for those that hand out in parts, and closes the channel.
func (k *Consumer) stopHanding(ctx context.Context, handed <-chan struct{}) {
	k.mu.Lock()
	k.stopping = true
	k.mu.Unlock()
	close(k.quit)
	<-handed
	done := make(chan struct{})
	go func() { k.handing.Wait(); close(done) }()
	for waiting := true; waiting; {
		select {
		case d := <-k.out:
			d.giveBack(ctx)
		case <-done:
			waiting = false
		case <-ctx.Done():
			waiting = false
		}
	}
	close(k.out)
	for d := range k.out {
		d.giveBack(ctx)
	}
}

// hold notes a message as in hand. If it is in hand already (its sign of life
// was lost) the newer handle replaces the older and it is not handed out twice.
func (k *Consumer) hold(h *held) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old, ok := k.inHand[h.sequence]; ok {
		if old.storedAt.Equal(h.storedAt) {
			old.replace(h.msg)
			return false
		}
		// The stream lost the old one and gave its number to this.
		old.lost.Store(true)
		k.bytes -= old.size
		k.stats.InHand.Add(-1)
	}
	k.inHand[h.sequence] = h
	k.bytes += h.size
	k.stats.InHand.Add(1)
	return true
}

// drop forgets a message and wakes the reader.
func (k *Consumer) drop(h *held) {
	k.mu.Lock()
	if k.inHand[h.sequence] == h {
		delete(k.inHand, h.sequence)
		k.bytes -= h.size
		k.stats.InHand.Add(-1)
	}
	k.mu.Unlock()
	select {
	case k.room <- struct{}{}:
	default:
	}
}

// space is how many messages and bytes may be fetched now.
func (k *Consumer) space() (messages, bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cfg.HoldMessages - len(k.inHand), k.cfg.HoldBytes - k.bytes
}

// waitIdle waits until nothing is in hand and says how much still is.
func (k *Consumer) waitIdle(ctx context.Context) int {
	for {
		k.mu.Lock()
		n := len(k.inHand)
		k.mu.Unlock()
		if n == 0 {
			return 0
		}
		select {
		case <-k.room:
		case <-ctx.Done():
			return n
		}
	}
}

// backlog is what the server had for this durable when it last delivered.
func (k *Consumer) backlog() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pending + uint64(len(k.ready))
}
