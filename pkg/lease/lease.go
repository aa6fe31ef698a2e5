// Package lease keeps something for one process among many machines, by a key in
// LEASES that its holder writes anew all the time.
//
//	l := lease.New(lease.Config{Bucket: leases, Key: "collector-twitter.main", Holder: rand.Text(), Term: 30 * time.Second})
//	held, release, err := l.Hold(ctx)   // ErrHeld: somebody else has it; try again later
//	defer release()
//	work(held)                          // held ends when the lease is lost
//
// Nobody's clock is compared with another's: who waits takes a lease that was not
// written for a whole term of its own watching, and who holds one lets go when it
// could not write for two thirds of a term. So two never hold it at once, as long
// as a process notices the end of a context within a third of a term.
//
// Limits: a holder that is gone without a word keeps the others out for a term, and
// watching takes the same Lease: a new one begins to watch anew.
package lease

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/patience"
)

// ErrHeld says that another process has the lease.
var ErrHeld = errors.New("take the lease: another process has it")

// Config says which lease is meant, and for whom.
type Config struct {
	Bucket *bus.Bucket
	// Key names what is kept. It stands in clear: a service and a neutral label.
	Key string
	// Holder names the process, or the copy of a file, among all others. What is
	// held under the same name already is taken over at once.
	Holder string
	// Term is how long the lease of a process that is gone keeps out another.
	Term time.Duration
	// Trouble is told what becomes of a lease that is lost or cannot be given back;
	// nil tells nobody.
	Trouble func(err error)
}

// Lease is one process's claim to something.
type Lease struct {
	cfg      Config
	revision uint64
	// seen is what was there when somebody else had it, and since when.
	seen  uint64
	since time.Time
}

// New returns a Lease that nobody has asked for yet.
func New(cfg Config) *Lease { return &Lease{cfg: cfg} }

// Hold takes the lease and keeps it until release is called; the context that it
// returns ends with ctx, or when the lease is lost. Errors: ErrHeld, those of the
// bucket.
func (l *Lease) Hold(ctx context.Context) (held context.Context, release func(), err error) {
	if err := l.take(ctx); err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		l.keep(held)
	}()
	return held, func() {
		cancel()
		<-done
		l.giveBack(ctx)
	}, nil
}

// take takes the lease if nobody has it, or nobody writes it any more.
func (l *Lease) take(ctx context.Context) error {
	value, revision, err := l.cfg.Bucket.Load(ctx, l.cfg.Key)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		revision = 0
	case err != nil:
		return fmt.Errorf("take the lease: %w", err)
	case len(value) > 0 && string(value) != l.cfg.Holder && !l.left(revision):
		return ErrHeld
	}
	l.revision, err = l.cfg.Bucket.Store(ctx, l.cfg.Key, []byte(l.cfg.Holder), revision)
	if errors.Is(err, bus.ErrConflict) {
		return ErrHeld
	}
	if err != nil {
		return fmt.Errorf("take the lease: %w", err)
	}
	return nil
}

// left says whether a lease was not written for a whole term.
func (l *Lease) left(revision uint64) bool {
	if revision != l.seen {
		l.seen, l.since = revision, time.Now()
		return false
	}
	return time.Since(l.since) >= l.cfg.Term
}

// keep writes the lease until ctx ends, and returns when it is lost.
func (l *Lease) keep(ctx context.Context) {
	for written := time.Now(); patience.Sleep(ctx, l.cfg.Term/3) == nil; {
		bounded, cancel := context.WithTimeout(ctx, l.cfg.Term/3)
		err := l.write(bounded)
		cancel()
		switch {
		case err == nil:
			written = time.Now()
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrHeld), time.Since(written) >= l.cfg.Term*2/3:
			l.trouble(fmt.Errorf("keep the lease, which is lost: %w", err))
			return
		}
	}
}

// write is one sign of life.
func (l *Lease) write(ctx context.Context) error {
	revision, err := l.cfg.Bucket.Store(ctx, l.cfg.Key, []byte(l.cfg.Holder), l.revision)
	if errors.Is(err, bus.ErrConflict) {
		return l.recognise(ctx)
	}
	if err == nil {
		l.revision = revision
	}
	return err
}

// recognise finds the revision that a sign of life left whose answer was lost, or
// that nobody waited for. Errors: ErrHeld, those of the bucket.
func (l *Lease) recognise(ctx context.Context) error {
	value, now, err := l.cfg.Bucket.Load(ctx, l.cfg.Key)
	if err != nil {
		return err
	}
	if string(value) != l.cfg.Holder {
		return ErrHeld
	}
	l.revision = now
	return nil
}

// giveBack lets others have it at once.
func (l *Lease) giveBack(ctx context.Context) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.LingerLimit)
	defer cancel()
	_, err := l.cfg.Bucket.Store(bounded, l.cfg.Key, nil, l.revision)
	if errors.Is(err, bus.ErrConflict) {
		if err = l.recognise(bounded); err == nil {
			_, err = l.cfg.Bucket.Store(bounded, l.cfg.Key, nil, l.revision)
		}
	}
	if err != nil {
		l.trouble(fmt.Errorf("give back the lease, which ends by itself: %w", err))
	}
}

func (l *Lease) trouble(err error) {
	if l.cfg.Trouble != nil {
		l.cfg.Trouble(err)
	}
}
