package twitter

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// A burst that comes faster than it is read is charged for as it is sent. What waits at
// X and is charged for all the same is beyond the cap, and nothing else is, not even
// while nobody reads.
func TestABurstCostsNoMoreThanTheCapAndWhatWaitsAtX(t *testing.T) {
	for name, tc := range map[string]struct {
		queue int
		away  bool // NATS
	}{"one waits at X": {queue: 1}, "100 wait at X": {queue: 100}, "NATS is away": {queue: 1, away: true}} {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{StreamBuffer: tc.queue, SendBuffer: 16 << 10})
			r.cfg.Budget.MoneyPerMonth, r.cfg.Search.On = "3", false
			r.cfg.pauses.usage = time.Hour // our own meter alone counts
			r.start()
			r.streaming()
			if tc.away {
				r.bus.Stop()
			}
			var posting sync.WaitGroup
			posting.Go(func() {
				for i := range 400 {
					r.fake.Post(fmt.Sprint("invented_", i), seenAt)
				}
			})
			if tc.away {
				r.waitsForNATS()
				r.bus.Restart()
			}
			posting.Wait()
			r.state(StateSpent, "nothing new is read until")
			got := r.fake.Reads()
			cost := 5*got.Posts + 10*got.Users // thousandths of a dollar
			t.Logf("%d posts and %d accounts were charged, $%d.%03d", got.Posts, got.Users, cost/1000, cost%1000)
			// Beside what is in the queue, one waits to get in.
			if most := 3000 + 15*(tc.queue+1); cost > most {
				t.Errorf("X charges %d thousandths of a dollar, want at most %d", cost, most)
			}
			if spent := r.collector.now(r.cfg.clock()).Spending.Money; spent > 3*dollar {
				t.Errorf("the meter has %d millionths of a dollar", spent)
			}
		})
	}
}

// What X may have sent and nobody has read is spent. What X itself ends was read.
func TestWhatIsNotReadWhenTheStreamEndsIsSpent(t *testing.T) {
	whole, one := Cost{Posts: onItsWay, Users: onItsWay}, Cost{Posts: 1, Users: 1}
	for name, tc := range map[string]struct {
		end           error
		heard, behind bool
		came          Cost
		want          Cost
	}{
		"X ends it":                            {&api.Fault{Kind: api.Ended}, true, false, one, Cost{}},
		"X ends it and the reader is behind":   {&api.Fault{Kind: api.Ended}, true, true, one, Cost{}},
		"X says that it ends":                  {&api.Fault{Kind: (&stream{}).kindOf("ForceDisconnect")}, true, true, one, Cost{}},
		"it breaks off before anything came":   {&api.Fault{Kind: api.Network}, false, false, Cost{}, Cost{}},
		"it breaks off in silence":             {&api.Fault{Kind: api.Network}, true, false, Cost{}, one},
		"it breaks off while it goes":          {&api.Fault{Kind: api.Network}, true, false, Cost{Posts: 9, Users: 5}, Cost{Posts: 10, Users: 6}},
		"it breaks off in a flood":             {&api.Fault{Kind: api.Network}, true, false, Cost{Posts: 900, Users: 5}, Cost{Posts: onItsWay, Users: 6}},
		"it breaks off and the reader is slow": {&api.Fault{Kind: api.Network}, true, true, Cost{}, whole},
		"it brings no heartbeat":               {&api.Fault{Kind: api.Stalled}, true, false, Cost{}, one},
		"we are told to stop":                  {context.Canceled, true, false, one, Cost{Posts: 2, Users: 2}},
		"the budget is spent":                  {&Spent{}, true, true, one, whole},
	} {
		s := &stream{purse: &Purse{unread: whole}, lately: lately{while: time.Hour}}
		s.lately.add(time.Now(), tc.came)
		if got := s.unread(tc.end, tc.heard, tc.behind); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestLatelyIsOneToTwoWhiles(t *testing.T) {
	l, at := lately{while: time.Second}, time.Now()
	for _, tc := range []struct {
		after time.Duration
		want  int64
	}{{0, 1}, {999 * time.Millisecond, 2}, {1500 * time.Millisecond, 3}, {2500 * time.Millisecond, 2}, {5 * time.Second, 1}} {
		l.add(at.Add(tc.after), Cost{Posts: 1})
		if got := l.sum(at.Add(tc.after)).Posts; got != tc.want {
			t.Errorf("after %v: %d, want %d", tc.after, got, tc.want)
		}
	}
	if got := l.sum(at.Add(8 * time.Second)); got != (Cost{}) {
		t.Errorf("in the end %+v", got)
	}
}

func TestAStreamThatWeCloseCostsWhatIsOnItsWay(t *testing.T) {
	for name, tc := range map[string]struct {
		calm time.Duration
		want int64
	}{
		"as much again and one": {time.Hour, 3},
		// Any message takes longer than that.
		"all that was kept back, where the reader is slow": {0, 1 + onItsWay},
	} {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{})
			r.cfg.Search.On, r.cfg.pauses.stream.calm = false, tc.calm
			r.cfg.pauses.usage = time.Hour
			r.start()
			r.streaming()
			r.arrives(r.fake.Post("invented_a", seenAt))
			r.stop()
			m, err := OpenMeter(t.Context(), r.budgets(), budgetKey(r.cfg)+".spent", r.cfg.Budget, r.cfg.clock)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Spending().Reads; got != tc.want {
				t.Errorf("%d reads are counted, want %d", got, tc.want)
			}
		})
	}
}

func (r *streamRig) budgets() *bus.Bucket {
	r.t.Helper()
	b, err := r.bus.Conn.Bucket(r.within(), bus.BucketBudgets)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}
