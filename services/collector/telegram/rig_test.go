package telegram

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// rig is a Telegram, a bus, and a collector between them that is started and
// stopped at will.
type rig struct {
	t    *testing.T
	fake *fake.Server
	bus  *bustest.Server
	ring *privacy.Ring
	cfg  Config
	deps Deps
	log  *logged
	raw  *raw

	// patience is how long anything may take.
	patience time.Duration

	list      watchlist.List
	effective *watchlist.Effective
	published bus.Published

	collector *Collector
	stop      func()
}

// newRig has a logged-in session and follows nothing yet. Most of what tests of a
// collector do is to wait, so they do it side by side.
func newRig(t *testing.T, options fake.Options) *rig {
	t.Helper()
	t.Parallel()
	return newRigAlone(t, options)
}

// newRigAlone is for a test that measures.
func newRigAlone(t *testing.T, options fake.Options) *rig {
	t.Helper()
	server, err := fake.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ring, err := privacy.CreateRing(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, fake: server, bus: bustest.New(t), ring: ring, log: &logged{}, stop: func() {}, patience: bustest.Patience}
	keys, err := r.bus.Conn.PublicKeys(r.within())
	if err == nil {
		err = keys.PutRaw(r.within(), r.bus.Raw.PublicKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	r.cfg = r.config(dir)
	// Without the scrubber: nothing to scrub is to reach the log.
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.deps = Deps{Log: log, Key: ring.StateKey(), LegalBasis: config.LegalBasis{
		Controller: "University of Example", Ground: "research", Reference: "ethics 1/2026", Expires: time.Now().AddDate(1, 0, 0).Format(time.DateOnly),
	}}
	r.login()
	r.raw = r.read()
	t.Cleanup(func() { r.stop() })
	return r
}

// config is quick where the real thing is polite.
func (r *rig) config(dir string) Config {
	r.t.Helper()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			r.t.Fatal(err)
		}
		return path
	}
	cfg := Defaults()
	cfg.APIID, cfg.APIHashFile = 1, write("hash", []byte("0123456789abcdef0123456789abcdef\n"))
	cfg.TermsBasis = "written_approval"
	cfg.SessionFile = filepath.Join(dir, "telegram.session")
	cfg.Poll = 100 * time.Millisecond
	cfg.Repoll = []time.Duration{time.Hour, 24 * time.Hour}
	cfg.Server = ServerConfig{DC: r.fake.DC(), Address: r.fake.Address(), PublicKeyFile: write("key.pem", r.fake.PublicKeyPEM())}
	cfg.pauses = pauses{
		look: 20 * time.Millisecond, park: 50 * time.Millisecond, parkLimit: 200 * time.Millisecond, handle: 50 * time.Millisecond, handleLimit: 200 * time.Millisecond, frozen: time.Hour, twice: 100 * time.Millisecond,
		retryLimit: 200 * time.Millisecond, report: 20 * time.Millisecond, lease: 600 * time.Millisecond,
	}
	cfg.Rates = map[string]Rate{}
	for method := range cfg.rules() {
		cfg.Rates[method] = Rate{Every: 5 * time.Millisecond, Burst: 2}
	}
	return cfg
}

// login puts a session of the fake's account into the session file.
func (r *rig) login() {
	r.t.Helper()
	storage, err := r.fake.Session(r.within())
	if err != nil {
		r.t.Fatal(err)
	}
	plain, err := storage.Bytes(nil)
	if err == nil {
		err = (&sessionFile{path: r.cfg.SessionFile, key: r.deps.Key}).begin(plain)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// watch puts channels on the watch list.
func (r *rig) watch(channels ...watchlist.Channel) {
	r.t.Helper()
	r.list.Channels = append(r.list.Channels, channels...)
	r.publish()
}

// publish puts the watch list into force.
func (r *rig) publish() {
	r.t.Helper()
	if err := r.list.Validate(); err != nil {
		r.t.Fatal(err)
	}
	r.effective, _ = watchlist.Next(r.effective, &r.list)
	sealed, err := r.effective.Seal(r.deps.Key)
	if err != nil {
		r.t.Fatal(err)
	}
	bucket, err := r.bus.Conn.Watchlist(r.within())
	if err == nil {
		r.published, err = bucket.Store(r.within(), r.published, r.effective.Generation, sealed)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func byName(label, name string) watchlist.Channel {
	return watchlist.Channel{Label: label, Platform: "telegram", Name: name}
}

// start starts a collector, as another process would be.
func (r *rig) start() {
	r.t.Helper()
	r.deps.Registry = prometheus.NewRegistry()
	r.deps.Conn = r.bus.Connect(Name)
	r.collector = New(r.cfg, r.deps)
	r.stop = servicetest.Background(r.t, r.collector.Run)
}

func (r *rig) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	r.t.Cleanup(cancel)
	return ctx
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("waited in vain until %s\n%s\n%s", what, r.raw, r.log)
		}
	}
}

// state waits until the collector is in a state.
func (r *rig) state(want State) {
	r.t.Helper()
	r.eventually("the collector is "+string(want), func() bool {
		r.collector.mu.Lock()
		defer r.collector.mu.Unlock()
		return r.collector.state == want
	})
}

// channelState waits until the report says so of a channel.
func (r *rig) channelState(label string, want channelState, why string) {
	r.t.Helper()
	r.eventually(label+" is "+string(want), func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, ch := range report.Channels {
			if ch.Label == label {
				return ch.State == string(want) && strings.Contains(ch.Why, why)
			}
		}
		return false
	})
}

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// text is a message of the fake that says something.
func text(s string) tg.Message { return tg.Message{Message: s} }

// newID numbers channels.
func newID() int64 {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return 3_000_000_000 + int64(b[0])<<16 + int64(b[1])<<8 + int64(b[2])
}

// shelf is where the collector keeps what it must not forget.
func (r *rig) shelf() shelf {
	r.t.Helper()
	bucket, err := r.bus.Conn.Bucket(r.within(), bus.BucketCursors)
	if err != nil {
		r.t.Fatal(err)
	}
	return prefixed{cursor.NewShelf(bucket, r.deps.Key, Name), r.cfg.Account}
}
