package twitter

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// streamName is the leg's word, and the name of its cursor.
const streamName = "stream"

// stream is the leg that reads the filtered stream. One goroutine reads what X sends
// into the inbox, another brings it from there to RAW, in order, whatever becomes of
// the connection meanwhile. When the inbox is full nothing is read, and X has to wait.
//
// Its position is a moment: everything that the stream was to bring until then is on
// RAW, or was told as a gap. The position is kept once a second at the most, so a
// process that is killed tells a gap that is a little longer than it was.
type stream struct {
	app   *app
	times streamTimes
	gaps  *gaps
	rules *rules

	// Of the goroutine that reads.
	reader  *archive.TweetReader
	backoff backoff
	purse   *Purse
	lately  lately // of this connection
	inbox   *inbox
	dropped bool // our other connections, since the last one that worked
	mended  time.Time
	// said is why the stream was opened anew, of the connections that brought nothing.
	said saying
	// holed says that something could not be read since sure, and was not told.
	holed atomic.Bool
	// sure is the moment up to which everything is in the inbox or told as a gap, in
	// ns; 0 before the first connection ever. asked is when the reader began to wait
	// for the message that it waits for; 0 while it does something else.
	sure, asked atomic.Int64

	// Of the goroutine that brings to RAW.
	state streamState
	kept  time.Time
	dirty bool
}

func newStream(a *app, g *gaps, r *rules) *stream {
	return &stream{app: a, times: a.streamTimes(), gaps: g, rules: r, reader: archive.NewTweetReader()}
}

func (*stream) name() string { return streamName }

// run implements leg.
func (s *stream) run(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.purse = s.app.purse()
	defer s.purse.Close(ctx)
	// What is in the inbox when the process is told to stop is on its way.
	lasting, done := patience.Lingering(ctx)
	defer done()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	stored := make(chan error, 1)
	go func() {
		err := s.store(lasting)
		if err != nil {
			stop() // nobody takes out any more
		}
		stored <- err
	}()
	err := s.listen(reading)
	s.inbox.close()
	if failed := <-stored; failed != nil {
		return failed
	}
	return err
}

// begin reads where an earlier run stopped.
func (s *stream) begin(ctx context.Context) error {
	s.state, s.dirty, s.kept = streamState{}, false, time.Time{}
	found, err := s.app.load(ctx, streamName, streamName, &s.state)
	if err != nil {
		return err
	}
	s.sure.Store(0)
	if found {
		s.sure.Store(time.UnixMilli(s.state.Sure).UnixNano())
	}
	s.backoff = backoff{times: s.times}
	s.dropped, s.mended, s.said = false, time.Time{}, saying{}
	s.holed.Store(false)
	s.inbox = newInbox()
	s.inbox.blocked = func(d time.Duration) { s.app.metrics.blocked.Add(d.Seconds()) }
	s.inbox.begins = func() { s.app.board.troubled(streamName, waitsForNATS) }
	s.inbox.ends = func() { s.app.board.troubled(streamName, "") }
	return nil
}

// listen opens the stream again and again, and returns what no waiting mends.
func (s *stream) listen(ctx context.Context) error {
	for {
		var unread Cost
		err := s.ready(ctx)
		if err == nil {
			unread, err = s.connect(ctx)
		}
		s.purse.Left(ctx, unread)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrSpent) || ofApp(err) || ofStore(err) != nil || refusedText(err) != "" {
			return err
		}
		if s.said.news(class(err)) {
			s.app.log.Warn("the stream is opened anew", slog.String(service.KeyClass, class(err)), service.Error(err))
		}
		if err := s.rest(ctx, err); err != nil {
			return err
		}
	}
}

// rest waits as X wants it until the stream is opened again.
func (s *stream) rest(ctx context.Context, err error) error {
	kind := api.KindOf(err)
	if kind == api.NoRules {
		s.app.board.troubled(streamName, "waits for rules: "+reasonOf(err))
		return s.rules.await(ctx, s.times.noRules)
	}
	if kind == api.Connections && !s.dropped && s.rules.alone() {
		// The context lasts as long as the lease: a stream that is open is ours.
		s.dropped = true
		if err := s.app.client.DropConnections(ctx); err == nil || ofApp(err) {
			return err
		}
	}
	wait := s.backoff.after(kind)
	if wait > 0 {
		s.app.board.troubled(streamName, reasonOf(err))
	}
	s.dropped = s.dropped && kind != api.Connections // after the wait it is tried again
	return patience.Sleep(ctx, wait)
}
