package recorder_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/services/recorder"
)

func TestRecordsBecomeRows(t *testing.T) {
	r := newRig(t)
	run := r.start(quick())
	r.publish(bus.LaneArchive, posts(0, 100)...)
	r.publish(bus.LaneLive, posts(100, 101)...)
	run.awaitAcked(2)
	r.wantPosts(0, 101)
	if n, _ := run.metric("doxtrail_recorder_insert_rows_total", "posts"); n != 101 {
		t.Errorf("%v rows are counted, want 101", n)
	}
	r.wantFailed()
}

func TestABatchIsInsertedWhenItHasItsRows(t *testing.T) {
	r := newRig(t)
	cfg := quick()
	cfg.BatchRows, cfg.BatchWait = 10, never
	run := r.start(cfg)
	r.publish(bus.LaneArchive, post(0))
	run.awaitAcked(1) // from now on batches wait
	for n := range 5 {
		r.publish(bus.LaneArchive, posts(4*n+1, 4*n+5)...)
	}
	run.awaitAcked(4) // 12 rows more
	eventually(t, "the others are in hand", func() bool { return run.stats.InHand.Load() == 2 })
	r.wantPosts(0, 13)
	r.publish(bus.LaneArchive, posts(21, 25)...)
	run.awaitAcked(7)
	r.wantPosts(0, 25)
	if rows, batches := run.metric("doxtrail_recorder_batch_rows"); batches != 3 || rows != 25 {
		t.Errorf("%v rows in %d batches, want 25 in 3", rows, batches)
	}
}

func TestABatchIsInsertedWhenItWaitedLongEnough(t *testing.T) {
	r := newRig(t)
	run := r.start(quick())
	for n := range 3 {
		r.publish(bus.LaneLive, post(n))
		run.awaitAcked(uint64(n + 1))
		r.wantPosts(0, n+1)
	}
}

func TestAStopInsertsWhatIsCollected(t *testing.T) {
	r := newRig(t)
	cfg := quick()
	cfg.BatchWait = never
	run := r.start(cfg)
	r.publish(bus.LaneArchive, post(0))
	run.awaitAcked(1) // from now on batches wait
	r.publish(bus.LaneArchive, posts(1, 7)...)
	eventually(t, "the message is in hand", func() bool { return run.stats.InHand.Load() == 1 })
	run.stop()
	// What nobody had taken yet is given back, what was is stored.
	if acked := run.stats.Acked.Load(); acked == 2 {
		r.wantPosts(0, 7)
	}
	r.start(quick()).awaitAcked(2 - run.stats.Acked.Load())
	r.wantPosts(0, 7)
}

func TestABadRecordFailsAloneAndTheOthersAreStored(t *testing.T) {
	r := newRig(t)
	run := r.start(quick())
	records := posts(0, 10)
	records[3], records[7] = []byte("\xff\xff is no record"), nil // the second lacks every field
	r.publish(bus.LaneArchive, records...)
	r.publish(bus.LaneLive, []byte("\xff\xff alone"))
	run.awaitAcked(2)
	r.wantPosts(0, 10, 3, 7)
	r.wantFailed(failed{"bad_record", ""}, failed{"bad_record", "\xff\xff alone"}, failed{"bad_record", "\xff\xff is no record"})
}

func TestALivePostIsStoredWhileAnArchiveDrains(t *testing.T) {
	r := newRig(t)
	const archive = 100
	for n := range archive {
		r.publish(bus.LaneArchive, post(n))
	}
	h := r.proxy.holdInserts()
	var inserts, before atomic.Int64
	h.each = func(body string) { // one batch at a time is inserted
		if strings.Contains(body, wireKey(keyOf(archive))) {
			before.Store(inserts.Load())
		}
		inserts.Add(1)
	}
	cfg := quick()
	cfg.BatchRows = 1
	run := r.start(cfg)
	for range 5 {
		h.next(t)
	}
	r.publish(bus.LaneLive, post(archive))
	eventually(t, "the live post was fetched", func() bool {
		lag, err := r.bus.Conn.Lag(r.within())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(lag.Durables, func(d bus.DurableLag) bool { return d.Durable == bus.RecorderLive && d.AckPending == 1 })
	})
	h.open()
	run.awaitAcked(archive + 1)
	// Before it are what was inserted, and what was on its way: one being
	// inserted, one waiting for that, one handed on.
	if n := before.Load(); n > 12 {
		t.Errorf("%d of %d archive batches were stored before the live post", n, archive)
	}
	r.wantPosts(0, archive+1)
}

func TestRunSaysThatNothingIsProvisioned(t *testing.T) {
	server, err := embedded.StartNATS(embedded.NATSConfig{Dir: t.TempDir(), Token: "a token", MaxStore: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	defer cancel()
	defer server.Close(ctx)
	conn, err := bus.Connect(ctx, bus.Config{InProcess: server.InProcess(), Name: "recorder", Token: "a token"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	service := recorder.New(quick(), recorder.Deps{Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Conn: conn})
	if err := service.Run(ctx); !errors.Is(err, bus.ErrNotProvisioned) {
		t.Errorf("error %v, want one that names the provisioner", err)
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	if err := recorder.Defaults().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := recorder.Config{BatchWait: never}.Validate()
	for _, key := range []string{"batch_rows", "batch_wait", "insert_timeout"} {
		if !strings.Contains(fmt.Sprint(err), key+":") {
			t.Errorf("error %v does not name %s", err, key)
		}
	}
}
