package twitter

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// streamState is where the stream is, in milliseconds.
type streamState struct {
	// Sure is the moment up to which everything that the stream was to bring is on RAW,
	// or was told as a gap.
	Sure int64 `json:"sure"`
	// Covered is up to when it was reported that nothing was missed.
	Covered int64 `json:"covered"`
}

// store brings what is in the inbox to RAW until the inbox is closed and empty.
func (s *stream) store(ctx context.Context) error {
	tick := time.NewTicker(s.times.keep)
	defer tick.Stop()
	for {
		more, err := s.inbox.wait(ctx, tick.C)
		if err != nil {
			return err
		}
		if !more {
			return s.keepState(ctx)
		}
		s.inbox.fill(ctx, s.times.gather)
		if err := s.deliver(ctx, s.inbox.take()); err != nil {
			return err
		}
		if s.dirty && time.Since(s.kept) >= s.times.keep {
			if err := s.keepState(ctx); err != nil {
				return err
			}
		}
	}
}

// deliver brings letters to RAW in their order: messages together, a gap after what
// came before it.
func (s *stream) deliver(ctx context.Context, letters []letter) error {
	begin := 0
	for i, l := range letters {
		if l.gap == nil {
			continue
		}
		if err := s.send(ctx, letters[begin:i]); err != nil {
			return err
		}
		if err := s.tell(ctx, l.gap); err != nil {
			return err
		}
		begin = i + 1
	}
	return s.send(ctx, letters[begin:])
}

// send brings messages to RAW and moves the position behind them.
func (s *stream) send(ctx context.Context, letters []letter) error {
	h := haul.Haul{
		Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_SEARCH, Query: spanPosts, LookedAt: time.Now(),
	}
	for _, l := range letters {
		if l.page != nil {
			s.app.gather(&h, l.page, l.at)
		}
	}
	if err := s.app.send(ctx, streamName, h); err != nil {
		return err
	}
	for _, l := range letters {
		if l.page != nil {
			s.app.remember(l.page)
		}
		if sure := l.sure.UnixMilli(); !l.sure.IsZero() && sure > s.state.Sure {
			s.state.Sure, s.dirty = sure, true
		}
	}
	s.dirty = s.dirty || !h.Empty()
	if len(letters) > 0 {
		s.app.progressed(streamName, time.Now())
	}
	if s.state.Covered == 0 {
		s.state.Covered = s.state.Sure
	}
	if s.state.Sure-s.state.Covered < s.times.cover.Milliseconds() {
		return nil
	}
	return s.cover(ctx, s.state.Sure)
}

// cover reports that nothing was missed since the last report.
func (s *stream) cover(ctx context.Context, to int64) error {
	if s.state.Covered == 0 || to <= s.state.Covered {
		return nil
	}
	if err := s.app.tellSpan(ctx, streamName, doxtrailv1.Leg_LEG_TAIL, span{s.state.Covered, to}, spanComplete, spanComplete); err != nil {
		return err
	}
	s.state.Covered, s.dirty = to, true
	return nil
}

// tell puts a gap on the list of what search is asked for, reports it, and moves the
// position behind it, in this order: a process that is killed in between tells it
// again, longer.
func (s *stream) tell(ctx context.Context, g *gap) error {
	if err := s.cover(ctx, g.From); err != nil {
		return err
	}
	if err := s.gaps.add(ctx, streamName, *g); err != nil {
		return err
	}
	s.state.Sure, s.state.Covered = max(s.state.Sure, g.To), g.To
	return s.keepState(ctx)
}

// keepState keeps the posts that are known, and then the position: no post lies before
// it that is not known.
func (s *stream) keepState(ctx context.Context) error {
	if s.state.Sure == 0 {
		return nil
	}
	if err := s.app.keepKnown(ctx, streamName); err != nil {
		return err
	}
	if err := s.app.keep(ctx, streamName, streamName, s.state); err != nil {
		return err
	}
	s.kept, s.dirty = time.Now(), false
	return nil
}
