package lease_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/lease"
)

const term = 600 * time.Millisecond

type rig struct {
	t      *testing.T
	bucket *bus.Bucket
}

func newRig(t *testing.T) *rig {
	t.Helper()
	bucket, err := bustest.New(t).Conn.Bucket(t.Context(), bus.BucketLeases)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t, bucket}
}

func (r *rig) of(holder string) *lease.Lease {
	return lease.New(lease.Config{Bucket: r.bucket, Key: "collector.main", Holder: holder, Term: term})
}

// takes asks until the lease is had.
func (r *rig) takes(l *lease.Lease) (held context.Context, release func()) {
	r.t.Helper()
	for r.t.Context().Err() == nil {
		held, release, err := l.Hold(r.t.Context())
		if err == nil {
			return held, release
		}
		if !errors.Is(err, lease.ErrHeld) {
			r.t.Fatal(err)
		}
		time.Sleep(term / 10)
	}
	r.t.Fatal("the test ended")
	return nil, nil
}

func TestOneHoldsAtATime(t *testing.T) {
	r := newRig(t)
	held, release := r.takes(r.of("a"))
	other := r.of("b")
	for range 3 * term / (term / 5) {
		if _, _, err := other.Hold(t.Context()); !errors.Is(err, lease.ErrHeld) {
			t.Fatalf("a lease that is kept was had by another: %v", err)
		}
		time.Sleep(term / 5)
	}
	if held.Err() != nil {
		t.Fatal("the holder lost it although it kept it")
	}
	release()
	if _, release, err := other.Hold(t.Context()); err != nil {
		t.Errorf("one that was given back is not had at once: %v", err)
	} else {
		release()
	}
}

// A sign of life may be under way when the lease is given back: it is written, and
// nobody waits for the answer.
func TestGivingBackIsNotHinderedByTheLastSignOfLife(t *testing.T) {
	r := newRig(t)
	_, release := r.takes(lease.New(lease.Config{Bucket: r.bucket, Key: "collector.main", Holder: "a", Term: time.Hour}))
	_, revision, err := r.bucket.Load(t.Context(), "collector.main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.bucket.Store(t.Context(), "collector.main", []byte("a"), revision); err != nil {
		t.Fatal(err)
	}
	release()
	if _, release, err := r.of("b").Hold(t.Context()); err != nil {
		t.Errorf("one that was given back is not had at once: %v", err)
	} else {
		release()
	}
}

func TestWhoIsGoneKeepsOthersOutForATerm(t *testing.T) {
	r := newRig(t)
	if _, err := r.bucket.Store(t.Context(), "collector.main", []byte("gone"), 0); err != nil {
		t.Fatal(err)
	}
	other := r.of("b")
	if _, _, err := other.Hold(t.Context()); !errors.Is(err, lease.ErrHeld) {
		t.Fatalf("it was had at once: %v", err)
	}
	_, release := r.takes(other)
	release()
	if _, err := r.bucket.Store(t.Context(), "other.main", []byte("same"), 0); err != nil {
		t.Fatal(err)
	}
	same := lease.New(lease.Config{Bucket: r.bucket, Key: "other.main", Holder: "same", Term: term})
	if _, release, err := same.Hold(t.Context()); err != nil {
		t.Errorf("what is held under the same name is not taken over: %v", err)
	} else {
		release()
	}
}

func TestWhoLosesItIsTold(t *testing.T) {
	r := newRig(t)
	held, release := r.takes(r.of("a"))
	defer release()
	_, revision, err := r.bucket.Load(t.Context(), "collector.main")
	if err != nil {
		t.Fatal(err)
	}
	// The holder may write in between; then the revision is another.
	for {
		if _, err = r.bucket.Store(t.Context(), "collector.main", []byte("thief"), revision); !errors.Is(err, bus.ErrConflict) {
			break
		}
		if _, revision, err = r.bucket.Load(t.Context(), "collector.main"); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	<-held.Done()
}
