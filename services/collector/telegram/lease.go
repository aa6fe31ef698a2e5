package telegram

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// lease keeps an account for one process among many machines, by a key in LEASES
// that its holder writes anew all the time. On one machine the lock of the session
// file does that; another machine may have a copy of the file, and Telegram ends a
// session that is used twice at once.
//
// Nobody's clock is compared with another's: who waits takes a lease that was not
// written for a whole term of its own watching, and who holds one lets go when it
// could not write for two thirds of a term.
type lease struct {
	bucket *bus.Bucket
	key    string
	holder string
	term   time.Duration
	log    func(msg string, args ...any)

	revision uint64
	// seen is what was there when somebody else had it, and since when.
	seen  uint64
	since time.Time
}

// take takes the lease if nobody has it, or nobody writes it any more. The error is
// errSessionHeld where somebody does.
func (l *lease) take(ctx context.Context) error {
	value, revision, err := l.bucket.Load(ctx, l.key)
	switch {
	case errors.Is(err, bus.ErrAbsent):
		revision = 0
	case err != nil:
		return fmt.Errorf("take the lease: %w", err)
	case len(value) > 0 && string(value) != l.holder && !l.left(revision):
		return errSessionHeld
	}
	l.revision, err = l.bucket.Store(ctx, l.key, []byte(l.holder), revision)
	if errors.Is(err, bus.ErrConflict) {
		return errSessionHeld
	}
	if err != nil {
		return fmt.Errorf("take the lease: %w", err)
	}
	return nil
}

// left says whether a lease was not written for a whole term.
func (l *lease) left(revision uint64) bool {
	if revision != l.seen {
		l.seen, l.since = revision, time.Now()
		return false
	}
	return time.Since(l.since) >= l.term
}

// keep writes the lease until ctx ends, and returns when it is lost.
func (l *lease) keep(ctx context.Context) {
	for written := time.Now(); sleep(ctx, l.term/3) == nil; {
		bounded, cancel := context.WithTimeout(ctx, l.term/3)
		err := l.write(bounded)
		cancel()
		switch {
		case err == nil:
			written = time.Now()
		case ctx.Err() != nil:
			return
		case errors.Is(err, errSessionHeld), time.Since(written) >= l.term*2/3:
			l.log("the lease of the session is lost", service.Error(err))
			return
		}
	}
}

// write is one sign of life. An answer that was lost is recognised by what is there.
func (l *lease) write(ctx context.Context) error {
	revision, err := l.bucket.Store(ctx, l.key, []byte(l.holder), l.revision)
	if errors.Is(err, bus.ErrConflict) {
		value, now, err := l.bucket.Load(ctx, l.key)
		if err != nil {
			return err
		}
		if string(value) != l.holder {
			return errSessionHeld
		}
		l.revision = now
		return nil
	}
	if err == nil {
		l.revision = revision
	}
	return err
}

// release lets others have it at once.
func (l *lease) release(ctx context.Context) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), lingerLimit)
	defer cancel()
	if _, err := l.bucket.Store(bounded, l.key, nil, l.revision); err != nil {
		l.log("the lease of the session is not given back; it ends by itself", service.Error(err))
	}
}

// leased is a context that ends with ctx or when the lease is lost. Where all share
// one machine there is none to take.
func (c *Collector) leased(ctx context.Context, holder string) (held context.Context, release func(), err error) {
	if !c.deps.Lease {
		return ctx, func() {}, nil
	}
	bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketLeases)
	if err != nil {
		return nil, nil, err
	}
	if c.lease == nil {
		c.lease = &lease{key: Name + "." + c.cfg.Account, term: c.cfg.pauses.lease, log: c.log.Warn}
	}
	c.lease.bucket, c.lease.holder = bucket, holder
	if err := c.lease.take(ctx); err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		c.lease.keep(held)
	}()
	return held, func() {
		cancel()
		<-done
		c.lease.release(ctx)
	}, nil
}
