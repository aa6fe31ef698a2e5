package bus_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func lanes(t *testing.T, s *bustest.Server, stream string) *bus.Lanes {
	t.Helper()
	l, err := s.Conn.NewLanes(within(t), stream, bus.ConsumerConfig{Keys: s.Keys(), FailedKey: s.Failed.PublicKey(), Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALivePostOvertakesAnArchive(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	const archive = 200
	for i := range archive {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint("archive ", i)))
	}
	var seen tally
	step := make(chan struct{})
	atLive := make(chan int, 1)
	consume(t, lanes(t, s, bus.StreamRecords), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		<-step
		if d.Subject.Lane == bus.LaneLive {
			atLive <- seen.len()
		}
		seen.add(string(d.Records[0]))
		return nil, nil
	})
	for range 10 {
		step <- struct{}{}
	}
	send(t, p, message(t, recordsSubject(bus.LaneLive), "live"))
	eventually(t, "the live post was fetched", func() bool {
		lag, err := s.Conn.Lag(within(t))
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(lag.Durables, func(d bus.DurableLag) bool { return d.Durable == bus.RecorderLive && d.AckPending == 1 })
	})
	var before int
	for waiting := true; waiting; {
		select {
		case step <- struct{}{}:
		case before = <-atLive:
			waiting = false
		}
	}
	close(step)
	if before > archive*3/4 {
		t.Errorf("%d of %d archive batches went before the live post", before, archive)
	}
	eventually(t, "all came out", func() bool { return seen.len() == archive+1 })
}

func TestPaceHoldsTheArchiveBackAndNotTheLiveLane(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{Pace: 10})
	ctx := within(t)
	const messages = 60
	done := make(chan error, 1)
	go func() {
		for i := range messages {
			if _, err := p.Publish(ctx, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint(i))); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	eventually(t, "ten are stored", func() bool { return s.Stats.Published.Total() == 10 })
	send(t, p, message(t, recordsSubject(bus.LaneLive), "live"))
	if n := s.Stats.Published.Total(); n != 11 {
		t.Errorf("%d messages are stored, want 10 of the archive and the live one", n)
	}
	var seen tally
	consume(t, lanes(t, s, bus.StreamRecords), func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		seen.add(string(d.Records[0]))
		return nil, nil
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	eventually(t, "all came out", func() bool { return seen.len() == messages+1 })
}

func TestAMessageThatTheStreamLostIsCountedAndNothingElse(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	l := lanes(t, s, bus.StreamRecords)
	for i := range 20 {
		lane := bus.LaneArchive
		if i%3 == 0 {
			lane = bus.LaneLive
		}
		send(t, p, message(t, recordsSubject(lane), fmt.Sprint(i)))
	}
	stream, err := s.Conn.JetStream().Stream(within(t), bus.StreamRecords)
	if err != nil {
		t.Fatal(err)
	}
	for _, lost := range []uint64{5, 6} {
		if err := stream.DeleteMsg(within(t), lost); err != nil {
			t.Fatal(err)
		}
	}
	var seen tally
	consume(t, l, func(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
		seen.add(string(d.Records[0]))
		return nil, nil
	})
	eventually(t, "what is left came out", func() bool { return seen.len() == 18 })
	for range 4 {
		l.JudgeGaps(within(t))
	}
	gaps, err := s.Conn.OpenGaps(within(t))
	if err != nil || len(gaps) != 1 || gaps[0].First != 5 || gaps[0].Last != 6 || s.Stats.SequenceGaps.Load() != 2 {
		t.Errorf("lost are %+v, counted %d: %v", gaps, s.Stats.SequenceGaps.Load(), err)
	}
}

func TestStoppingGivesBackWhatNobodyTook(t *testing.T) {
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	for i := range 20 {
		send(t, p, message(t, recordsSubject(bus.LaneArchive), fmt.Sprint(i)))
	}
	k := consumer(t, s, s.Conn, bus.RecorderArchive)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = k.Run(ctx); close(ended) }()
	d := <-k.Deliveries()
	eventually(t, "all are in hand", func() bool { return s.Stats.InHand.Load() == 20 })
	cancel()
	if err := d.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	<-ended
	if n := s.Stats.InHand.Load(); n != 0 || s.Stats.Acked.Load() != 1 || s.Stats.Naked.Load() != 19 {
		t.Errorf("in hand %d, acked %d, put off %d", n, s.Stats.Acked.Load(), s.Stats.Naked.Load())
	}
	if err := d.Settle(within(t)); err == nil {
		t.Error("a second Settle gave no error")
	}
}

// TestABacklogThatOthersTookIsNotWaitedFor takes away what a reader was told lies
// before it: the archive lane would wait for it at every read.
func TestABacklogThatOthersTookIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s := bustest.New(t)
	p := publisher(t, s.Conn, bus.StageRecords, bus.PublisherConfig{})
	send(t, p, message(t, recordsSubject(bus.LaneLive), "mine"))
	theirs := send(t, p, message(t, recordsSubject(bus.LaneLive), "theirs"))
	k, err := s.Conn.NewConsumer(within(t), bus.ConsumerConfig{
		Durable: bus.RecorderLive, FailedKey: s.Failed.PublicKey(), HoldMessages: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	consume(t, k, func(context.Context, *bus.Delivery) ([]*bus.Receipt, error) {
		if k.Backlog() != 1 {
			t.Errorf("the backlog is %d", k.Backlog())
		}
		return nil, s.Conn.EraseMessages(context.Background(), bus.StreamRecords, theirs)
	})
	eventually(t, "the backlog is gone", func() bool { return s.Stats.Acked.Load() == 1 && k.Backlog() == 0 })
}
