package twitter

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// paysAfter is how long BUDGETS may take until it is said that the stream waits.
const paysAfter = time.Second

// ready returns when the next message can be paid for. Without NATS none can.
func (s *stream) ready(ctx context.Context) error {
	defer s.inbox.standstill(paysAfter)()
	return s.app.retry(ctx, streamName, func() error { return s.purse.Ready(ctx) })
}

// connect opens the stream and reads it to its end. Unread is what of it may be charged
// for and was not read.
func (s *stream) connect(ctx context.Context) (unread Cost, err error) {
	asked := time.Now()
	conn, err := s.app.client.Stream(ctx)
	if err != nil {
		return Cost{}, err
	}
	defer conn.Close()
	opened := time.Now()
	if err := s.opened(ctx, asked, opened); err != nil {
		return s.unread(err, false, true), err
	}
	watching, done := context.WithCancel(ctx)
	defer done()
	go s.watch(watching, conn)
	s.app.metrics.stream.Set(1)
	defer s.app.metrics.stream.Set(0)
	return s.follow(ctx, conn, opened)
}

// opened tells the time before the stream was open as a gap.
func (s *stream) opened(ctx context.Context, asked, opened time.Time) error {
	s.app.board.troubled(streamName, "")
	s.app.progressed(streamName, opened)
	if s.sure.Load() == 0 { // the first time ever: nothing before is missing
		if err := s.missed(ctx, asked); err != nil {
			return err
		}
	}
	// X began to send at some moment between the two.
	return s.missed(ctx, opened)
}

// follow reads an open stream to its end.
func (s *stream) follow(ctx context.Context, conn *api.Stream, opened time.Time) (unread Cost, err error) {
	s.lately = lately{while: s.times.calm}
	for read := opened; ; read = time.Now() {
		if err := s.ready(ctx); err != nil {
			return s.unread(err, true, true), err
		}
		asked := time.Now()
		s.asked.Store(asked.UnixNano())
		message, err := conn.Next()
		s.asked.Store(0)
		heard := conn.Heard().After(opened)
		if heard {
			s.backoff.worked()
			s.dropped, s.said = false, saying{}
		}
		behind := asked.Sub(read) >= s.times.calm // the last message took so long
		switch {
		case api.KindOf(err) == api.TooLong:
			err, behind = s.unreadable(ctx, string(api.TooLong)), true
		case err == nil:
			err, behind = s.read(ctx, message), true
		}
		if err != nil {
			return s.unread(err, heard, behind), err
		}
	}
}

// missed tells the time since which nothing came as a gap.
func (s *stream) missed(ctx context.Context, until time.Time) error {
	l := letter{sure: until}
	if from := s.sure.Load(); from != 0 {
		l.gap = &gap{From: time.Unix(0, from).UnixMilli(), To: until.UnixMilli()}
		l.gap.From = min(l.gap.From, l.gap.To)
	}
	if err := s.inbox.put(ctx, l); err != nil {
		return err
	}
	s.sure.Store(until.UnixNano())
	s.holed.Store(false)
	return nil
}

// unreadable counts a message that cannot be read. What was in it is asked for as
// what came while the stream was away; where there are many, that is one gap.
func (s *stream) unreadable(ctx context.Context, class string) error {
	s.spend(Cost{Posts: 1, Users: 1})
	s.app.metrics.unreadable.WithLabelValues(class).Inc()
	if !s.holed.Swap(true) {
		s.app.log.Warn("a message of the stream cannot be read; search is asked for it", slog.String(service.KeyClass, class))
	}
	return s.mend(ctx)
}

// mend tells what could not be read as a gap, but not too often. Until then the
// position stays where it is.
func (s *stream) mend(ctx context.Context) error {
	if !s.holed.Load() || time.Since(s.mended) < s.times.idle {
		return nil
	}
	s.mended = time.Now()
	return s.missed(ctx, s.mended)
}

// read takes one message.
func (s *stream) read(ctx context.Context, message []byte) error {
	now := time.Now()
	page, err := s.reader.Read(message, now)
	s.spend(costOf(page))
	if len(page.Posts) > 0 && ours(page) {
		l := letter{page: page, at: now, size: len(message)}
		if !s.holed.Load() {
			l.sure = sureOf(page, now)
		}
		if err := s.inbox.put(ctx, l); err != nil {
			return err
		}
		s.advance(l.sure)
	}
	switch {
	case err != nil:
		return s.unreadable(ctx, "broken")
	case page.Disconnect != "":
		s.app.log.Info("X ends the stream", slog.String(service.KeyOutcome, page.Disconnect))
		return &api.Fault{Kind: s.kindOf(page.Disconnect), Method: api.MethodStream}
	case len(page.Posts) == 0 && page.Rejected > 0:
		return s.unreadable(ctx, "rejected")
	}
	return s.mend(ctx)
}

// ours says whether a post matched a rule of ours, and not only one that somebody
// else made with the same app. Without a word of rules it is taken for ours.
func ours(page *archive.TweetPage) bool {
	return len(page.Rules) == 0 || slices.ContainsFunc(page.Rules, func(r archive.TweetRule) bool {
		_, is := watchOf(r.Tag)
		return is
	})
}

// sureOf is the moment up to which a post shows that nothing is missing before it:
// its own time, for what lies unread may be as old as that.
func sureOf(page *archive.TweetPage, now time.Time) (sure time.Time) {
	for i := range page.Posts {
		if at := timeAt(page.Posts[i].ID); at.After(sure) {
			sure = at
		}
	}
	if sure.After(now) { // by X's clock
		return now
	}
	return sure
}

// advance moves the moment up to which everything was read, never back.
func (s *stream) advance(to time.Time) {
	for {
		was := s.sure.Load()
		if to.IsZero() || to.UnixNano() <= was || s.sure.CompareAndSwap(was, to.UnixNano()) {
			return
		}
	}
}

// kindOf is what the reason that X gives for the end of a stream means for the next
// try.
func (s *stream) kindOf(reason string) api.Kind {
	switch reason {
	case "TooManyConnections":
		return api.Connections
	case "RuleConfigurationIssue", "RulesInvalidIssue", "InvalidRules":
		s.rules.check()
		return api.Server
	case "ForceDisconnect", "ProvisioningSubscription", "ClientApplicationStateDegraded":
		return api.Server
	default:
		return api.Ended
	}
}

// watch moves the position while nothing but heartbeats comes. What was heard at one
// look counts at the next, if the reader has waited for the same message all the time:
// then no part of one had come by then. That it had waited for some time before the
// heartbeat came shows that the heartbeat is not one of long ago.
func (s *stream) watch(ctx context.Context, conn *api.Stream) {
	var asked int64
	var heard time.Time
	for patience.Sleep(ctx, s.times.idle) == nil {
		still := asked != 0 && s.asked.Load() == asked
		if still && !s.holed.Load() && heard.Sub(time.Unix(0, asked)) >= s.times.calm && s.inbox.try(letter{sure: heard}) {
			s.advance(heard)
		}
		// In this order: what is heard after a message was asked for.
		asked, heard = s.asked.Load(), conn.Heard()
	}
}
