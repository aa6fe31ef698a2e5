package twitter

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// oneFound is an answer of search: one post, its author, nothing more.
const oneFound = `{"data":[{"id":"1195000000000000001","author_id":"4711","created_at":"2019-11-14T12:00:00.000Z","text":"https://harbour-leaks.example/card"}],
"includes":{"users":[{"id":"4711","name":"Pier","username":"pier_news"}]},"meta":{"result_count":1,"newest_id":"1195000000000000001","oldest_id":"1195000000000000001"}}`

// looking is a leg as legs are: it asks for what it can pay, brings it to RAW, notes
// what is known, and only then moves its cursor.
type looking struct{ app *app }

func (looking) name() string { return "search" }

func (l looking) run(ctx context.Context) error {
	var place struct{ Newest string }
	if _, err := l.app.load(ctx, l.name(), "search", &place); err != nil {
		return err
	}
	if place.Newest != "" {
		return untilTold(ctx)
	}
	var page *archive.TweetPage
	err := l.app.paid(ctx, ForLive, Cost{Posts: 200, Users: 100}, func(ctx context.Context) (Cost, error) {
		body, err := l.app.client.SearchRecent(ctx, api.Search{Query: "harbour"})
		if err != nil {
			return Cost{}, err
		}
		page, err = archive.NewTweetReader().Read(body, time.Now())
		if err != nil {
			return Cost{}, err
		}
		return costOf(page), nil
	})
	if err != nil {
		return err
	}
	h := haul.Haul{
		Leg: doxtrailv1.Leg_LEG_SEARCH, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_SEARCH, Query: "harbour",
		LookedAt: time.Now(), Channels: page.Channels,
	}
	for _, p := range page.Posts {
		h.Posts = append(h.Posts, p.Raw)
		l.app.known.set(knownPost{ID: 1195000000000000001, Author: 4711, Mark: markUp})
	}
	if err := l.app.send(ctx, l.name(), h); err != nil {
		return err
	}
	if err := l.app.keepKnown(ctx, l.name()); err != nil {
		return err
	}
	place.Newest = page.Meta.NewestID
	l.app.board.foreignRules(3)
	l.app.progressed(l.name(), time.Now())
	return l.app.keep(ctx, l.name(), "search", place)
}

// What a leg brings in is on RAW, paid for and known, and the next process goes on
// from there.
func TestWhatLegsShare(t *testing.T) {
	r := newRig(t)
	r.x.posts = oneFound
	posts := r.postsOnRaw()
	r.legs = func(a *app) []leg { return []leg{looking{a}} }
	r.start()
	r.eventually("the post is on RAW", func() bool { return len(posts()) > 0 })
	if got := posts()[0]; got.GetPostId() != "1195000000000000001" || got.GetChannelId() != "4711" {
		t.Errorf("on RAW is post %s of %s", got.GetPostId(), got.GetChannelId())
	}
	r.reports("one post and one account", func(got Report) bool {
		return got.Known == 1 && got.ForeignRules == 3 && got.Spending.Money == 15_000 && got.Spending.Reads == 1 && !got.Legs[0].LookedAt.IsZero()
	})
	r.eventually("the leg is done", func() bool { return r.collector.now(time.Now()).Legs[0].State == "done" })
	r.stop()
	calls := r.x.count()
	r.start()
	r.state(StateCollecting, "")
	r.reports("what was known", func(got Report) bool {
		return got.Known == 1 && got.State == StateCollecting && got.Spending.Reads == 1
	})
	r.stop()
	if n := r.x.count() - calls; n != 1 {
		t.Errorf("X was asked %d times more, want once, for the usage", n)
	}
}

// postsOnRaw reads RAW, and gives the posts that came.
func (r *rig) postsOnRaw() func() []*doxtrailv1.RawPost {
	r.t.Helper()
	lanes, err := r.bus.Connect("normaliser").NewLanes(r.within(), bus.StreamRaw, bus.ConsumerConfig{
		Keys: r.bus.Keys(), FailedKey: r.bus.Failed.PublicKey(), Drain: 5 * time.Second,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var mu sync.Mutex
	var posts []*doxtrailv1.RawPost
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, nil, lanes, func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
			mu.Lock()
			defer mu.Unlock()
			for _, record := range d.Records {
				if p := (&doxtrailv1.RawPost{}); d.Subject.Kind == bus.KindPosts && proto.Unmarshal(record, p) == nil {
					posts = append(posts, p)
				}
			}
			return nil, nil
		})
	}()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("read RAW: %v", err)
		}
	})
	return func() []*doxtrailv1.RawPost {
		mu.Lock()
		defer mu.Unlock()
		return posts
	}
}
