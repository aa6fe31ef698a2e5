package twitter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/patience"
)

// Share is for whom something is spent.
type Share int

const (
	// ForLive is what happens now: the stream, its catch-up, timelines. It may spend
	// all that is left.
	ForLive Share = iota
	// ForLater is history and what is known already. It leaves alone what is kept for
	// ForLive until the month ends.
	ForLater
)

// ErrSpent says that the budget does not allow a request; a *Spent holds until when.
var ErrSpent = errors.New("the budget of the month is spent")

// Spent is ErrSpent with a time.
type Spent struct {
	// Until is when it is worth asking again: the first of the next month, or sooner
	// where only the part for ForLater is spent.
	Until time.Time
	// Share is whose part is spent.
	Share Share
}

func (s *Spent) Error() string { return ErrSpent.Error() }

// Unwrap makes it an ErrSpent.
func (*Spent) Unwrap() error { return ErrSpent }

// Cost is what X charges for: posts and accounts that it sends, compliance
// jobs.
type Cost struct {
	Posts, Users, Jobs int64
}

// of is what a cost amounts to. Negative numbers have no price.
func (p PricesConfig) of(c Cost) amount {
	sum := amount{Reads: max(c.Posts, 0)}
	for _, part := range []struct {
		n     int64
		price Dollars
	}{{c.Posts, p.Post}, {c.Users, p.User}, {c.Jobs, p.Compliance}} {
		sum.Money += Money(max(part.n, 0)) * part.price.amount()
	}
	return sum
}

// ledgerBucket is where the ledger is kept; *bus.Bucket is one.
type ledgerBucket interface {
	Change(ctx context.Context, key string, edit func(old []byte) ([]byte, error)) error
}

// Meter counts what is spent in a calendar month, in UTC, and allows no more than
// the budget. What a request may cost at the most is in BUDGETS before the request
// is made, and what it did not cost is given back afterwards, so a process that is
// killed counts too much and never too little.
//
//	hold, err := meter.Reserve(ctx, ForLive, Cost{Posts: 100})   // *Spent: not before Until
//	body, err := client.SearchRecent(ctx, ...)
//	hold.Settle(ctx, Cost{Posts: 7})
//
// It is safe for concurrent use, also by several processes.
type Meter struct {
	cfg    BudgetConfig
	bucket ledgerBucket
	key    string
	clock  func() time.Time

	mu   sync.Mutex
	last ledger // as it was last seen
	// undone are reservations that were not made use of, or whose settlement did not
	// get through: to be settled with the next change.
	undone map[uint64]amount
}

// OpenMeter reads what was spent. What an earlier process had reserved counts as
// spent. Errors: those of the bucket, and that what is kept is not readable.
func OpenMeter(ctx context.Context, bucket ledgerBucket, key string, cfg BudgetConfig, clock func() time.Time) (*Meter, error) {
	m := &Meter{cfg: cfg, bucket: bucket, key: key, clock: clock, undone: map[uint64]amount{}}
	if err := m.change(ctx, func(l *ledger, now time.Time) error { l.settleAll(now); return nil }); err != nil {
		return nil, err
	}
	return m, nil
}

// change edits the ledger. Edit may be called several times, each with another
// ledger; its error is returned, and nothing is kept then.
func (m *Meter) change(ctx context.Context, edit func(*ledger, time.Time) error) error {
	m.mu.Lock()
	undone := maps.Clone(m.undone)
	m.mu.Unlock()
	var seen ledger
	err := m.bucket.Change(ctx, m.key, func(old []byte) ([]byte, error) {
		now := m.clock()
		l, err := readLedger(old, now)
		if err != nil {
			return nil, err
		}
		for id, spent := range undone {
			l.settle(id, spent, now)
		}
		err = edit(&l, now)
		seen = l
		if err != nil {
			return nil, err
		}
		return json.Marshal(l)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case errors.Is(err, ErrSpent):
		m.last = seen
		return err
	case err != nil:
		return fmt.Errorf("keep the budget: %w", err)
	}
	m.last = seen
	for id := range undone {
		delete(m.undone, id)
	}
	return nil
}

// Reserve notes that a request may cost up to most. When it returns nil, that is in
// BUDGETS, and the request may be made. Errors: *Spent, those of the bucket, after
// which nothing is reserved.
func (m *Meter) Reserve(ctx context.Context, share Share, most Cost) (*Hold, error) {
	holds, err := m.reserveAll(ctx, share, most)
	if err != nil {
		return nil, err
	}
	return holds[0], nil
}

// reserveAll is Reserve for several costs, all of them or none.
func (m *Meter) reserveAll(ctx context.Context, share Share, costs ...Cost) (holds []*Hold, err error) {
	var sum amount
	for _, c := range costs {
		sum = sum.plus(m.cfg.Prices.of(c))
		holds = append(holds, &Hold{meter: m, id: rand.Uint64()}) //nolint:gosec // no secret, it tells reservations apart
	}
	err = m.change(ctx, func(l *ledger, now time.Time) error {
		if err := m.cfg.allows(l, share, sum, now); err != nil {
			return err
		}
		for i, c := range costs {
			l.reserve(holds[i].id, m.cfg.Prices.of(c), now)
		}
		return nil
	})
	if err == nil {
		return holds, nil
	}
	if !errors.Is(err, ErrSpent) {
		for _, h := range holds {
			m.undo(h.id, amount{}) // it may have got through
		}
	}
	return nil, err
}

func (m *Meter) undo(id uint64, spent amount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.undone[id] = spent
}

// settle tries once to put what was spent in the place of what was reserved. What
// does not get through does with the next change.
func (m *Meter) settle(ctx context.Context, id uint64, spent amount) error {
	m.undo(id, spent)
	bounded, cancel := patience.Lingering(ctx)
	defer cancel()
	return m.change(bounded, func(*ledger, time.Time) error { return nil })
}

// Check takes over what X has counted, where that is more than is counted here:
// used reads of at most limit (0: none is named), in a month of X's own that begins
// on resetDay (0: the first).
func (m *Meter) Check(ctx context.Context, used, limit int64, resetDay int) error {
	if used < 0 || limit < 0 || used > mostReads {
		return errors.New("compare with what X has counted: no such number can be")
	}
	limit = min(limit, mostReads)
	return m.change(ctx, func(l *ledger, now time.Time) error {
		l.checked(used, limit, resetDay, m.cfg.Prices.Post.amount(), now)
		return nil
	})
}

// Hold is a reservation.
type Hold struct {
	meter *Meter
	id    uint64
	once  sync.Once
}

// Settle says what a request did cost; the rest is given back. It counts once; of
// what was reserved nothing is given back if it is never called. Where the error is
// not nil, too much is counted until the next reservation.
func (h *Hold) Settle(ctx context.Context, cost Cost) (err error) {
	h.once.Do(func() { err = h.meter.settle(ctx, h.id, h.meter.cfg.Prices.of(cost)) })
	return err
}

var _ ledgerBucket = (*bus.Bucket)(nil)
