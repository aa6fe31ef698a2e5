package embedded

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestAServerThatCouldNotWriteTakesMessagesAgain puts a file where the next block
// of a stream is to be written, as a disk without room does, and takes it away.
func TestAServerThatCouldNotWriteTakesMessagesAgain(t *testing.T) {
	dir := t.TempDir()
	var room atomic.Int64
	n := startNATS(t, NATSConfig{Dir: dir, room: room.Load})
	defer closeAll(t, n.Close)
	js := connectNATS(t, n, nats.InProcessServer(n.InProcess()), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	// The least size of a block, so that many are begun.
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, MaxBytes: 100_000, Discard: jetstream.DiscardOld}); err != nil {
		t.Fatal(err)
	}
	url := n.URL()
	text := bytes.Repeat([]byte("x"), 1000)
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := js.Publish(ctx, "s.a", text, jetstream.WithRetryAttempts(0))
		return err
	}
	blocks := filepath.Join(dir, "jetstream", "$G", "streams", "S", "msgs")
	if err := os.Rename(blocks, blocks+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blocks, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	acked := 0
	for publish() == nil { // the last waits in vain for its answer
		if acked++; acked > 1000 {
			t.Fatal("it writes without a place to write")
		}
	}
	if n.healthy() {
		t.Error("a server that cannot write says that it is healthy")
	}
	if err := os.Remove(blocks); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(blocks+".away", blocks); err != nil {
		t.Fatal(err)
	}
	room.Store(reviveRoom)
	for deadline := time.Now().Add(30 * time.Second); publish() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("it takes nothing any more")
		}
	}
	if n.URL() != url || n.server.ClientURL() != url {
		t.Errorf("it moved from %s to %s", url, n.server.ClientURL())
	}
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if last := stream.CachedInfo().State.LastSeq; last <= uint64(acked) {
		t.Errorf("%d messages were acknowledged before, the last of all is %d", acked, last)
	}
}

// A machine that is busy for a millisecond has lost no disk, and its server is not
// started anew, which would cut everybody off.
func TestABusyMachineIsNoDiskThatCannotBeWrittenTo(t *testing.T) {
	for _, tc := range []struct {
		types []natsserver.HealthZErrorType
		want  bool
	}{
		{nil, true},
		{[]natsserver.HealthZErrorType{natsserver.HealthzErrorConn}, true},
		{[]natsserver.HealthZErrorType{natsserver.HealthzErrorStream}, false},
		{[]natsserver.HealthZErrorType{natsserver.HealthzErrorJetStream}, false},
		{[]natsserver.HealthZErrorType{natsserver.HealthzErrorConn, natsserver.HealthzErrorStream}, false},
	} {
		health := &natsserver.HealthStatus{Status: "error"}
		for _, kind := range tc.types {
			health.Errors = append(health.Errors, natsserver.HealthzError{Type: kind})
		}
		if got := canWrite(health); got != tc.want {
			t.Errorf("with %v it can write: %t", tc.types, got)
		}
	}
}
