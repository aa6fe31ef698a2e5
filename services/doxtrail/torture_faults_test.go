//go:build torture

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// cutConnections: what services send to NATS and ClickHouse is cut off in its
// middle, held up, half-closed or refused.
func cutConnections(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r, err := newApart(t, w, seed)
	if err != nil {
		return r, err
	}
	var faults []func()
	for range 2 + r.rnd.IntN(4) {
		name, proxy := "clickhouse", r.apart.clickhouse
		if r.rnd.IntN(3) == 0 {
			name, proxy = "nats", r.apart.nats
		}
		how, after := r.rnd.IntN(6), 1+r.rnd.Int64N(200_000)
		nap := time.Duration(100+r.rnd.IntN(2000)) * time.Millisecond
		faults = append(faults, func() {
			r.did("%s", cut(r, proxy, name, how, after, nap))
			r.recovering.from("connection to "+name, time.Now())
		})
	}
	return r, r.chaos(faults, func() error { return r.importCalls(nothing) })
}

// cut does one thing to the connections to a server and says what.
func cut(r *tortured, proxy *servicetest.Proxy, name string, how int, after int64, nap time.Duration) string {
	defer proxy.Resume()
	switch how {
	case 0, 1:
		// In the middle of whatever is sent next, so most often of an insert.
		proxy.ResetAfter(after)
		return fmt.Sprintf("cut %s off after %d bytes", name, after)
	case 2:
		proxy.Stall()
		r.pause(nap)
		return fmt.Sprintf("stall %s for %d ms", name, nap.Milliseconds())
	case 3:
		proxy.HalfClose()
		return "half-close " + name
	case 4:
		proxy.Refuse()
		r.pause(nap)
		return fmt.Sprintf("refuse %s for %d ms", name, nap.Milliseconds())
	default:
		proxy.Delay(nap / 50)
		r.pause(nap)
		return fmt.Sprintf("delay %s by %d ms", name, (nap / 50).Milliseconds())
	}
}

// diskFull: the data folder's disk fills up in the middle of an import and has
// room again later. Whoever served may wait or end; nothing may be lost.
func diskFull(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	r.served = true
	if err := syscall.Mount("none", r.path("data"), "tmpfs", 0, "size=96m,mode=700"); err != nil {
		return r, errNoSmallDisk
	}
	t.Cleanup(func() {
		r.killAll()
		_ = syscall.Unmount(r.path("data"), syscall.MNT_DETACH)
	})
	nap := time.Duration(200+r.rnd.IntN(3000)) * time.Millisecond
	leave := r.rnd.Int64N(2 << 20)
	full := func() {
		if err := fill(r.path("data/ballast"), leave); err != nil {
			r.did("the disk cannot be filled: %v", err)
			return
		}
		r.did("disk full but for %d bytes, for %d ms", leave, nap.Milliseconds())
		r.pause(nap)
		_ = os.Remove(r.path("data/ballast"))
		if up := r.current("up"); up != nil && r.rnd.IntN(2) == 0 {
			r.did("kill up")
			up.kill(r.ctx)
			return
		}
		r.recovering.from("disk", time.Now())
	}
	return r, r.chaos([]func(){full}, func() error {
		return r.importCalls(func() ([]string, error) {
			if err := r.keepUp(); err != nil && r.ctx.Err() == nil {
				r.pause(300 * time.Millisecond) // a full disk lets nobody start
			}
			return nil, nil
		})
	})
}

var errNoSmallDisk = errors.New("a small disk can be made by root only")

// fill leaves so many bytes free on the disk of a file.
func fill(path string, leave int64) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	var fs syscall.Statfs_t
	if err := syscall.Fstatfs(int(out.Fd()), &fs); err != nil {
		return err
	}
	size := max(int64(fs.Bavail)*fs.Bsize-leave, 0)
	return syscall.Fallocate(int(out.Fd()), 0, 0, size)
}

// manyImporters: two or three imports of the same and overlapping files at
// once; one of them, which may be the one that serves, is killed.
func manyImporters(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	r.served = r.rnd.IntN(2) == 0
	both := slices.Concat(w.calls...)
	lists := [][]string{w.calls[0], w.calls[1], both}[:2+r.rnd.IntN(2)]
	if r.rnd.IntN(2) == 0 {
		lists[0] = both
	}
	moments := []func(){r.moment(), r.moment()}
	go func() {
		for _, moment := range moments {
			r.endLater(moment, syscall.SIGKILL, []string{"many-0", "many-1"}...)
		}
	}()
	var all sync.WaitGroup
	errs := make([]error, len(lists))
	var starting sync.Mutex
	for i, list := range lists {
		all.Go(func() {
			errs[i] = r.importCall(fmt.Sprintf("many-%d", i), -1, list, func() ([]string, error) {
				starting.Lock()
				defer starting.Unlock()
				if r.served {
					return nil, r.keepUp()
				}
				return nil, nil
			})
		})
	}
	all.Wait()
	return r, errors.Join(errs...)
}

// points are the edges at which a process can be killed. The last two are
// passed only where a record fails.
func points() []string {
	return []string{
		"publish-raw", "stored-raw", "publish-records", "stored-records", "ack-raw", "acked-raw",
		"insert-rows", "inserted-rows", "ack-records", "acked-records", "put-bucket", "kept-bucket",
		"publish-failed", "stored-failed",
	}
}

const failedPoints = 2

// killPoints: a process kills itself at the nth passing of an edge between two
// stores, once in each of its first lives.
func killPoints(t *testing.T, w *world, seed uint64) (*tortured, error) {
	r := newTortured(t, w, seed)
	r.served = true
	lives := 1 + r.rnd.IntN(3)
	err := r.importCalls(func() ([]string, error) {
		point := points()[r.rnd.IntN(len(points()))]
		value := fmt.Sprintf("%s=%s:%d", bus.KillVariable, point, 1+r.rnd.IntN(12))
		if lives--; lives < 0 {
			return nil, r.keepUp()
		}
		if r.current("up") == nil && r.rnd.IntN(3) > 0 {
			r.did("%s", value)
			return nil, errors.Join(r.keepUp(value), r.plant())
		}
		r.did("import %s", value)
		return []string{value}, errors.Join(r.keepUp(), r.plant())
	})
	return r, errors.Join(err, r.lastLife())
}

// plant puts records on RECORDS that can never be rows, so that there is
// something to fail. Whoever serves may die of it meanwhile.
func (r *tortured) plant() error {
	conn, err := r.connect()
	if err != nil {
		return nil //nolint:nilerr // it is dead already
	}
	defer conn.Close(r.ctx)
	p, err := conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	for range 2 {
		b := bus.NewBuilder(bus.StageRecords)
		if err := b.AddEncoded([]byte("\xff\xff is no record")); err != nil {
			return err
		}
		m, err := b.Records(bus.Subject{Stage: bus.StageRecords, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM})
		if err != nil {
			return err
		}
		receipt, err := p.Publish(r.ctx, m)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		if confirmed(receipt) {
			r.planted++
		}
	}
	return nil
}

// confirmed waits for a receipt as long as a server that lives needs.
func confirmed(receipt *bus.Receipt) bool {
	select {
	case <-receipt.Done():
		return true
	case <-time.After(2 * time.Second):
		return false
	}
}
