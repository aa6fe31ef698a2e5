package bus

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Stats counts what a service does on the bus. All fields may be read at any
// time. The zero value is ready.
type Stats struct {
	// Published and PublishedRecords count what the server confirmed.
	Published        PerPlatform
	PublishedRecords PerPlatform
	// Duplicates counts retries of messages that were stored already.
	Duplicates atomic.Uint64
	// Collisions counts messages refused as duplicates at their first try; they
	// are published again under a new id. Not zero is a fault.
	Collisions atomic.Uint64
	// Retries counts attempts after the first.
	Retries atomic.Uint64
	// Rejected counts attempts that the server refused, by its error code; 0
	// stands for timeouts and lost connections.
	Rejected Counters
	// Full is 1 while a stream refuses messages for want of room.
	Full atomic.Int64
	// InFlight is what is published and not yet confirmed, in bytes.
	InFlight atomic.Int64

	// Fetched and FetchedRecords count what was delivered, again or first.
	Fetched        PerPlatform
	FetchedRecords PerPlatform
	// Redelivered counts deliveries after the first of a message.
	Redelivered atomic.Uint64
	Acked       atomic.Uint64
	Naked       atomic.Uint64
	// InHand is the number of messages fetched and not yet settled.
	InHand atomic.Int64
	// FailedRecords counts records put on FAILED, by class.
	FailedRecords Counters
	// PutOffFull counts batches that come again because FAILED is full.
	PutOffFull atomic.Uint64
	// HeldForRoom is how many publishers wait because the disk is nearly full.
	HeldForRoom atomic.Int64
	// SequenceGaps counts messages that a stream lost.
	SequenceGaps atomic.Uint64
	// HeartbeatsMissed counts reads that the server left without a sign of life.
	HeartbeatsMissed atomic.Uint64
	// LoopRestarts counts reading loops that had to be made anew.
	LoopRestarts atomic.Uint64
	// Requeued counts messages put back under a new sequence before their
	// deliveries were used up, or after.
	Requeued atomic.Uint64
	// Foreign counts deliveries whose subject is not one of ours; they stay.
	Foreign atomic.Uint64
	// Abandoned counts deliveries still in hand when a consumer stopped.
	Abandoned atomic.Uint64

	Reconnects  atomic.Uint64
	AsyncErrors atomic.Uint64

	lastAck     atomic.Int64
	lastPublish atomic.Int64
}

// LastAck is when a delivery was last acked; zero if never.
func (s *Stats) LastAck() time.Time { return timeOf(&s.lastAck) }

// LastPublish is when the server last confirmed a message; zero if never.
func (s *Stats) LastPublish() time.Time { return timeOf(&s.lastPublish) }

func timeOf(v *atomic.Int64) time.Time {
	if ms := v.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

func touch(v *atomic.Int64) { v.Store(time.Now().UnixMilli()) }

// platformCount is one more than the highest platform number.
const platformCount = 7

// PerPlatform is one counter a platform.
type PerPlatform struct {
	counts [platformCount]atomic.Uint64
}

func (p *PerPlatform) add(platform doxtrailv1.Platform, n uint64) {
	if platform < 0 || int(platform) >= platformCount {
		platform = 0
	}
	p.counts[platform].Add(n)
}

// Of is the count of one platform.
func (p *PerPlatform) Of(platform doxtrailv1.Platform) uint64 {
	if platform < 0 || int(platform) >= platformCount {
		return 0
	}
	return p.counts[platform].Load()
}

// Total is the sum over all platforms.
func (p *PerPlatform) Total() uint64 {
	var n uint64
	for i := range p.counts {
		n += p.counts[i].Load()
	}
	return n
}

// Counters counts by a short word. The zero value is ready.
type Counters struct {
	mu     sync.Mutex
	counts map[string]uint64
}

func (c *Counters) add(word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = make(map[string]uint64)
	}
	c.counts[word]++
}

// All copies the counts.
func (c *Counters) All() map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// Of is the count of one word.
func (c *Counters) Of(word string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[word]
}

// Total is the sum over all words.
func (c *Counters) Total() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n uint64
	for _, v := range c.counts {
		n += v
	}
	return n
}
