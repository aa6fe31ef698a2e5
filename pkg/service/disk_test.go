package service_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/pkg/service"
)

func TestWhoBringsInMoreWaitsUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const gib = 1 << 30
		var free atomic.Uint64
		var waited, went int
		free.Store(3 * gib)
		d := &service.Disk{
			Free:    func() (uint64, uint64, error) { return free.Load(), 100 * gib, nil },
			Waiting: func(uint64, uint64) { waited++ },
			Going:   func(uint64) { went++ },
		}
		if err := d.Wait(t.Context()); err != nil || waited != 0 {
			t.Errorf("with room: %v, waited %d", err, waited)
		}
		free.Store(gib)
		time.Sleep(2 * time.Second)
		done := make(chan error, 1)
		go func() { done <- d.Wait(t.Context()) }()
		for _, not := range []uint64{gib, 2*gib + 1} { // a little more is not enough
			free.Store(not)
			time.Sleep(10 * time.Second)
			select {
			case <-done:
				t.Fatalf("it went on with %d free", not)
			default:
			}
		}
		free.Store(3 * gib)
		if err := <-done; err != nil || waited != 1 || went != 1 {
			t.Errorf("%v, waited %d, went %d", err, waited, went)
		}
		free.Store(0)
		time.Sleep(2 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := d.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that is ended gives %v", err)
		}
	})
}

func TestTheFloorFitsSmallDisks(t *testing.T) {
	for size, want := range map[uint64]uint64{1 << 30: 1 << 30 / 20, 40 << 30: 2 << 30, 1 << 40: 2 << 30} {
		d := &service.Disk{Free: func() (uint64, uint64, error) { return size, size, nil }}
		if _, floor, low := d.Room(); floor != want || low {
			t.Errorf("of %d bytes %d must stay free, want %d; low %v", size, floor, want, low)
		}
	}
	broken := &service.Disk{Free: func() (uint64, uint64, error) { return 0, 0, errors.New("gone") }}
	if _, _, low := broken.Room(); low {
		t.Error("a file system that does not answer is taken for full")
	}
}

func TestFreeBytesOfAFolderThatIsNotThereYet(t *testing.T) {
	dir := t.TempDir()
	free, size, err := service.FreeBytes(filepath.Join(dir, "not", "there"))
	if err != nil || free == 0 || size < free {
		t.Errorf("%d of %d free: %v", free, size, err)
	}
}
