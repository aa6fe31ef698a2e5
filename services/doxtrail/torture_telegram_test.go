//go:build torture

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// liveWorld does in the channels of a Telegram what people do: posts, albums,
// edits and deletions, at random, until it is stopped.
type liveWorld struct {
	s   *liveStudy
	rnd *rand.Rand

	mu sync.Mutex
	// ids are the posts of each channel that are there, items the further items of
	// albums.
	ids   [][]int
	items map[int64]map[int]bool
}

func newLiveWorld(s *liveStudy, seed uint64, history int) *liveWorld {
	w := &liveWorld{s: s, rnd: rand.New(rand.NewPCG(seed, 3)), ids: make([][]int, len(s.channels)), items: map[int64]map[int]bool{}}
	for i, c := range s.channels {
		w.items[c.ID()] = map[int]bool{}
		for range history {
			w.post(i)
		}
	}
	return w
}

func (w *liveWorld) text() string {
	return fmt.Sprintf("%d see https://harbour-leaks.example/card/%d", w.rnd.Uint64(), w.rnd.IntN(50))
}

func (w *liveWorld) post(i int) {
	c := w.s.channels[i]
	if w.rnd.IntN(12) == 0 {
		ids := c.PostAlbum(listOf(fake.Text(w.text()), fake.Text(""), fake.Text("")))
		for _, id := range ids[1:] {
			w.items[c.ID()][id] = true
		}
		return // albums are left as they are: an item that goes is no deletion of a post
	}
	w.ids[i] = append(w.ids[i], c.Post(fake.Text(w.text())))
}

func listOf[T any](values ...T) []T { return values }

// act does one thing.
func (w *liveWorld) act() {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.rnd.IntN(len(w.s.channels))
	c, ids := w.s.channels[i], w.ids[i]
	switch n := w.rnd.IntN(100); {
	case n < 65 || len(ids) < 20:
		w.post(i)
	case n < 85:
		c.EditText(ids[w.rnd.IntN(len(ids))], w.text())
	default:
		at := w.rnd.IntN(len(ids))
		c.Delete(ids[at])
		w.ids[i] = slices.Delete(ids, at, at+1)
	}
}

// run acts until ctx ends.
func (w *liveWorld) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.act()
		time.Sleep(time.Duration(5+w.rnd.IntN(60)) * time.Millisecond)
	}
}

// trouble is what Telegram and the network do meanwhile.
func (w *liveWorld) trouble(rnd *rand.Rand) {
	switch rnd.IntN(6) {
	case 0, 1:
		w.s.fake.Cut()
	case 2:
		w.s.fake.Refuse(true)
		w.s.fake.Cut()
		time.Sleep(time.Duration(rnd.IntN(400)) * time.Millisecond)
		w.s.fake.Refuse(false)
	case 3:
		methods := []string{"updates.getChannelDifference", "messages.getHistory", "channels.getMessages"}
		w.s.fake.FloodWait(methods[rnd.IntN(len(methods))], 1)
	}
}

