package bus_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTopologyIsAsWrittenDown(t *testing.T) {
	streams, durables, buckets := bus.TopologyForTest()
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetIndent("", "  ")
	if err := enc.Encode(map[string]any{"streams": streams, "durables": durables, "buckets": buckets}); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "topology.golden.json")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got.String(), string(want)); diff != "" {
		t.Errorf("topology (-got +want)\n%s", diff)
	}
}

func TestProvisioningTwiceChangesNothing(t *testing.T) {
	s := bustest.New(t)
	created, err := s.Conn.Provision(within(t), bus.ProvisionConfig{
		RawBytes: 1 << 30, RecordsBytes: 1 << 30, FailedBytes: 64 << 20, AdvisoriesBytes: 64 << 20, BucketBytes: 16 << 20,
	})
	if err != nil || len(created) != 0 {
		t.Errorf("created %v: %v", created, err)
	}
	created, err = s.Conn.Provision(within(t), bus.ProvisionConfig{MaxStore: bustest.StoreBytes}) // sizes shrink to the store's
	if err != nil || len(created) != 0 {
		t.Errorf("created %v: %v", created, err)
	}
}

func TestProvisioningRefusesWhatWouldLoseData(t *testing.T) {
	s := bustest.New(t)
	js := s.Conn.JetStream()

	if _, err := s.Conn.Provision(within(t), bus.ProvisionConfig{MaxStore: bustest.StoreBytes, RawBytes: 64 << 30}); !errors.Is(err, bus.ErrMaxStore) {
		t.Errorf("limits beyond the store give %v", err)
	}
	for _, name := range []string{bus.StreamFailed, bus.StreamRaw} {
		if err := js.DeleteStream(within(t), name); err != nil {
			t.Fatal(err)
		}
	}
	small := bus.ProvisionConfig{MaxStore: bustest.StoreBytes}
	if _, err := s.Conn.Provision(within(t), bus.ProvisionConfig{RawBytes: 64 << 30}); !errors.Is(err, bus.ErrMaxStore) {
		t.Errorf("limits beyond the store, which is not known, give %v", err)
	}
	created, err := s.Conn.Provision(within(t), small)
	if diff := cmp.Diff(created, []string{bus.StreamRaw, bus.StreamFailed}); err != nil || diff != "" {
		t.Errorf("created (-got +want)\n%s%v", diff, err)
	}
	if err := js.DeleteStream(within(t), bus.StreamRaw); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(within(t), jetstream.StreamConfig{
		Name: bus.StreamRaw, Subjects: []string{"doxtrail.v1.raw.>"}, MaxBytes: 1 << 20, PersistMode: jetstream.AsyncPersistMode,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Conn.Provision(within(t), small); !errors.Is(err, bus.ErrAsyncPersist) {
		t.Errorf("persist mode async gives %v", err)
	}
}

func TestAStoreThatShowsNoStreamsIsNotFilledAnew(t *testing.T) {
	s := bustest.New(t)
	js := s.Conn.JetStream()
	for name := range js.StreamNames(within(t)).Name() {
		if err := js.DeleteStream(within(t), name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Conn.Provision(within(t), bus.ProvisionConfig{StoreNotEmpty: true}); !errors.Is(err, bus.ErrStoreUnreadable) {
		t.Errorf("got %v", err)
	}
	if created, err := s.Conn.Provision(within(t), bus.ProvisionConfig{MaxStore: bustest.StoreBytes, StoreNotEmpty: true, Recreate: true}); err != nil || len(created) != 9 {
		t.Errorf("created %v: %v", created, err)
	}
}

func TestWhoFindsNothingProvisionedSaysSo(t *testing.T) {
	s := bustest.New(t)
	for _, name := range []string{bus.StreamRaw, bus.StreamRecords, "KV_" + bus.BucketPubkeys, "KV_" + bus.BucketCursors} {
		if err := s.Conn.JetStream().DeleteStream(within(t), name); err != nil {
			t.Fatal(err)
		}
	}
	cfg := bus.ConsumerConfig{Durable: bus.NormaliserLive, Keys: s.Keys(), FailedKey: s.Failed.PublicKey()}
	if _, err := s.Conn.NewConsumer(within(t), cfg); !errors.Is(err, bus.ErrNotProvisioned) {
		t.Errorf("a consumer gives %v", err)
	}
	if _, err := s.Conn.PublicKeys(within(t)); !errors.Is(err, bus.ErrNotProvisioned) {
		t.Errorf("a bucket gives %v", err)
	}
	if _, err := s.Conn.Lag(within(t)); !errors.Is(err, bus.ErrNotProvisioned) {
		t.Errorf("the lag gives %v", err)
	}
	if err := s.Conn.Await(within(t), bus.NormaliserLive, 1); !errors.Is(err, bus.ErrNotProvisioned) {
		t.Errorf("waiting gives %v", err)
	}
}
