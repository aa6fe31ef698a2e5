package archive

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

// result is what an import in the background came to.
type result struct {
	sum Summary
	err error
}

func (r *rig) background(ctx context.Context, call Call) <-chan result {
	done := make(chan result, 1)
	go func() {
		sum, err := r.collector.Import(ctx, call)
		done <- result{sum, err}
	}()
	return done
}

func await[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(bustest.Patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return v
}

func TestAFullRawStopsAnImportWhichThenGoesOn(t *testing.T) {
	var messages []string
	draw := rand.New(rand.NewPCG(1, 2))
	for id := range 40 { // noise, so that each takes its room in the stream
		noise := make([]byte, 70_000)
		for i := range noise {
			noise[i] = byte(draw.Uint32())
		}
		messages = append(messages, message(id+1, base64.StdEncoding.EncodeToString(noise)))
	}
	path := write(t, t.TempDir(), "noise.json", channelExport(7, messages...))
	r := newRig(t, Defaults(), bustest.WithProvision(func(c *bus.ProvisionConfig) { c.RawBytes = 1 << 20 }))
	done := r.background(r.within(), Call{Files: archive.Open([]string{path}, nil)})
	eventually(t, "RAW is full", func() bool { return r.stats.Full.Load() == 1 })
	select {
	case got := <-done:
		t.Fatalf("the import ended: %v", got.err)
	default:
	}
	raw := r.read()
	got := await(t, "the import", done)
	if got.err != nil {
		t.Fatal(got.err)
	}
	expect(t, path)[0].check(t, 1, "", raw.upTo(got.sum.Sequence))
}

// manyFiles makes a folder whose import is more messages than may wait.
func manyFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for n := range bus.PaceRaw {
		write(t, dir, fmt.Sprintf("%03d.json", n), channelExport(100+n, message(1, "a"), message(2, "b")))
	}
	return dir
}

func TestAnImportWaitsForItsReader(t *testing.T) {
	dir := manyFiles(t)
	r := newRig(t, Defaults())
	done := r.background(r.within(), Call{Files: archive.Open([]string{dir}, nil)})
	eventually(t, "as much is stored as may wait", func() bool { return r.stats.Published.Total() >= bus.PaceRaw })
	select {
	case got := <-done:
		t.Fatalf("the import ended without a reader: %v", got.err)
	default:
	}
	raw := r.read()
	got := await(t, "the import", done)
	if got.err != nil || len(got.sum.Files) != bus.PaceRaw {
		t.Fatalf("%d files, error %v", len(got.sum.Files), got.err)
	}
	all := raw.upTo(got.sum.Sequence)
	for i, e := range expect(t, dir) {
		e.check(t, i+1, "", all)
	}
}

func TestAnImportThatWaitsEndsWithItsContext(t *testing.T) {
	r := newRig(t, Defaults())
	ctx, cancel := context.WithCancel(r.within())
	done := r.background(ctx, Call{Files: archive.Open([]string{manyFiles(t)}, nil)})
	eventually(t, "as much is stored as may wait", func() bool { return r.stats.Published.Total() >= bus.PaceRaw })
	cancel()
	got := await(t, "the import", done)
	if !errors.Is(got.err, context.Canceled) {
		t.Errorf("error %v, want that of the context", got.err)
	}
	if n := len(got.sum.Files); n == 0 || n >= bus.PaceRaw {
		t.Errorf("%d files are in the summary of an import that was cut short", n)
	}
}

// withoutKey is a rig whose normaliser has not come up.
func withoutKey(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, Defaults())
	bucket, err := r.bus.Conn.Bucket(r.within(), bus.BucketPubkeys)
	if err == nil {
		err = bucket.Delete(r.within(), "raw")
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheWaitForAKeyIsBounded(t *testing.T) {
	r := withoutKey(t)
	r.collector.keys.Wait = 50 * time.Millisecond
	path := write(t, t.TempDir(), "result.json", channelExport(7, message(1, "a")))
	_, err := r.collector.Import(r.within(), Call{Files: archive.Open([]string{path}, nil)})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "normaliser") {
		t.Errorf("error %v, want one that names the normaliser", err)
	}
	if n := r.stats.Published.Total(); n != 0 {
		t.Errorf("%d messages were published", n)
	}
	r.wantNoPath(Summary{}, path)
}

func TestTheWaitForAKeyEndsWithTheContext(t *testing.T) {
	r := withoutKey(t)
	ctx, cancel := context.WithCancel(r.within())
	path := write(t, t.TempDir(), "result.json", channelExport(7, message(1, "a")))
	reading := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := r.collector.keys.Current(ctx)
		close(reading)
		done <- err
	}()
	cancel()
	await(t, "the wait for a key", reading)
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := r.collector.Import(ctx, Call{Files: archive.Open([]string{path}, nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error of an import %v, want that of the context", err)
	}
}
