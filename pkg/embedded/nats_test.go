package embedded

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func startNATS(t *testing.T, cfg NATSConfig) *NATS {
	t.Helper()
	n, err := StartNATS(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func connectNATS(t *testing.T, n *NATS, options ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(n.URL(), append([]nats.Option{nats.Token(n.Token())}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestStreamsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	n := startNATS(t, NATSConfig{Dir: dir, MaxStore: 4 << 30})
	js := connectNATS(t, n)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, MaxBytes: 3 << 30}); err != nil {
		t.Fatal(err)
	}
	batch := bytes.Repeat([]byte("x"), 1<<20)
	for range 3 {
		if _, err := js.Publish(t.Context(), "s.a", batch); err != nil {
			t.Fatal(err)
		}
	}
	js.Conn().Close()
	closeAll(t, n.Close)

	// The limit may be lower the next time, when the disk has become full.
	n = startNATS(t, NATSConfig{Dir: dir, MaxStore: 1 << 30})
	js = connectNATS(t, n, nats.InProcessServer(n.InProcess()))
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if info := stream.CachedInfo(); info.State.Msgs != 3 {
		t.Errorf("got %d messages, want 3", info.State.Msgs)
	}
	if _, err := js.Publish(t.Context(), "s.a", batch); err != nil {
		t.Error(err)
	}
	js.Conn().Close()
	closeAll(t, n.Close)
}

func TestNATSWantsItsToken(t *testing.T) {
	n := startNATS(t, NATSConfig{Dir: t.TempDir()})
	defer closeAll(t, n.Close)
	for name, options := range map[string][]nats.Option{
		"none":    nil,
		"another": {nats.Token("another")},
	} {
		if nc, err := nats.Connect(n.URL(), options...); err == nil {
			nc.Close()
			t.Errorf("%s: connected", name)
		}
	}
	if !strings.HasPrefix(n.URL(), "nats://127.0.0.1:") {
		t.Errorf("got %s, want a loopback address", n.URL())
	}
}

func TestNATSSyncsEveryMessage(t *testing.T) {
	n := startNATS(t, NATSConfig{Dir: t.TempDir()})
	defer closeAll(t, n.Close)
	if c := n.server.JetStreamConfig(); !c.SyncAlways || c.MaxStore < 1<<30 {
		t.Errorf("got sync always %v and %d bytes", c.SyncAlways, c.MaxStore)
	}
}

func TestNATSRefusesImpossibleConfigurations(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]NATSConfig{
		"no folder":       {},
		"a file":          {Dir: file},
		"every interface": {Dir: t.TempDir(), Listen: "0.0.0.0:0"},
		"no port":         {Dir: t.TempDir(), Listen: "127.0.0.1"},
	} {
		n, err := StartNATS(cfg)
		if err == nil {
			closeAll(t, n.Close)
			t.Errorf("%s: started", name)
		} else if strings.Contains(err.Error(), file) {
			t.Errorf("%s: the error holds a path: %v", name, err)
		}
	}
}

func TestNATSLogsNoPayload(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n := startNATS(t, NATSConfig{Dir: t.TempDir(), Log: log})
	js := connectNATS(t, n)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "s.a", []byte("canary")); err != nil {
		t.Fatal(err)
	}
	js.Conn().Close()
	closeAll(t, n.Close)
	if strings.Contains(out.String(), "canary") {
		t.Errorf("got %s", out.String())
	}
}

// After a kill the index is older than the blocks. The server reads the blocks,
// and nobody is to be frightened.
func TestAnIndexFromBeforeAKillIsNoWarning(t *testing.T) {
	dir := t.TempDir()
	index := filepath.Join(dir, "jetstream", "$G", "streams", "S", "msgs", "index.db")
	var out bytes.Buffer
	live := func() {
		n := startNATS(t, NATSConfig{Dir: dir, Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))})
		js := connectNATS(t, n)
		s, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}})
		if err == nil {
			_, err = js.Publish(t.Context(), "s.a", []byte("x"))
		}
		if err == nil {
			_, err = s.GetMsg(t.Context(), 1)
		}
		if err != nil {
			t.Fatal(err)
		}
		js.Conn().Close()
		closeAll(t, n.Close)
	}
	live()
	old, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	live()
	if err := os.WriteFile(index, old, 0o600); err != nil {
		t.Fatal(err)
	}
	live()
	if out.Len() > 0 {
		t.Errorf("got %s", out.String())
	}
}
