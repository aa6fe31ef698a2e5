package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync/atomic"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// messageLimit is the longest message of the stream that is kept.
const messageLimit = 4 << 20

// ErrClosed is a stream that was closed, or whose end was reported already.
var ErrClosed = errors.New("read X's stream: it is closed")

// Stream is the filtered stream. One goroutine reads it; any may close it. Who is slow
// slows X down, and X ends a stream that is slow for long. What X has sent, and charged
// for, and nobody has read is at the most what fits into the connection on both sides:
// on ours some 70 KiB.
type Stream struct {
	lines   *lines
	body    *watched
	expired func() error // what ended the context that it was opened under
	cancel  context.CancelCauseFunc
	closed  atomic.Bool

	failed error // for the reader: why there is no more
	told   bool  // and that this was said
}

// Stream opens the filtered stream, which lasts until ctx ends or Close is called.
// It does not open it again. Errors are those of any call; NoRules and Connections
// are the stream's own.
func (c *Client) Stream(ctx context.Context) (*Stream, error) {
	e, err := c.ask(ctx, errand{method: MethodStream, stream: true}, func(ctx context.Context) error {
		stream, err := c.library.TweetSearchStream(ctx, twitter.TweetSearchStreamOpts{
			Expansions: expansions(), MediaFields: mediaFields(), TweetFields: postFields(), UserFields: userFields(),
		})
		if err == nil {
			// It has an empty body in place of the real one, and ends at once.
			stream.Close()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	body := newWatched(e.live, c.cfg.StreamIdle, e.cancel)
	return &Stream{lines: newLines(body, messageLimit), body: body, expired: ctx.Err, cancel: e.cancel}, nil
}

// Next returns the next message, which the caller may keep: a page with one post,
// or a problem. Heartbeats are passed over. A *Fault of TooLong leaves the stream
// open; any other error is its end and comes once, ErrClosed after it: a *Fault, or
// that of the context that it was opened under.
func (s *Stream) Next() ([]byte, error) {
	for s.failed == nil && !s.closed.Load() {
		line, err := s.lines.next()
		if errors.Is(err, errLongLine) {
			return nil, &Fault{Kind: TooLong, Method: MethodStream}
		}
		s.failed = err
		message := bytes.TrimSpace(line)
		// What was cut off by the end is no message.
		if len(message) > 0 && (err == nil || json.Valid(message)) {
			return bytes.Clone(message), nil
		}
	}
	return nil, s.end()
}

// end says why there is no more, once, and lets go of the connection.
func (s *Stream) end() error {
	closed := s.closed.Load() || s.told
	s.told = true
	s.cancel(ErrClosed)
	s.body.body.Close() //nolint:errcheck // nothing was written
	switch {
	case closed:
		return ErrClosed
	case s.expired() != nil:
		return s.expired()
	case s.body.stalled.Load():
		return &Fault{Kind: Stalled, Method: MethodStream}
	case errors.Is(s.failed, io.EOF):
		return &Fault{Kind: Ended, Method: MethodStream}
	default:
		return &Fault{Kind: networkKind(s.failed), Method: MethodStream}
	}
}

// Heard is when the stream brought its last bytes: until then nothing is missing
// that it was to bring.
func (s *Stream) Heard() time.Time { return s.body.heard() }

// Close ends the stream, also for a Next that waits. It may be called any number of
// times.
func (s *Stream) Close() {
	s.closed.Store(true)
	s.cancel(ErrClosed)
}
