package privacy

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestRawKeysRotateDaily(t *testing.T) {
	ring, dir := testRing(t)
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if keys, err := ring.RawKeys(); err != nil || len(keys) != 0 {
		t.Fatalf("a new ring has %d RAW keys, %v", len(keys), err)
	}
	current := func(r *Ring, now time.Time) string {
		t.Helper()
		key, err := r.CurrentRawKey(now)
		if err != nil {
			t.Fatal(err)
		}
		return key.ID()
	}
	first := current(ring, start)
	if current(ring, start.Add(RawKeyLife-time.Millisecond)) != first {
		t.Error("a key was replaced before its day was over")
	}
	reopened, err := OpenRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if current(reopened, start.Add(time.Hour)) != first {
		t.Error("another process does not find the key")
	}
	second := current(ring, start.Add(RawKeyLife))
	if second == first {
		t.Error("a key was used longer than a day")
	}
	keys, err := reopened.RawKeys()
	if err != nil || len(keys) != 2 || keys[0].ID() != first || keys[1].ID() != second {
		t.Errorf("ring lists %d keys, %v, want the first and the second", len(keys), err)
	}
	if !keys[0].CreatedAt().Equal(start) {
		t.Errorf("created at %v, want %v", keys[0].CreatedAt(), start)
	}
}

func TestAClockThatWasWrongDoesNotStopRotation(t *testing.T) {
	ring, _ := testRing(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if _, err := ring.CurrentRawKey(now.AddDate(50, 0, 0)); err != nil {
		t.Fatal(err)
	}
	first, err := ring.CurrentRawKey(now)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ring.CurrentRawKey(now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if first.ID() != second.ID() {
		t.Error("each call makes a new key")
	}
	if first.CreatedAt().After(now) {
		t.Error("the key from the future is used")
	}
}

func TestADestroyedRawKeyIsGone(t *testing.T) {
	ring, dir := testRing(t)
	key, err := ring.CurrentRawKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if found, err := ring.RawKey(key.ID()); err != nil || found.ID() != key.ID() {
		t.Errorf("key is not found: %v", err)
	}
	if err := ring.DestroyRawKey(key.ID()); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.RawKey(key.ID()); !errors.Is(err, ErrNoKey) {
		t.Errorf("error is %v, want ErrNoKey", err)
	}
	if err := ring.DestroyRawKey(key.ID()); !errors.Is(err, ErrNoKey) {
		t.Errorf("destroying again: error is %v, want ErrNoKey", err)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, rawFolderName)); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

func TestDestroyingOverwritesFirst(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, other); err != nil { // a second name shows what became of the bytes
		t.Fatal(err)
	}
	if err := destroyFile(path); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadFile(other); err != nil || string(left) != "\x00\x00\x00\x00\x00\x00" {
		t.Errorf("%q is left, %v", left, err)
	}
}

func TestAnIDIsNoPath(t *testing.T) {
	ring, dir := testRing(t)
	for _, id := range []string{"", "..", "../failed", "../../keys/failed", "0123456789abcdeF", "0123456789abcdef0", "\x00"} {
		if err := ring.DestroyRawKey(id); !errors.Is(err, ErrNoKey) {
			t.Errorf("error is %v, want ErrNoKey", err)
		}
		if _, err := ring.RawKey(id); !errors.Is(err, ErrNoKey) {
			t.Errorf("error is %v, want ErrNoKey", err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, failedFileName)); err != nil {
		t.Errorf("the failed key was destroyed: %v", err)
	}
}

func TestManyProcessesMakeOneKeyADay(t *testing.T) {
	_, dir := testRing(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ids := make([]string, 16)
	var group sync.WaitGroup
	for i := range ids {
		// A ring of its own each: locks are held per open file, as between
		// processes.
		ring, err := OpenRing(dir)
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for day := range 4 {
				key, err := ring.CurrentRawKey(now.Add(time.Duration(day) * RawKeyLife))
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = key.ID()
				if _, err := ring.RawKeys(); err != nil {
					t.Error(err)
				}
				if err := ring.DestroyRawKey("0123456789abcdef"); !errors.Is(err, ErrNoKey) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	ring, err := OpenRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ring.RawKeys()
	if err != nil || len(keys) != 4 {
		t.Errorf("%d keys for 4 days, %v", len(keys), err)
	}
}
