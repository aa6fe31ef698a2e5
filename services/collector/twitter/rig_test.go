package twitter

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/config"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// gatekeeper is as much of X as shows whether a token is accepted: it says what was
// used, or answers with a status.
type gatekeeper struct {
	*httptest.Server

	mu     sync.Mutex
	token  string
	status int
	body   string // with status
	posts  string // what search answers
	used   int
	calls  int
}

func newGatekeeper(t *testing.T) *gatekeeper {
	t.Helper()
	g := &gatekeeper{token: "token-1"}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gatekeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	w.Header().Set("Content-Type", "application/json")
	switch {
	case g.status != 0:
		w.WriteHeader(g.status)
		_, _ = w.Write([]byte(g.body))
	case r.Header.Get("Authorization") != "Bearer "+g.token:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"status":401,"type":"about:blank"}`))
	case r.URL.Path == "/2/usage/tweets":
		_, _ = fmt.Fprintf(w, `{"data":{"project_cap":"3000000","project_usage":"%d","cap_reset_day":1,"project_id":"1"}}`, g.used)
	case r.URL.Path == "/2/tweets/search/recent":
		_, _ = w.Write([]byte(g.posts))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// answers says how every call is answered from now on; 0 is as it should be.
func (g *gatekeeper) answers(status int, body string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status, g.body = status, body
}

func (g *gatekeeper) accepts(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.token = token
}

func (g *gatekeeper) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// rig is a bus and a collector that asks a gatekeeper.
type rig struct {
	t    *testing.T
	x    *gatekeeper
	bus  *bustest.Server
	cfg  Config
	deps Deps
	log  *logged
	// legs are those of the test; nil are the collector's own.
	legs func(*app) []leg
	// dialer is how the collector reaches the bus; nil is straight.
	dialer bus.Dialer
	// patience is how long eventually waits; 0 is bustest.Patience.
	patience time.Duration

	collector *Collector
	stop      func()

	// effective is the watch list in force, and published what of it is known of the bus.
	effective *watchlist.Effective
	published bus.Published
}

func newRig(t *testing.T) *rig {
	t.Helper()
	t.Parallel()
	r := &rig{t: t, x: newGatekeeper(t), bus: bustest.New(t), log: &logged{}, stop: func() {}}
	r.cfg = good()
	r.cfg.APIURL, r.cfg.BearerTokenFile = r.x.URL, filepath.Join(t.TempDir(), "token")
	r.cfg.pauses = pauses{
		look: 10 * time.Millisecond, refused: time.Hour, park: 20 * time.Millisecond, parkLimit: 100 * time.Millisecond,
		retryLimit: 200 * time.Millisecond, report: 20 * time.Millisecond, lease: 600 * time.Millisecond, usage: 20 * time.Millisecond, first: bustest.Patience,
	}
	r.cfg.Stream.On, r.cfg.Search.On = false, false // the gatekeeper has neither
	r.cfg.Rates = map[string]Rate{}
	for _, method := range methods() {
		r.cfg.Rates[method] = Rate{Every: 5 * time.Millisecond, Burst: 2}
	}
	// Without the scrubber: nothing to scrub is to reach the log.
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.deps = Deps{Log: log, Key: stateKey(t), LegalBasis: config.LegalBasis{
		Controller: "University of Example", Ground: "research", Reference: "ethics 1/2026", Expires: time.Now().AddDate(1, 0, 0).Format(time.DateOnly),
	}}
	r.token("token-1", 0o600)
	keys, err := r.bus.Conn.PublicKeys(r.within())
	if err == nil {
		err = keys.PutRaw(r.within(), r.bus.Raw.PublicKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop() })
	return r
}

// token puts a token into its file, whole.
func (r *rig) token(token string, mode os.FileMode) {
	r.t.Helper()
	next := r.cfg.BearerTokenFile + ".next"
	err := os.WriteFile(next, []byte(token+"\n"), mode)
	if err == nil {
		err = os.Chmod(next, mode)
	}
	if err == nil {
		err = os.Rename(next, r.cfg.BearerTokenFile)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// start starts a collector, as another process would be.
func (r *rig) start() {
	r.t.Helper()
	r.deps.Registry = prometheus.NewRegistry()
	r.deps.Conn = r.connect()
	r.collector = New(r.cfg, r.deps)
	if r.legs != nil {
		r.collector.legs = r.legs
	}
	r.stop = servicetest.Background(r.t, r.collector.Run)
}

// connect connects to the bus as the collector.
func (r *rig) connect() *bus.Conn {
	r.t.Helper()
	if r.dialer == nil {
		return r.bus.Connect(Name)
	}
	conn, err := bus.Connect(r.within(), bus.Config{InProcess: r.dialer, Name: Name, Token: r.bus.Token()})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close(r.within()) })
	return conn
}

func (r *rig) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bustest.Patience)
	r.t.Cleanup(cancel)
	return ctx
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(r.patience, bustest.Patience))
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("waited in vain until %s\n%s", what, r.log)
		}
	}
}

// state waits until the collector is in a state and says why.
func (r *rig) state(want State, why string) {
	r.t.Helper()
	r.eventually("the collector is "+string(want)+": "+why, func() bool {
		r.collector.mu.Lock()
		defer r.collector.mu.Unlock()
		return r.collector.state == want && strings.Contains(r.collector.why, why)
	})
	if err := r.collector.Ready(); (err == nil) != (want == StateCollecting) {
		r.t.Errorf("ready says %v in state %s", err, want)
	}
}

// reports waits until the report that another process reads is as it should be.
func (r *rig) reports(what string, ok func(Report) bool) {
	r.t.Helper()
	r.eventually("the report shows "+what, func() bool {
		report, found, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		if err != nil {
			r.t.Fatal(err)
		}
		return found && ok(report)
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

// scripted is a leg that does what a test says, once for each run.
type scripted struct {
	word string
	do   func(ctx context.Context, run int) error

	runs int
}

func (s *scripted) name() string { return s.word }

func (s *scripted) run(ctx context.Context) error {
	s.runs++
	return s.do(ctx, s.runs)
}

// untilTold is a leg that goes on.
func untilTold(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
