package telegram

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// historyLimit is how many messages a page may hold: what Telegram gives at most.
const historyLimit = 100

// span is a range of ids to be swept, from the newest down.
type span struct {
	// Top is the highest id, 0 for the newest there is; Floor the lowest.
	Top   int `json:"top"`
	Floor int `json:"floor"`
	// Next is where the next page ends: everything from it up to Top is on RAW. 0
	// before the first page.
	Next int `json:"next"`
}

// offset is the id below which the next page lies; 0 for the newest.
func (s span) offset() int {
	switch {
	case s.Next > 0:
		return s.Next
	case s.Top > 0:
		return s.Top + 1
	default:
		return 0
	}
}

// sweepState is what is left to be swept, in order.
type sweepState struct {
	Spans []span `json:"spans"`
	// Begun says that the channel's history was put on the list once.
	Begun bool `json:"begun"`
}

// sweep reads the history of one channel by id.
type sweep struct {
	ch   *channel
	more chan struct{}

	// left is where the next page of what is swept now ends, 1 before the first and 0
	// if nothing is: for the report, which must not wait for NATS as mu may.
	left atomic.Int64

	mu    sync.Mutex
	state sweepState
}

func newSweep(ch *channel) *sweep { return &sweep{ch: ch, more: make(chan struct{}, 1)} }

// start reads what an earlier process left over.
func (s *sweep) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = sweepState{}
	if _, err := s.ch.load(ctx, "sweep", &s.state); err != nil {
		return err
	}
	if s.state.Begun {
		s.show()
		return nil
	}
	s.state = sweepState{Spans: []span{{Floor: 1}}, Begun: true}
	return s.keep(ctx)
}

// keep keeps what is left to be swept.
func (s *sweep) keep(ctx context.Context) error {
	s.show()
	return s.ch.keep(ctx, "sweep", s.state)
}

// show has the report tell what is left.
func (s *sweep) show() {
	left := 0
	if len(s.state.Spans) > 0 {
		left = max(s.state.Spans[0].Next, 1)
	}
	s.left.Store(int64(left))
}

// add puts a range on the list. It is kept when add returns.
func (s *sweep) add(ctx context.Context, more span) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.state.Spans, more) {
		s.state.Spans = append(s.state.Spans, more)
	}
	if err := s.keep(ctx); err != nil {
		return err
	}
	select {
	case s.more <- struct{}{}:
	default:
	}
	return nil
}

// first is the range that is swept now.
func (s *sweep) first() (span, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.state.Spans) == 0 {
		return span{}, false
	}
	return s.state.Spans[0], true
}

// moved keeps how far the first range was swept, or takes it off the list.
func (s *sweep) moved(ctx context.Context, to span, done bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done {
		s.state.Spans = s.state.Spans[1:]
	} else {
		s.state.Spans[0] = to
	}
	return s.keep(ctx)
}

// run sweeps what is on the list until ctx ends or the channel cannot be read.
func (s *sweep) run(ctx context.Context) error {
	for {
		at, ok := s.first()
		if !ok {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-s.more:
			}
			continue
		}
		if err := s.page(ctx, at); err != nil {
			return err
		}
	}
}

// errPage says that a page is another than what was asked for: to go on would be
// to ask for the same for ever.
const errPage = refusal("a page of history does not lie where it was asked for")

// page reads one page of a range and keeps how far that came. Only an empty page
// is the end: pages come short where posts are withheld.
func (s *sweep) page(ctx context.Context, at span) error {
	list, err := s.history(ctx, at.offset())
	if err != nil {
		return err
	}
	low, high := bounds(list)
	if at.offset() > 0 && high >= at.offset() {
		return errPage
	}
	posts := postsIn(list, at.Floor)
	done := len(list) == 0 || low <= at.Floor
	if !done {
		posts, low = withoutCut(posts, low, high)
	}
	now := time.Now()
	to, next := at.offset()-1, max(low, at.Floor)
	if at.offset() == 0 {
		to = high
	}
	if done {
		next = at.Floor
	}
	if err := s.ch.retry(ctx, func() error { return s.publish(ctx, posts, next, to, now) }); err != nil {
		return err
	}
	if err := s.ch.retry(ctx, func() error { return s.ch.keepKnown(ctx) }); err != nil {
		return err
	}
	at.Next = next
	s.ch.progressed(now)
	return s.moved(ctx, at, done)
}

// history asks for the page below an id.
func (s *sweep) history(ctx context.Context, offset int) (list []tg.MessageClass, err error) {
	err = s.ch.retry(ctx, func() error {
		reply, err := s.ch.account.api.MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{
			Peer: s.ch.at().inputPeer(), OffsetID: offset, Limit: historyLimit,
		})
		if err != nil {
			return err
		}
		list, err = s.ch.account.listOf(reply)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a page of history: %w", err)
	}
	return list, nil
}

// publish puts the posts of a page on RAW, with the range that it covers.
func (s *sweep) publish(ctx context.Context, posts []*tg.Message, from, to int, now time.Time) error {
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_HISTORY, Lane: bus.LaneArchive, LookedAt: now}
	albums := message.Albums(posts)
	for _, items := range albums {
		h.Add(s.ch.read(items, now))
		s.ch.noted(items, now)
	}
	if to >= from {
		report := s.ch.coverage(doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE, from, to, now)
		for _, m := range posts {
			if m.Date <= 0 {
				continue // one odd date must not void the report of a page
			}
			at := min(millis(m.Date), now.UnixMilli())
			if !report.HasFromAt() || at < report.GetFromAt() {
				report.SetFromAt(at)
			}
			report.SetToAt(max(report.GetToAt(), at))
		}
		h.Coverage = append(h.Coverage, report)
	}
	if h.Empty() {
		return nil
	}
	return s.ch.deliver(ctx, h, albums)
}

// bounds gives the lowest and highest id of a list; 0 if it is empty.
func bounds(list []tg.MessageClass) (low, high int) {
	for _, m := range list {
		id := m.GetID()
		if low == 0 || id < low {
			low = id
		}
		high = max(high, id)
	}
	return low, high
}

// postsIn takes the posts from an id on.
func postsIn(list []tg.MessageClass, floor int) (posts []*tg.Message) {
	for _, m := range list {
		if post, ok := m.(*tg.Message); ok && post.ID >= floor {
			posts = append(posts, post)
		}
	}
	return posts
}

// withoutCut leaves out the album that the page's lower end may have cut, and
// gives the id from which on the page is whole. The next page has all of it.
func withoutCut(posts []*tg.Message, low, high int) ([]*tg.Message, int) {
	var lowest *tg.Message
	for _, m := range posts {
		if lowest == nil || m.ID < lowest.ID {
			lowest = m
		}
	}
	if lowest == nil || lowest.GroupedID == 0 || lowest.ID > low+neighbours {
		return posts, low
	}
	var kept []*tg.Message
	above := lowest.ID
	for _, m := range posts {
		if m.GroupedID == lowest.GroupedID {
			above = max(above, m.ID)
		} else {
			kept = append(kept, m)
		}
	}
	if above >= high {
		return posts, low // it begins at the page's upper end: it is not longer than that
	}
	return kept, above + 1
}
