package fake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Delivery is a post that was written to a stream. Written is not read: the
// connection may have been cut with it on its way.
type Delivery struct {
	At         time.Time // by the machine's clock
	Connection int       // number of the connection, from 1
}

// publish finds the rules a new post matches and makes its messages, one for
// each open stream. A post that is not visible is not sent.
func (s *Server) publish(p *post) []send {
	if p.absence() != "" || len(s.rules.list) == 0 {
		return nil
	}
	var tags []any
	seen := newSubject(p, true)
	now := time.Now()
	for _, r := range s.rules.list {
		if !now.Before(r.from) && r.match.matches(seen) {
			p.matched = append(p.matched, r.ID)
			tag := object{"id": r.ID}
			if r.Tag != "" {
				tag["tag"] = r.Tag
			}
			tags = append(tags, tag)
		}
	}
	if len(tags) == 0 {
		return nil
	}
	if p.flow != nil {
		p.flow.match(p)
	}
	var sends []send
	for c := range s.streams.open {
		sends = append(sends, s.messages(c, p, tags)...)
	}
	return sends
}

// messages are the message of a post, and with orders more than that.
func (s *Server) messages(c *stream, p *post, tags []any) []send {
	o := &s.streams.orders
	if o.big > 0 {
		p.padding, o.big = o.big, 0
	}
	b := &body{server: s, asked: c.asked, way: Streamed, seen: set{}}
	b.add(p)
	whole := b.whole(nil)
	whole["data"] = b.data[0]
	whole["matching_rules"] = tags
	if o.partial > 0 {
		o.partial--
		list, _ := whole["errors"].([]any)
		whole["errors"] = append(list, s.partial(NotFound, "user", "entities.mentions.username", "nobody"))
	}
	m := message{line: append(encode(whole), '\r', '\n'), post: p}
	if o.cut {
		m.cut, o.cut = true, false
	}
	sends := []send{{to: c, message: m}}
	if o.duplicates > 0 && !m.cut {
		o.duplicates--
		sends = append(sends, send{to: c, message: m})
	}
	return sends
}

// send queues messages, in order. It waits for a slow reader, or disconnects it.
func (s *Server) send(ctx context.Context, sends []send) {
	for _, d := range sends {
		if s.opts.SlowReader && len(d.to.queue) == cap(d.to.queue) {
			s.slow(d.to)
			continue
		}
		select {
		case d.to.queue <- d.message:
		case <-d.to.end:
		case <-d.to.gone:
		case <-ctx.Done():
		}
	}
}

// delivered takes down that a post was written to a stream.
func (s *Server) delivered(p *post, c *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams.written++
	if p.flow != nil {
		p.flow.deliver(p)
	} else {
		p.delivered = append(p.delivered, Delivery{At: time.Now(), Connection: c.number})
	}
	s.wake()
}

// WaitDelivered returns when n messages with posts were written to streams since
// the start.
func (s *Server) WaitDelivered(ctx context.Context, n int) error {
	written := 0
	err := s.wait(ctx, func() bool {
		written = s.streams.written
		return written >= n
	})
	if err != nil {
		return fmt.Errorf("wait for message %d of the stream (there were %d): %w", n, written, err)
	}
	return nil
}

func encode(o any) []byte {
	line, err := json.Marshal(o)
	if err != nil {
		panic("fake: write JSON: " + err.Error())
	}
	return line
}
