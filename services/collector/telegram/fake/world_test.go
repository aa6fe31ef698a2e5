package fake

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
	"pgregory.net/rapid"
)

// Whatever happens in a channel, and however often the connection breaks, a
// client that follows the difference ends with what the truth says.
func TestDifferenceLeadsToTruth(t *testing.T) {
	s := start(t, Options{DifferenceLimit: 10_000})
	c := connect(t, s, signedIn(t, s), eager)
	next := int64(5000)
	rapid.Check(t, func(rt *rapid.T) {
		next++
		channel := s.Channel(ChannelSpec{ID: next})
		if n := rapid.IntRange(0, 20).Draw(rt, "filled"); n > 0 {
			channel.Fill(n, func(id int) tg.Message { return text(id) })
		}
		known := map[int]string{}
		for _, id := range channel.upIDs() {
			known[id] = textOf(t, channel, id)
		}
		pts := channel.Pts()
		steps := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 60).Draw(rt, "steps")
		for i, step := range steps {
			id := rapid.IntRange(1, 30).Draw(rt, "id")
			switch {
			case step < 4:
				channel.Post(text(i))
			case step < 6:
				channel.EditText(id, fmt.Sprintf("edit %d", i))
			case step < 8:
				channel.Delete(id, id+1)
			default:
				pts = c.catchUp(t, channel, pts, rapid.IntRange(1, 5).Draw(rt, "limit"), known)
			}
		}
		c.catchUp(t, channel, pts, 3, known)
		want := map[int]string{}
		for _, p := range channel.Truth().Posts {
			if !p.Deleted {
				want[p.ID] = textOf(t, channel, p.ID)
			}
		}
		if diff := cmp.Diff(want, known); diff != "" {
			rt.Errorf("posts (-truth +known):\n%s", diff)
		}
	})
}

// upIDs are the ids of posts that are up.
func (c *Channel) upIDs() []int {
	var all []int
	for _, p := range c.Truth().Posts {
		if !p.Deleted {
			all = append(all, p.ID)
		}
	}
	return all
}

func textOf(t *testing.T, c *Channel, id int) string {
	t.Helper()
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.message(id).(*tg.Message).Message
}

func (c *client) catchUp(t *testing.T, channel *Channel, pts, limit int, known map[int]string) int {
	t.Helper()
	for {
		part, ok := c.difference(t, channel, pts, limit).(*tg.UpdatesChannelDifference)
		if !ok {
			return pts // empty
		}
		for _, m := range part.NewMessages {
			known[m.GetID()] = m.(*tg.Message).Message
		}
		for _, u := range part.OtherUpdates {
			switch u := u.(type) {
			case *tg.UpdateEditChannelMessage:
				known[u.Message.GetID()] = u.Message.(*tg.Message).Message
			case *tg.UpdateDeleteChannelMessages:
				for _, id := range u.Messages {
					delete(known, id)
				}
			}
		}
		pts = part.Pts
	}
}

// Many clients, writers and cut lines at once neither race nor block.
func TestBrokenConnectionsInABusyWorld(t *testing.T) {
	s := start(t, Options{})
	channel := s.Channel(ChannelSpec{ID: 6001, Username: "canary_busy"})
	var clients []*client
	for range 3 {
		clients = append(clients, connect(t, s, signedIn(t, s), eager))
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, c := range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				_, _ = c.api.ChannelsGetFullChannel(ctx, input(channel))
				_, _ = c.api.MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), Limit: 20})
			}
		})
		running.Go(func() {
			for ctx.Err() == nil {
				select {
				case <-c.updates:
				case <-ctx.Done():
				}
			}
		})
	}
	for i := range 300 {
		id := channel.Post(text(i))
		channel.EditText(id, "another text")
		if i%3 == 0 {
			channel.Delete(id)
		}
		if i%100 == 50 {
			s.Cut()
		}
	}
	if err := s.WaitCalls(ctx, "messages.getHistory", 20); err != nil {
		t.Error(err)
	}
	stop()
	running.Wait()
	if n := len(channel.upIDs()); n != 200 {
		t.Errorf("%d posts are up, want 200", n)
	}
}

func TestForwarded(t *testing.T) {
	s := start(t, Options{NoPush: true})
	first := s.Channel(ChannelSpec{ID: 6101})
	second := s.Channel(ChannelSpec{ID: 6102})
	third := s.Channel(ChannelSpec{ID: 6103})
	id := first.Post(Text("新卡 https://cards.example/a?b=1 see"))
	first.SetViews(id, 500, 1)
	again := third.Post(second.Forwarded(second.Post(first.Forwarded(id))))
	s.mu.Lock()
	m := third.message(again).(*tg.Message)
	s.mu.Unlock()
	from, ok := m.FwdFrom.FromID.(*tg.PeerChannel)
	if !ok || from.ChannelID != 6101 || m.FwdFrom.ChannelPost != id || m.Views != 500 {
		t.Errorf("forward is %+v", m)
	}
	link, ok := m.Entities[0].(*tg.MessageEntityURL)
	if !ok || link.Offset != 3 || link.Length != 27 {
		t.Errorf("entity is %+v, want 3 to 30", m.Entities[0])
	}
	if hidden := Linked("新卡", "https://cards.example/b"); hidden.Entities[0].GetLength() != 2 {
		t.Errorf("hidden link is %+v", hidden.Entities[0])
	}
	if none := first.Forwarded(99); none.Message != "" || !none.FwdFrom.Zero() {
		t.Errorf("forward of nothing is %+v", none)
	}
}
