//go:build torture

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// hurried is a collector of X for which an hour is a second.
const hurried = `  timelines: {poll: 2s}
  search: {poll: 2s}
  repoll: [1s, 3s, 10s]
  second_look: 2s
  compliance: {every: 3s}
  shares: {stages: [1s, 4s, 12s]}
`

// twitterWorld does on an X what people do, at random, until it is stopped: watched
// accounts and passers-by post, pass on, edit, delete, hide and come back.
type twitterWorld struct {
	s   *twitterStudy
	rnd *rand.Rand

	mu sync.Mutex
	// ids are posts that are there, by whom does not matter; hidden are accounts that
	// are protected or suspended, with what brings each back.
	ids    []string
	hidden map[string]func()
	// logs is everything that processes wrote.
	logs strings.Builder
}

// passers are accounts that nobody watches; they link to what is watched.
const passers = 4

func newTwitterWorld(s *twitterStudy, seed uint64, history int) *twitterWorld {
	w := &twitterWorld{s: s, rnd: rand.New(rand.NewPCG(seed, 6)), hidden: map[string]func(){}}
	for i := range passers {
		s.fake.Account(fake.AccountSpec{Username: fmt.Sprintf("passer_%d", i)})
	}
	for range history {
		w.post()
	}
	return w
}

func (w *twitterWorld) text() string {
	return fmt.Sprintf("%d see https://harbour-leaks.example/card/%d", w.rnd.Uint64(), w.rnd.IntN(50))
}

func (w *twitterWorld) account() string {
	if w.rnd.IntN(2) == 0 {
		return fmt.Sprintf("passer_%d", w.rnd.IntN(passers))
	}
	return w.s.handles[w.rnd.IntN(len(w.s.handles))]
}

func (w *twitterWorld) any() string { return w.ids[w.rnd.IntN(len(w.ids))] }

func (w *twitterWorld) post() { w.ids = append(w.ids, w.s.fake.Post(w.account(), w.text())) }

// act does one thing.
func (w *twitterWorld) act() {
	w.mu.Lock()
	defer w.mu.Unlock()
	x := w.s.fake
	switch n := w.rnd.IntN(100); {
	case n < 50 || len(w.ids) < 20:
		w.post()
	case n < 60:
		at := w.rnd.IntN(len(w.ids))
		w.ids[at] = x.Edit(w.ids[at], w.text())
	case n < 72:
		x.Repost(w.account(), w.any())
	case n < 78:
		w.ids = append(w.ids, x.Quote(w.account(), w.any(), w.text()))
	case n < 84:
		w.ids = append(w.ids, x.Reply(w.account(), w.any(), w.text()))
	case n < 95:
		at := w.rnd.IntN(len(w.ids))
		x.Delete(w.ids[at])
		w.ids = slices.Delete(w.ids, at, at+1)
	case n < 97:
		x.Withhold(w.any(), "HK")
	default:
		w.hide(fmt.Sprintf("passer_%d", w.rnd.IntN(passers)))
	}
}

// hide protects or suspends an account, or ends that.
func (w *twitterWorld) hide(account string) {
	if back := w.hidden[account]; back != nil {
		back()
		delete(w.hidden, account)
		return
	}
	if w.rnd.IntN(2) == 0 {
		w.s.fake.Protect(account)
		w.hidden[account] = func() { w.s.fake.Unprotect(account) }
		return
	}
	w.s.fake.Suspend(account)
	w.hidden[account] = func() { w.s.fake.Restore(account) }
}

// run acts until ctx ends.
func (w *twitterWorld) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.act()
		time.Sleep(time.Duration(5+w.rnd.IntN(80)) * time.Millisecond)
	}
}

