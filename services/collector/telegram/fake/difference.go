package fake

import (
	"sort"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/proto"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// Kind is what happened to posts.
type Kind string

// The kinds of events.
const (
	Posted  Kind = "posted"
	Edited  Kind = "edited"
	Deleted Kind = "deleted"
)

// event is one step of a channel's pts.
type event struct {
	kind   Kind
	ids    []int // one, or several deleted at once
	pts    int   // the channel's after it
	at     time.Time
	served bool // sent to somebody, by push or difference
}

// happen counts an event.
func (c *Channel) happen(kind Kind, ids ...int) *event {
	c.pts += len(ids)
	e := &event{kind: kind, ids: ids, pts: c.pts, at: c.server.now()}
	c.events = append(c.events, e)
	return e
}

// update is an event as clients are told, nil where the post is not to be seen
// any more. It shows the post as it is now.
func (c *Channel) update(e *event) tg.UpdateClass {
	if e.kind == Deleted {
		return &tg.UpdateDeleteChannelMessages{ChannelID: c.spec.ID, Messages: e.ids, Pts: e.pts, PtsCount: len(e.ids)}
	}
	id := e.ids[0]
	if !c.up(id) || c.withheld(id) {
		return nil
	}
	if e.kind == Edited {
		return &tg.UpdateEditChannelMessage{Message: c.message(id), Pts: e.pts, PtsCount: 1}
	}
	return &tg.UpdateNewChannelMessage{Message: c.message(id), Pts: e.pts, PtsCount: 1}
}

func (c *Channel) serve(e *event) {
	e.served = true
	if e.kind != Deleted {
		c.served.add(e.ids[0])
	}
}

// follow has the connection get the channel's updates from now on.
func (c *Channel) follow(conn *connection) {
	if !conn.mute {
		conn.watching[c.spec.ID] = true
	}
}

// announce pushes events to every session that follows the channel.
func (c *Channel) announce(events []*event) {
	s := c.server
	if c.quiet || c.private || s.opts.NoPush || s.faults.frozen {
		return
	}
	var (
		told     []*event
		messages []tg.MessageClass
	)
	updates := &tg.Updates{Date: s.unix()}
	for _, e := range events {
		update := c.update(e)
		if update == nil {
			continue
		}
		updates.Updates = append(updates.Updates, update)
		told = append(told, e)
		if e.kind != Deleted {
			messages = append(messages, c.message(e.ids[0]))
		}
	}
	if len(updates.Updates) == 0 {
		return
	}
	updates.Chats = c.chats(messages...)
	if c.tell(updates) {
		for _, e := range told {
			c.serve(e)
		}
	}
}

// tell pushes updates and reports whether anybody follows the channel.
func (c *Channel) tell(updates *tg.Updates) bool {
	told := false
	for conn := range c.server.connections {
		if conn.watching[c.spec.ID] && conn.key.signedIn {
			conn.push(proto.MessageFromServer, true, updates)
			told = true
		}
	}
	return told
}

// TooLong pushes updateChannelTooLong, with which Telegram sends a client to the
// difference instead of telling what happened. Quiet and NoPush do not keep it back.
func (c *Channel) TooLong() {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	update := &tg.UpdateChannelTooLong{ChannelID: c.spec.ID}
	update.SetPts(c.pts)
	c.tell(&tg.Updates{Updates: []tg.UpdateClass{update}, Chats: c.chats(), Date: c.server.unix()})
}

func (s *Server) getState(*connection, *tg.UpdatesGetStateRequest) (bin.Encoder, error) {
	return &tg.UpdatesState{Pts: 1, Qts: 1, Date: s.unix(), Seq: 1}, nil
}

func (s *Server) getDifference(*connection, *tg.UpdatesGetDifferenceRequest) (bin.Encoder, error) {
	return &tg.UpdatesDifferenceEmpty{Date: s.unix(), Seq: 1}, nil
}

func (s *Server) getChannelDifference(conn *connection, r *tg.UpdatesGetChannelDifferenceRequest) (bin.Encoder, error) {
	c, err := s.open(r.Channel)
	if err != nil {
		return nil, err
	}
	c.follow(conn)
	switch {
	case r.Pts <= 0:
		return nil, tgerr.New(400, "PERSISTENT_TIMESTAMP_EMPTY")
	case r.Pts > c.pts:
		return nil, tgerr.New(500, "PERSISTENT_TIMESTAMP_OUTDATED")
	case r.Pts == c.pts:
		empty := &tg.UpdatesChannelDifferenceEmpty{Final: true, Pts: c.pts}
		if s.opts.DifferenceTimeout > 0 {
			empty.SetTimeout(s.opts.DifferenceTimeout)
		}
		return empty, nil
	}
	limit := max(1, min(r.Limit, 100))
	if r.Pts < c.oldest || c.pts-r.Pts > s.opts.DifferenceLimit {
		return c.tooLong(limit), nil
	}
	return c.difference(r.Pts, limit), nil
}

// difference is what happened after pts, at most limit events of it.
func (c *Channel) difference(pts, limit int) *tg.UpdatesChannelDifference {
	first := sort.Search(len(c.events), func(i int) bool { return c.events[i].pts > pts })
	events := c.events[first:]
	events = events[:min(limit, len(events))]
	answer := &tg.UpdatesChannelDifference{Pts: events[len(events)-1].pts}
	answer.Final = answer.Pts == c.pts
	if c.server.opts.DifferenceTimeout > 0 {
		answer.SetTimeout(c.server.opts.DifferenceTimeout)
	}
	var messages []tg.MessageClass
	for _, e := range events {
		switch update := c.update(e).(type) {
		case nil:
			continue // deleted since: all there is to know comes later
		case *tg.UpdateNewChannelMessage:
			answer.NewMessages = append(answer.NewMessages, update.Message)
			messages = append(messages, update.Message)
		case *tg.UpdateEditChannelMessage:
			answer.OtherUpdates = append(answer.OtherUpdates, update)
			messages = append(messages, update.Message)
		default:
			answer.OtherUpdates = append(answer.OtherUpdates, update)
		}
		c.serve(e)
	}
	answer.Chats = c.chats(messages...)
	return answer
}

// tooLong is the answer to a client that is too far behind: the newest posts,
// and the pts to go on from. What lies between, it has to look for in history.
func (c *Channel) tooLong(limit int) *tg.UpdatesChannelDifferenceTooLong {
	dialog := &tg.Dialog{Peer: c.peer(), TopMessage: c.below(c.next)}
	dialog.SetPts(c.pts)
	answer := &tg.UpdatesChannelDifferenceTooLong{Final: true, Dialog: dialog}
	if c.server.opts.DifferenceTimeout > 0 {
		answer.SetTimeout(c.server.opts.DifferenceTimeout)
	}
	for id := c.below(c.next); id > 0 && len(answer.Messages) < limit; id = c.below(id) {
		if c.withheld(id) {
			continue
		}
		answer.Messages = append(answer.Messages, c.message(id))
		c.served.add(id)
	}
	answer.Chats = c.chats(answer.Messages...)
	return answer
}
