package telegram

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/patience"
)

// ledger answers the re-poll's calls and notes which post was asked for when.
type ledger struct {
	mu     sync.Mutex
	posted map[int64][]time.Time // by channel; the post with id 1 first
	calls  int
	looks  map[int64]map[int][]time.Duration // the ages at which a post was asked for
}

// Invoke implements tg.Invoker.
func (l *ledger) Invoke(_ context.Context, input bin.Encoder, output bin.Decoder) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	request := input.(*tg.ChannelsGetMessagesRequest)
	channel := request.Channel.(*tg.InputChannel).ChannelID
	reply := &tg.MessagesChannelMessages{}
	for _, asked := range request.ID {
		id := asked.(*tg.InputMessageID).ID
		if id > len(l.posted[channel]) {
			reply.Messages = append(reply.Messages, &tg.MessageEmpty{ID: id})
			continue
		}
		at := l.posted[channel][id-1]
		reply.Messages = append(reply.Messages, &tg.Message{ID: id, Date: int(at.Unix()), PeerID: &tg.PeerChannel{ChannelID: channel}})
	}
	var b bin.Buffer
	if err := reply.Encode(&b); err != nil {
		return err
	}
	return output.Decode(&b)
}

// send implements sink: it notes the looks.
func (l *ledger) Send(_ context.Context, h haul.Haul) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range h.Observations {
		channel, id := numberOf(o.GetChannelId()), int(numberOf(o.GetPostId()))
		if l.looks[channel] == nil {
			l.looks[channel] = map[int][]time.Duration{}
		}
		l.looks[channel][id] = append(l.looks[channel][id], h.LookedAt.Sub(l.posted[channel][id-1].Truncate(time.Second)))
	}
	return nil
}

// account is one whose calls go to the ledger.
func (l *ledger) account() *account {
	return &account{
		cfg: Defaults(), log: slog.New(slog.DiscardHandler), metrics: newMetrics(prometheus.NewRegistry()), outbox: l,
		shelf: (&memory{values: map[string][]byte{}}).cursors(), proposals: &proposals{}, api: tg.NewClient(l),
	}
}

// follow lets a channel's re-poll run, as one that has been followed for long.
func (l *ledger) follow(ctx context.Context, a *account, id int64, history []time.Time) (*channel, error) {
	ch := newChannel(a, byName("harbour", "harbour_watch"))
	ch.peer = peer{ID: id, Hash: 1}
	var err error
	if ch.known, err = loadKnown(ctx, a.shelf, ch.cursor("known")); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.posted[id] = history
	l.mu.Unlock()
	ch.repoll.state.Stages = make([]stage, len(a.cfg.Repoll))
	for n, at := range history {
		ch.known.set(n+1, markUp)
		for i, delay := range a.cfg.Repoll {
			if time.Since(at) > delay {
				ch.repoll.state.Stages[i].Upto = n + 1
			}
		}
	}
	return ch, nil
}

// post posts in a channel, and has its tail tell.
func (l *ledger) post(ch *channel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := ch.at().ID
	l.posted[id] = append(l.posted[id], time.Now())
	n := len(l.posted[id])
	ch.known.set(n, markUp)
	ch.repoll.new([]*tg.Message{{ID: n, Date: int(time.Now().Unix())}})
	ch.repoll.changed()
}

// late lists the looks that a schedule asks for and that were not made in time.
func (l *ledger) late(cfg Config, from, to time.Time) (late int) {
	const latest = time.Minute // clocks are looked at once a minute
	for channel, posts := range l.posted {
		for n, at := range posts {
			for _, delay := range cfg.Repoll {
				due := at.Truncate(time.Second).Add(delay)
				if due.Before(from) || due.Add(slack(delay)+latest).After(to) {
					continue
				}
				if !slices.ContainsFunc(l.looks[channel][n+1], func(age time.Duration) bool {
					return age >= delay && age <= delay+slack(delay)+latest
				}) {
					late++
				}
			}
		}
	}
	return late
}

// A day of many channels with 100 posts each, which have been followed for a month:
// every age of the schedule comes up for a hundred posts of each.
func TestTheRepollAsksForManyPostsAtATime(t *testing.T) {
	const channels, posts, days = manyChannels, 100, 32
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{posted: map[int64][]time.Time{}, looks: map[int64]map[int][]time.Duration{}}
		a := l.account()
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		random := rand.New(rand.NewPCG(1, 2))
		for id := range int64(channels) {
			var history []time.Time
			for at := time.Now().AddDate(0, 0, -days); at.Before(time.Now()); at = at.Add(rand.N(2 * 24 * time.Hour / posts)) {
				history = append(history, at)
			}
			ch, err := l.follow(ctx, a, id+1, history)
			if err != nil {
				t.Fatal(err)
			}
			running.Go(func() { _ = ch.repoll.run(ctx) })
			pauses := rand.New(rand.NewPCG(random.Uint64(), 0))
			running.Go(func() {
				for patience.Sleep(ctx, time.Duration(pauses.Int64N(int64(2*24*time.Hour/posts)))) == nil {
					l.post(ch)
				}
			})
		}
		began := time.Now()
		time.Sleep(time.Hour) // what was due when it began is asked for
		l.mu.Lock()
		before := l.calls
		l.mu.Unlock()
		time.Sleep(24 * time.Hour)
		cancel()
		running.Wait()
		calls := l.calls - before
		if late := l.late(a.cfg, began, time.Now()); late > 0 {
			t.Errorf("%d looks were late or never made", late)
		}
		if calls > channels*posts*2 {
			t.Errorf("%d calls in a day for %d posts, want at most 2 a post and day", calls, channels*posts)
		}
		t.Logf("%d calls in a day for %d channels with %d posts a day: %.1f a post, one every %.2f s", calls, channels, posts, float64(calls)/channels/posts, 86400/float64(calls))
	})
}

// numberOf reads a number that was written by the collector itself.
func numberOf(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// One that goes on always has a post that is too young, and its old ones are asked
// for again all the same.
func TestOldPostsOfAChannelThatGoesOnAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{posted: map[int64][]time.Time{}, looks: map[int64]map[int][]time.Duration{}}
		a := l.account()
		a.cfg.Repoll = []time.Duration{15 * time.Minute, 24 * time.Hour}
		ch, err := l.follow(t.Context(), a, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = ch.repoll.run(ctx) })
		for range 10 * 24 {
			l.post(ch)
			time.Sleep(time.Hour)
		}
		cancel()
		running.Wait()
		for _, id := range []int{1, 30, 60} {
			looks := l.looks[1][id]
			for n := 2; n < len(looks); n++ {
				if between := looks[n] - looks[n-1]; between > 48*time.Hour {
					t.Errorf("post %d was left alone for %s", id, between)
				}
			}
			if n := len(looks); n < 6 || n > 14 {
				t.Errorf("post %d was asked for %d times in ten days: %v", id, n, looks)
			}
		}
	})
}
