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

// What X may have sent and nobody has read is spent: what came just before the stream
// is closed may be all that can be on its way, and where nothing had come for a while
// that is one post. What X itself ends was read.
func TestWhatIsNotReadWhenTheStreamEndsIsSpent(t *testing.T) {
	whole := Cost{Posts: onItsWay, Users: onItsWay}
	s := &stream{purse: &Purse{unread: whole}}
	for name, tc := range map[string]struct {
		end   error
		quiet bool
		want  Cost
	}{
		"X ends it":                   {&api.Fault{Kind: api.Ended}, false, Cost{}},
		"X says that it ends":         {&api.Fault{Kind: s.kindOf("ForceDisconnect")}, false, Cost{}},
		"it breaks off while it goes": {&api.Fault{Kind: api.Network}, false, whole},
		"it breaks off in silence":    {&api.Fault{Kind: api.Network}, true, Cost{Posts: 1, Users: 1}},
		"it brings no heartbeat":      {&api.Fault{Kind: api.Stalled}, true, Cost{Posts: 1, Users: 1}},
		"we are told to stop":         {context.Canceled, false, whole},
		"the budget is spent":         {&Spent{}, false, whole},
	} {
		if got := s.unread(tc.end, tc.quiet); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestACloseInTheMiddleOfABurstIsCounted(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.cfg.Search.On, r.cfg.pauses.stream.calm = false, time.Hour // it is never quiet
	r.start()
	r.streaming()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.stop()
	l, err := OpenMeter(t.Context(), r.budgets(), budgetKey(r.cfg)+".spent", r.cfg.Budget, r.cfg.clock)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Spending().Reads; got != 1+onItsWay {
		t.Errorf("%d reads are counted, want one and %d", got, onItsWay)
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