// trouble is what X and the network do meanwhile.
func (w *twitterWorld) trouble(rnd *rand.Rand) {
	x, methods := w.s.fake, []string{"search.recent", "posts", "timeline", "quotes", "reposts", "rules.read", "compliance", "stream", ""}
	method := methods[rnd.IntN(len(methods))]
	nap := time.Duration(rnd.IntN(400)) * time.Millisecond
	switch rnd.IntN(14) {
	case 0, 1:
		x.CutStream()
	case 2:
		x.EndStream()
	case 3:
		kinds := fake.Disconnects()
		x.Disconnect(kinds[rnd.IntN(len(kinds))])
	case 4:
		release := x.StallStream()
		time.Sleep(nap)
		release()
	case 5:
		x.CutMessage()
	case 6:
		x.TooMany(method, 1, fake.Reset{In: time.Second})
	case 7:
		x.Fail(method, http.StatusServiceUnavailable, 1+rnd.IntN(2))
	case 8:
		x.HTML(method, http.StatusBadGateway, 1)
	case 9:
		x.Half("search.recent", 1)
		x.EmptyPages(1)
	case 10:
		x.Refuse(true)
		x.CutStream()
		time.Sleep(nap)
		x.Refuse(false)
	case 11:
		x.DuplicateDelivery(3)
		x.BigMessage(80 << 10)
	case 12:
		x.PartialErrors(2)
	default:
		x.Drop(method, 1)
	}
}

// TestTortureTwitterKills kills the process that collects, with everything else in
// it, KILLS times at random points.
func TestTortureTwitterKills(t *testing.T) {
	seed := liveSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 7))
	s := newTwitter(t, fake.Options{PageLimit: 25}, quays(3)...)
	s.more = hurried
	s.write("doxtrail.yaml", "data: data\nkeys: keys\nlog_level: debug\n"+s.settings())
	w := newTwitterWorld(s, seed, 150)
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
		w.logs.WriteString(stderr.String())
		if text := stderr.String(); ourRace(text) || strings.Contains(text, "panic") {
			t.Fatalf("it reported:\n%s", text)
		}
	}
	stopActing()
	<-done
	w.calm()
	stop := s.up()
	w.judge(t, 3*time.Minute)
	r := stop()
	w.logs.WriteString(r.stderr)
	if r.code != exitDone || ourRace(r.stderr) {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
	w.readable(t)
}

// calm ends what goes wrong.
func (w *twitterWorld) calm() {
	w.s.fake.EmptyPages(0)
	for method := range fake.Rates() {
		w.s.fake.Clear(method)
	}
	w.s.fake.Clear("")
}

// TestTortureTwitterApart takes NATS away for a minute, then ClickHouse, and kills
// the collector in between, with every service a process of its own.
func TestTortureTwitterApart(t *testing.T) {
	seed := liveSeed(t)
	dir := t.TempDir()
	first := twitterOn(&testStudy{t: t, dir: dir, temp: dir}, fake.Options{PageLimit: 25}, quays(3)...)
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
	s := *first
	s.testStudy, s.more = r.testStudy, hurried
	for _, name := range []string{"x-token", "watchlist.yaml"} {
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
	s.write("doxtrail.yaml", string(config)+s.section())
	w := newTwitterWorld(&s, seed, 100)
	w.apart(t, r, rand.New(rand.NewPCG(seed, 8)))
}

// apart is the torture where every service is a process of its own.
func (w *twitterWorld) apart(t *testing.T, r *tortured, rnd *rand.Rand) {
	const follows = "collector-twitter"
	r.runService(follows)
	acting, stopActing := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.run(acting) }()
	away := time.Duration(numberFrom(t, "AWAY", 60)) * time.Second
	for _, server := range []string{"nats", "clickhouse"} {
		r.pause(3 * time.Second)
		r.current(server).kill(r.ctx)
		for until := time.Now().Add(away); time.Now().Before(until); {
			r.pause(time.Duration(500+rnd.IntN(5000)) * time.Millisecond)
			w.trouble(rnd)
			if p := r.current(follows); p == nil || rnd.IntN(3) == 0 {
				if p != nil {
					p.kill(r.ctx)
				}
				r.runService(follows)
			}
		}
		if err := r.serveApart(server); err != nil {
			t.Fatal(err)
		}
	}
	r.pause(5 * time.Second)
	stopActing()
	<-done
	w.calm()
	if r.current(follows) == nil {
		r.runService(follows)
	}
	w.judge(t, 4*time.Minute)
	for _, p := range r.all {
		w.logs.WriteString(p.stderr.String())
		if text := p.stderr.String(); ourRace(text) {
			t.Errorf("%s reported:\n%s", p.name, text)
		}
	}
	w.readable(t)
}
