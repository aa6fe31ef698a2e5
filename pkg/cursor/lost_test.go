package cursor_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/cursor"
)

// faulty is a bucket whose server breaks around writes.
type faulty struct {
	*bus.Bucket
	mu     sync.Mutex
	lost   bool   // writes are done, their answers lost
	before func() // called once before a write
	late   func() // does the write that was put off
	putOff bool   // writes fail, and are done later
}

var errLost = errors.New("no answer")

func (f *faulty) Store(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.before != nil {
		f.before()
		f.before = nil
	}
	if f.putOff {
		f.late = func() { _, _ = f.Bucket.Store(context.Background(), key, value, revision) }
		return 0, errLost
	}
	revision, err := f.Bucket.Store(ctx, key, value, revision)
	if f.lost {
		return 0, errLost
	}
	return revision, err
}

func (f *faulty) Delete(ctx context.Context, key string) error {
	err := f.Bucket.Delete(ctx, key)
	if f.lost {
		return errLost
	}
	return err
}

func TestALostAnswerMakesNoStrangerOfTheHolder(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	for name, pts := range map[string][2]int{"the same again": {2, 2}, "a later one": {2, 3}, "back to what it was": {2, 1}} {
		f := &faulty{Bucket: b}
		s := cursor.NewShelf(f, key, collector)
		save(t, s, name, place{Pts: 1})
		f.lost = true
		if err := s.Save(t.Context(), name, place{Pts: pts[0]}); !errors.Is(err, errLost) {
			t.Fatalf("%s: %v", name, err)
		}
		f.lost = false
		save(t, s, name, place{Pts: pts[1]})
		if got := load(t, cursor.NewShelf(b, key, collector), name); got.Pts != pts[1] {
			t.Errorf("%s: pts %d, want %d", name, got.Pts, pts[1])
		}
	}
}

func TestTheFirstWriteAndADeletionMayLoseTheirAnswerToo(t *testing.T) {
	f := &faulty{Bucket: cursors(t, bustest.New(t)), lost: true}
	s := cursor.NewShelf(f, stateKey(t), collector)
	if err := s.Save(t.Context(), "channel/1", place{Pts: 1}); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	f.lost = false
	save(t, s, "channel/1", place{Pts: 2})
	f.lost = true
	if err := s.Delete(t.Context(), "channel/1"); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	f.lost = false
	save(t, s, "channel/1", place{Pts: 3})
	if got := load(t, s, "channel/1"); got.Pts != 3 {
		t.Errorf("pts %d, want 3", got.Pts)
	}
}

func TestAWriteThatComesLateIsKnownAgain(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	f := &faulty{Bucket: b}
	s := cursor.NewShelf(f, key, collector)
	save(t, s, "channel/1", place{Pts: 1})
	f.putOff = true
	if err := s.Save(t.Context(), "channel/1", place{Pts: 2}); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	// It arrives after the holder has looked and before it writes again.
	f.putOff, f.before = false, f.late
	save(t, s, "channel/1", place{Pts: 3})
	if got := load(t, cursor.NewShelf(b, key, collector), "channel/1"); got.Pts != 3 {
		t.Errorf("pts %d, want 3", got.Pts)
	}
}

func TestAThiefIsFoundAfterALostAnswer(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	f := &faulty{Bucket: b}
	one, two := cursor.NewShelf(f, key, collector), cursor.NewShelf(b, key, collector)
	save(t, one, "channel/1", place{Pts: 1})
	f.lost = true
	if err := one.Save(t.Context(), "channel/1", place{Pts: 2}); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	f.lost = false
	load(t, two, "channel/1")
	save(t, two, "channel/1", place{Pts: 9})
	if err := one.Save(t.Context(), "channel/1", place{Pts: 3}); !errors.Is(err, cursor.ErrStolen) {
		t.Errorf("error is %v, want ErrStolen", err)
	}
}

func TestAServerThatWasAwayIsNoThief(t *testing.T) {
	server := bustest.New(t)
	s := cursor.NewShelf(cursors(t, server), stateKey(t), collector)
	save(t, s, "channel/1", place{Pts: 1})
	server.Stop()
	// The client keeps what it could not send and sends it once it is connected
	// again, so the write comes late, or is refused.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Save(ctx, "channel/1", place{Pts: 2}); err == nil {
		t.Fatal("saved without a server")
	}
	server.Start()
	save(t, s, "channel/1", place{Pts: 3})
	if got := load(t, s, "channel/1"); got.Pts != 3 {
		t.Errorf("pts %d, want 3", got.Pts)
	}
}