// judge waits until the tables hold what was served, and then looks at how it was
// asked for.
func (w *liveWorld) judge(t *testing.T, patience time.Duration) {
	t.Helper()
	var faults []string
	var lost int
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(time.Second) {
		if faults, lost = w.s.missing(w.s.rows(), w.items); len(faults) == 0 {
			break
		}
	}
	var st status
	if err := json.Unmarshal([]byte(w.s.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.Failed > 0 {
		t.Errorf("%d records failed", st.Failed)
	}
	for _, f := range faults[:min(len(faults), 20)] {
		t.Error(f)
	}
	if n := len(faults); n > 20 {
		t.Errorf("and %d more", n-20)
	}
	posts, edits, deletions := 0, 0, 0
	for _, truth := range w.s.fake.Truth() {
		posts += len(truth.Posts)
		for _, e := range truth.Events {
			switch e.Kind {
			case fake.Edited:
				edits++
			case fake.Deleted:
				deletions += len(e.IDs)
			}
		}
	}
	t.Logf("%d messages, %d edits, %d deletions, %d posts came and went unread, %d calls, %d faults", posts, edits, deletions, lost, len(w.s.fake.Calls()), len(faults))
	for _, f := range tooFast(w.s.fake.Calls(), func(c fake.Call) (string, time.Time) { return c.Method, c.At }, liveRates()) {
		t.Error(f)
	}
	if n := w.s.fake.EarlyCalls(); n > 0 {
		t.Errorf("%d calls before a flood wait was over", n)
	}
	if n := w.s.fake.Simultaneous(); n > 0 {
		t.Errorf("the session was used %d times from two places", n)
	}
}

// accesses finds the two functions of a race report that touched the same memory.
var accesses = regexp.MustCompile(`(?m)^ *(?:Previous )?(?:[Ww]rite|[Rr]ead) at .*:\n(?: *runtime\..*\n.*\n)* *(\S+)`)

// ourRace says whether the race detector found one that is not the library's own:
// gotd 0.150 starts to wait for the calls of a connection that is closed while the
// connection makes its first one. Nothing is lost by it.
func ourRace(stderr string) bool {
	for _, report := range strings.Split(stderr, "WARNING: DATA RACE")[1:] {
		found := accesses.FindAllStringSubmatch(report, 2)
		if len(found) < 2 || slices.ContainsFunc(found, func(m []string) bool { return !strings.HasPrefix(m[1], "github.com/gotd/td/") }) {
			return true
		}
	}
	return false
}

// theirRace says whether a process ended with the race detector's exit code alone.
func theirRace(r result) bool { return strings.Contains(r.stderr, "DATA RACE") && r.code == 66 }

// tooFast plays the calls through the token bucket of each method. A call reaches
// the fake a little later than it was allowed, so that two may come closer: by one
// turn at most.
func tooFast[Call any](calls []Call, of func(Call) (method string, at time.Time), rates map[string]liveRate) (faults []string) {
	for method, rate := range rates {
		full := float64(rate.burst + 1)
		tokens, last := full, time.Time{}
		for _, call := range calls {
			called, at := of(call)
			if called != method {
				continue
			}
			if !last.IsZero() {
				tokens = min(full, tokens+float64(at.Sub(last))/float64(rate.every))
			}
			last = at
			if tokens--; tokens < 0 {
				faults = append(faults, fmt.Sprintf("%s was called faster than its rate allows, at %s", method, at.Format(time.StampMicro)))
				break
			}
		}
	}
	return faults
}

func liveSeed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SEED=%d", seed)
	return seed
}

func numberFrom(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTortureTelegramKills kills the process that collects, with everything else in
// it, KILLS times at random points.
func TestTortureTelegramKills(t *testing.T) {
	seed := liveSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 4))
	s := newLive(t, harbours(4)...)
	w := newLiveWorld(s, seed, 150)
	s.mustLogin()
	acting, stopActing := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.run(acting) }()
	for range numberFrom(t, "KILLS", 50) {
		cmd := s.command(context.WithoutCancel(t.Context()), "up")
		var stderr syncBuffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if rnd.IntN(5) > 0 { // else it is killed while it starts
			s.eventually("it collects", func() bool { return strings.Contains(stderr.String(), "msg=collecting") })
		}
		for range rnd.IntN(4) {
			time.Sleep(time.Duration(rnd.IntN(700)) * time.Millisecond)
			w.trouble(rnd)
		}
		time.Sleep(time.Duration(rnd.IntN(500)) * time.Millisecond)
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		if text := stderr.String(); ourRace(text) || strings.Contains(text, "panic") {
			t.Fatalf("it reported:\n%s", text)
		}
	}
	stopActing()
	<-done
	stop := s.up()
	w.judge(t, 2*time.Minute)
	if r := stop(); r.code != exitDone && !theirRace(r) || ourRace(r.stderr) {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

// TestTortureTelegramApart takes NATS away for a minute, then ClickHouse, and kills
// the collector in between, with every service a process of its own.
func TestTortureTelegramApart(t *testing.T) {
	seed := liveSeed(t)
	dir := t.TempDir()
	list := liveOn(&testStudy{t: t, dir: dir, temp: dir}, harbours(3)...)
	if _, err := privacy.CreateRing(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	defer func(before time.Duration) { hardLimit = before }(hardLimit)
	hardLimit = 15 * time.Minute
	r, err := newApart(t, &world{dir: dir}, seed)
	t.Cleanup(r.killAll)
	if err != nil {
		t.Fatal(err)
	}
	ctx := r.ctx
	s := &liveStudy{testStudy: r.testStudy, fake: list.fake, channels: list.channels}
	for _, name := range []string{"api_hash", "server.pem", "watchlist.yaml"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(b))
	}
	config, err := os.ReadFile(s.path("doxtrail.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(s.settings(), "watchlist: watchlist.yaml\n", "", 1)
	s.write("doxtrail.yaml", string(config)+own)
	w := newLiveWorld(s, seed, 100)
	s.mustLogin()
	r.runService("collector-telegram")
	acting, stopActing := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.run(acting) }()
	rnd := rand.New(rand.NewPCG(seed, 5))
	away := time.Duration(numberFrom(t, "AWAY", 60)) * time.Second
	for _, server := range []string{"nats", "clickhouse"} {
		r.pause(3 * time.Second)
		r.current(server).kill(ctx)
		for until := time.Now().Add(away); time.Now().Before(until); {
			r.pause(time.Duration(500+rnd.IntN(5000)) * time.Millisecond)
			w.trouble(rnd)
			if rnd.IntN(3) == 0 {
				r.current("collector-telegram").kill(ctx)
				r.runService("collector-telegram")
			}
		}
		if err := r.serveApart(server); err != nil {
			t.Fatal(err)
		}
	}
	r.pause(5 * time.Second)
	stopActing()
	<-done
	if r.current("collector-telegram") == nil {
		r.runService("collector-telegram")
	}
	w.judge(t, 3*time.Minute)
	for _, p := range r.all {
		if text := p.stderr.String(); ourRace(text) {
			t.Errorf("%s reported:\n%s", p.name, text)
		}
	}
}
