package telegram

import (
	"context"
	"log/slog"
	"testing"
)

// slowShelf is a shelf whose NATS does not answer until it is told to.
type slowShelf struct {
	*memoryShelf
	asked, answer chan struct{}
}

func (s *slowShelf) Save(ctx context.Context, name string, value any) error {
	s.asked <- struct{}{}
	<-s.answer
	return s.memoryShelf.Save(ctx, name, value)
}

// A leg that keeps something needs the channel's peer; a report that held what both
// need would wait for the leg, and the leg for the report.
func TestAReportDoesNotWaitForWhatIsKept(t *testing.T) {
	shelf := &slowShelf{(&memory{values: map[string][]byte{}}).cursors(), make(chan struct{}), make(chan struct{})}
	ch := newChannel(&account{cfg: Defaults(), log: slog.New(slog.DiscardHandler), shelf: shelf}, byName("harbour", "harbour_watch"))
	ch.reached(peer{ID: newID()})
	known, err := loadKnown(t.Context(), shelf, "known")
	if err != nil {
		t.Fatal(err)
	}
	ch.knows(known)
	known.set(40, markUp)
	ch.is(channelFollowed, "")
	for name, keep := range map[string]func() error{
		"the sweep": func() error { return ch.sweep.add(t.Context(), span{Floor: 1, Top: 40, Next: 20}) },
		"the posts": func() error { return known.save(t.Context()) },
	} {
		done := make(chan error, 1)
		go func() { done <- keep() }()
		<-shelf.asked
		reported := make(chan ChannelReport, 1)
		go func() { reported <- ch.now() }()
		if got := <-reported; got.Newest != 40 {
			t.Errorf("%s: the newest is %d", name, got.Newest)
		}
		for open := true; open; {
			select {
			case shelf.answer <- struct{}{}:
			case <-shelf.asked:
			case err := <-done:
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				open = false
			}
		}
	}
	if got := ch.now(); got.SweptTo != 20 {
		t.Errorf("it was swept to %d", got.SweptTo)
	}
}
