package cursor_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

const collector = "collector-telegram"

type place struct {
	Handle string  `json:"handle,omitempty"`
	Pts    int     `json:"pts"`
	Posts  []int64 `json:"posts,omitempty"`
}

func stateKey(t *testing.T) *privacy.StateKey {
	t.Helper()
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return ring.StateKey()
}

func cursors(t *testing.T, s *bustest.Server) *bus.Bucket {
	t.Helper()
	b, err := s.Conn.Bucket(t.Context(), bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(t *testing.T, s *cursor.Shelf, name string) (p place) {
	t.Helper()
	if found, err := s.Load(t.Context(), name, &p); err != nil || !found {
		t.Fatalf("load: %v, found %v", err, found)
	}
	return p
}

func save(t *testing.T, s *cursor.Shelf, name string, p place) {
	t.Helper()
	if err := s.Save(t.Context(), name, p); err != nil {
		t.Fatalf("save: %v", err)
	}
}

func TestWhatIsSavedIsLoadedByTheNextProcess(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	first := cursor.NewShelf(b, key, collector)
	var none place
	if found, err := first.Load(t.Context(), "channel/4711", &none); found || err != nil {
		t.Fatalf("found what nobody saved: %v, %v", found, err)
	}
	want := place{Handle: "invented_channel", Pts: 12, Posts: []int64{1, 2, 3}}
	save(t, first, "channel/4711", place{Pts: 11})
	save(t, first, "channel/4711", want)

	next := cursor.NewShelf(b, key, collector)
	if diff := cmp.Diff(want, load(t, next, "channel/4711")); diff != "" {
		t.Error(diff)
	}
	want.Pts++
	save(t, next, "channel/4711", want)
	var other struct {
		Pts  int    `json:"pts"`
		More string `json:"more"`
	}
	if found, err := first.Load(t.Context(), "channel/4711", &other); err != nil || !found || other.Pts != 13 {
		t.Errorf("into another shape: %v, found %v, pts %d", err, found, other.Pts)
	}
	var wrong struct {
		Pts string `json:"pts"`
	}
	if _, err := first.Load(t.Context(), "channel/4711", &wrong); !errors.Is(err, cursor.ErrUnreadable) {
		t.Errorf("into a shape that does not fit: %v, want ErrUnreadable", err)
	}
}

func TestACursorIsDeletedAndMayComeBack(t *testing.T) {
	s := cursor.NewShelf(cursors(t, bustest.New(t)), stateKey(t), collector)
	save(t, s, "channel/1", place{Pts: 1})
	for range 2 {
		if err := s.Delete(t.Context(), "channel/1"); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := s.Load(t.Context(), "channel/1", &place{}); found || err != nil {
		t.Fatalf("it is still there: %v, %v", found, err)
	}
	save(t, s, "channel/1", place{Pts: 1})
	if got := load(t, s, "channel/1"); got.Pts != 1 {
		t.Errorf("pts %d, want 1", got.Pts)
	}
}

func TestNothingStandsInClear(t *testing.T) {
	server := bustest.New(t)
	b := cursors(t, server)
	save(t, cursor.NewShelf(b, stateKey(t), collector), "channel/invented_channel", place{Handle: "invented_person", Pts: 987654321})
	keys, err := b.Keys(t.Context(), "")
	if err != nil || len(keys) != 1 || !strings.HasPrefix(keys[0], collector+".") || len(keys[0]) != len(collector)+1+32 {
		t.Fatalf("keys are %q, %v", keys, err)
	}
	server.Stop()
	blocks, err := filepath.Glob(filepath.Join(server.Dir, "jetstream", "*", "streams", "KV_CURSORS", "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("%d blocks, %v", len(blocks), err)
	}
	var disk []byte
	for _, path := range blocks {
		block, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		disk = append(disk, block...)
	}
	if !bytes.Contains(disk, []byte(keys[0])) {
		t.Fatal("this is not where the bucket lies")
	}
	for _, clear := range []string{"invented", "channel/", "987654321", "handle"} {
		if bytes.Contains(disk, []byte(clear)) {
			t.Errorf("%q stands on the disk", clear)
		}
	}
}

func TestOfTwoHoldersTheOneThatIsBehindIsTold(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	one, two := cursor.NewShelf(b, key, collector), cursor.NewShelf(b, key, collector)
	save(t, one, "channel/1", place{Pts: 1})
	if err := two.Save(t.Context(), "channel/1", place{Pts: 2}); !errors.Is(err, cursor.ErrStolen) {
		t.Errorf("saved without loading: %v, want ErrStolen", err)
	}
	load(t, two, "channel/1")
	save(t, two, "channel/1", place{Pts: 2})
	for range 2 {
		// Even what the other one wrote: equal bytes are no proof of being the same.
		if err := one.Save(t.Context(), "channel/1", place{Pts: 2}); !errors.Is(err, cursor.ErrStolen) {
			t.Errorf("saved what was stolen: %v, want ErrStolen", err)
		}
	}
	if got := load(t, one, "channel/1"); got.Pts != 2 {
		t.Errorf("pts %d, want 2", got.Pts)
	}
	save(t, one, "channel/1", place{Pts: 3})
	if err := two.Delete(t.Context(), "channel/1"); err != nil {
		t.Fatal(err)
	}
	if err := one.Save(t.Context(), "channel/1", place{Pts: 4}); !errors.Is(err, cursor.ErrStolen) {
		t.Errorf("saved what was deleted: %v, want ErrStolen", err)
	}
}

func TestAnUnchangedValueIsNotWritten(t *testing.T) {
	b := cursors(t, bustest.New(t))
	s := cursor.NewShelf(b, stateKey(t), collector)
	save(t, s, "channel/1", place{Pts: 1})
	before := revision(t, b)
	save(t, s, "channel/1", place{Pts: 1})
	load(t, s, "channel/1")
	save(t, s, "channel/1", place{Pts: 1})
	if after := revision(t, b); after != before {
		t.Errorf("revision went from %d to %d", before, after)
	}
}

func revision(t *testing.T, b *bus.Bucket) uint64 {
	t.Helper()
	keys, err := b.Keys(t.Context(), collector)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	_, revision, err := b.Load(t.Context(), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func TestExchangedAndForeignCursorsAreRefused(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	s := cursor.NewShelf(b, key, collector)
	save(t, s, "channel/1", place{Pts: 1})
	keys, err := b.Keys(t.Context(), collector)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	value, _, err := b.Load(t.Context(), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	for what, other := range map[string]*cursor.Shelf{
		"another name":      s,
		"another ring":      cursor.NewShelf(b, stateKey(t), collector),
		"another collector": cursor.NewShelf(b, key, "collector-twitter"),
	} {
		name := what
		save(t, other, name, place{Pts: 2})
		swap(t, b, keys, value)
		if _, err := other.Load(t.Context(), name, &place{}); !errors.Is(err, cursor.ErrForeign) {
			t.Errorf("%s: %v, want ErrForeign", what, err)
		}
		err := other.Each(t.Context(), "", func(string, func(any) error) error { return nil })
		if !errors.Is(err, cursor.ErrForeign) {
			t.Errorf("%s, listed: %v, want ErrForeign", what, err)
		}
		if err := other.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

// swap writes value over every cursor that is not one of those.
func swap(t *testing.T, b *bus.Bucket, but []string, value []byte) {
	t.Helper()
	keys, err := b.Keys(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k == but[0] {
			continue
		}
		_, revision, err := b.Load(t.Context(), k)
		if err == nil {
			_, err = b.Store(t.Context(), k, value, revision)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLargestValueFitsAndNoLargerOne(t *testing.T) {
	s := cursor.NewShelf(cursors(t, bustest.New(t)), stateKey(t), collector)
	largest := strings.Repeat("x", cursor.MaxBytes-2) // and two quotation marks
	if err := s.Save(t.Context(), "channel/1", largest); err != nil {
		t.Fatal(err)
	}
	var got string
	if _, err := s.Load(t.Context(), "channel/1", &got); err != nil || got != largest {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	if err := s.Save(t.Context(), "channel/1", largest+"x"); !errors.Is(err, cursor.ErrTooLarge) {
		t.Errorf("error is %v, want ErrTooLarge", err)
	}
	if err := s.Save(t.Context(), "channel/1", func() {}); err == nil {
		t.Error("saved a function")
	}
}

func TestEachListsTheCursorsOfOneCollectorByTheirNames(t *testing.T) {
	b, key := cursors(t, bustest.New(t)), stateKey(t)
	s := cursor.NewShelf(b, key, collector)
	want := map[string]int{"channel/1": 1, "channel/2": 2, "channel/3": 3}
	var all sync.WaitGroup
	for name, pts := range want {
		all.Go(func() {
			if err := s.Save(t.Context(), name, place{Pts: pts}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	save(t, s, "hash/1", place{Pts: 4})
	save(t, cursor.NewShelf(b, key, "collector-twitter"), "channel/5", place{Pts: 5})
	got := make(map[string]int)
	err := s.Each(t.Context(), "channel/", func(name string, open func(any) error) error {
		var p place
		err := open(&p)
		got[name] = p.Pts
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Each(gone, "", func(string, func(any) error) error { return nil }); err == nil {
		t.Error("a listing that was cut short is no error")
	}
}
