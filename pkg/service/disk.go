package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Disk watches the room that is left on the file system of a folder, so that
// who brings in more stops before the servers have nothing to write on.
type Disk struct {
	// Free tells free bytes and size of the file system.
	Free func() (free, size uint64, err error)
	// Floor is how much must stay free; 0 takes the least of 2 GiB and a
	// twentieth of the file system. Collectors go on when a tenth more is free.
	Floor uint64
	// Waiting is called when the first of them starts to wait, Going when they
	// can go on; both may be nil.
	Waiting func(free, needed uint64)
	Going   func(free uint64)

	mu   sync.Mutex
	low  bool
	seen time.Time
	said bool // Waiting was called, and Going was not since
}

const (
	diskFloor = 2 << 30
	diskShare = 20
	// diskEvery is how old an answer of the file system may be.
	diskEvery = time.Second
)

// NewDisk watches the file system of a folder, which need not be there yet.
func NewDisk(dir string, floor uint64, log *slog.Logger) *Disk {
	return &Disk{
		Free: func() (uint64, uint64, error) { return FreeBytes(dir) }, Floor: floor,
		Waiting: func(free, needed uint64) {
			log.Error("the disk is nearly full; nothing more is taken in until there is room", KeyBytes, free, "needed", needed)
		},
		Going: func(free uint64) { log.Info("there is room on the disk again", KeyBytes, free) },
	}
}

// FreeBytes tells how many bytes this user may still write on the file system
// of a folder, or of the nearest one above it that is there, and its size.
func FreeBytes(dir string) (free, size uint64, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return 0, 0, errors.New("ask for free disk: the folder has no absolute path")
	}
	for {
		var st syscall.Statfs_t
		err := syscall.Statfs(abs, &st)
		if err == nil {
			return st.Bavail * uint64(st.Bsize), st.Blocks * uint64(st.Bsize), nil
		}
		if abs == filepath.Dir(abs) {
			return 0, 0, fmt.Errorf("ask for free disk: %w", err)
		}
		abs = filepath.Dir(abs)
	}
}

// Room tells how much is free, how much must stay free, and whether what comes
// in has to wait. A file system that does not answer has room: writing will tell.
func (d *Disk) Room() (free, floor uint64, low bool) {
	free, size, err := d.Free()
	floor = d.floor(size)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err != nil:
		d.low = false
	case d.low:
		d.low = free < floor+floor/10
	default:
		d.low = free < floor
	}
	d.seen = time.Now()
	return free, floor, d.low
}

func (d *Disk) floor(size uint64) uint64 {
	if d.Floor > 0 {
		return d.Floor
	}
	return min(diskFloor, size/diskShare)
}

// Wait returns once there is room, or with ctx's error. While there is, it asks
// the file system once a second at most.
func (d *Disk) Wait(ctx context.Context) error {
	d.mu.Lock()
	fresh := !d.low && !d.seen.IsZero() && time.Since(d.seen) < diskEvery
	d.mu.Unlock()
	if fresh {
		return nil
	}
	free, needed, low := d.Room()
	if !low {
		return nil
	}
	if d.turn(true) && d.Waiting != nil {
		d.Waiting(free, needed)
	}
	tick := time.NewTicker(diskEvery)
	defer tick.Stop()
	for low {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for room on the disk: %w", ctx.Err())
		}
		free, _, low = d.Room()
	}
	if d.turn(false) && d.Going != nil {
		d.Going(free)
	}
	return nil
}

// turn says whether this is news: many wait at once, and one line tells it.
func (d *Disk) turn(waiting bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	news := d.said != waiting
	d.said = waiting
	return news
}
