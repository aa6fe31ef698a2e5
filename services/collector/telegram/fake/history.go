package fake

import (
	"math"
	"sort"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// idLimit is how many posts may be asked for by id at once.
const idLimit = 100

func (s *Server) getHistory(_ *connection, r *tg.MessagesGetHistoryRequest) (bin.Encoder, error) {
	c, err := s.findPeer(r.Peer)
	if err != nil {
		return nil, err
	}
	if c.private {
		return nil, errPrivate()
	}
	answer := &tg.MessagesChannelMessages{Pts: c.pts, Count: c.count()}
	for _, id := range c.page(r, min(r.Limit, s.opts.PageLimit)) {
		if c.withheld(id) || (r.MinID > 0 && id <= r.MinID) {
			continue
		}
		answer.Messages = append(answer.Messages, c.message(id))
		c.served.add(id)
	}
	answer.Chats = c.chats(answer.Messages...)
	return answer, nil
}

// page chooses the ids of one page, newest first. The history is a list from new
// to old; offset_id (or offset_date) says where in it to begin, add_offset moves
// that place towards older posts, or if negative towards newer ones, and what of
// the limit then lies beyond the newest post is lost.
func (c *Channel) page(r *tg.MessagesGetHistoryRequest, limit int) []int {
	start, end := math.MaxInt, math.MaxInt
	if r.MaxID > 0 {
		end = r.MaxID
	}
	switch {
	case r.OffsetID > 0:
		start = r.OffsetID
	case r.OffsetDate > 0:
		start = c.since(r.OffsetDate)
	}
	start = min(start, end)

	var ids []int
	if r.AddOffset < 0 {
		ids = c.newer(start, end, -r.AddOffset)
		limit -= -r.AddOffset - len(ids)
	}
	for skip := r.AddOffset; skip > 0 && start > 0; skip-- {
		start = c.below(start)
	}
	for id := c.below(start); id > 0 && len(ids) < limit; id = c.below(id) {
		ids = append(ids, id)
	}
	return ids[:max(0, min(limit, len(ids)))]
}

// newer are at most n ids from start on and under end, newest first.
func (c *Channel) newer(start, end, n int) []int {
	var ids []int
	for id := c.above(start); id > 0 && id < end && len(ids) < n; id = c.above(id + 1) {
		ids = append(ids, id)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(ids)))
	return ids
}

// since is the lowest id of a post from date on: posts below it are older.
func (c *Channel) since(date int) int {
	start := math.MaxInt
	for i := len(c.order) - 1; i >= 0 && messageDate(c.message(c.order[i])) >= date; i-- {
		start = c.order[i]
	}
	if c.filled.compose == nil {
		return start
	}
	n := c.filled.last - c.filled.first + 1
	made := sort.Search(n, func(i int) bool { return messageDate(c.message(c.filled.first+i)) >= date })
	if made < n {
		start = min(start, c.filled.first+made)
	}
	return start
}

func messageDate(m tg.MessageClass) int {
	switch m := m.(type) {
	case *tg.Message:
		return m.Date
	case *tg.MessageService:
		return m.Date
	}
	return 0
}

func (s *Server) getMessages(_ *connection, r *tg.ChannelsGetMessagesRequest) (bin.Encoder, error) {
	c, err := s.open(r.Channel)
	if err != nil {
		return nil, err
	}
	if len(r.ID) == 0 {
		return nil, tgerr.New(400, "MESSAGE_IDS_EMPTY")
	}
	if len(r.ID) > idLimit {
		return nil, tgerr.New(400, "LIMIT_INVALID")
	}
	answer := &tg.MessagesChannelMessages{Pts: c.pts, Count: len(r.ID)}
	for _, input := range r.ID {
		want, ok := input.(*tg.InputMessageID)
		if !ok {
			return nil, tgerr.New(400, "MSG_ID_INVALID")
		}
		if !c.up(want.ID) || c.withheld(want.ID) {
			empty := &tg.MessageEmpty{ID: want.ID}
			empty.SetPeerID(c.peer())
			answer.Messages = append(answer.Messages, empty)
			continue
		}
		answer.Messages = append(answer.Messages, c.message(want.ID))
		c.served.add(want.ID)
	}
	answer.Chats = c.chats(answer.Messages...)
	return answer, nil
}
