package fake

import (
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
)

func TestHistoryUntilEmptyWithShortPages(t *testing.T) {
	s := start(t, Options{PageLimit: 10})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 1001, Username: "canary_news", Title: "Canary"})
	posts(channel, 45)
	channel.Delete(44, 7)
	channel.Withhold(30, 31)
	service := channel.Service(&tg.MessageActionChatEditTitle{Title: "Canary two"})

	var got []int
	short := 0
	for offset := 0; ; {
		page := c.history(t, tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), OffsetID: offset, Limit: 100})
		if len(page) == 0 {
			break
		}
		if len(page) < 10 {
			short++
		}
		got = append(got, page...)
		offset = page[len(page)-1]
	}
	var want []int
	for _, id := range span(service, 1) {
		if id != 44 && id != 7 && id != 30 && id != 31 {
			want = append(want, id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if short != 2 { // the one with 30 and 31, and the last
		t.Errorf("%d short pages, want 2", short)
	}
}

// Where a page begins and ends, in a history of 1 to 30 without 20.
func TestHistoryPage(t *testing.T) {
	s := start(t, Options{PageLimit: 10})
	c := connect(t, s, signedIn(t, s), nil)
	for _, filled := range []bool{false, true} {
		channel := s.Channel(ChannelSpec{ID: 1002, Username: "canary_posted"})
		begin := time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)
		dated := func(id int) tg.Message {
			return tg.Message{Date: int(begin.Add(time.Duration(id) * time.Hour).Unix()), Message: "a post"}
		}
		if filled {
			channel = s.Channel(ChannelSpec{ID: 1003, Username: "canary_filled"})
			channel.Fill(25, dated)
			for id := 26; id <= 30; id++ {
				channel.Post(dated(id))
			}
		} else {
			for id := 1; id <= 30; id++ {
				channel.Post(dated(id))
			}
		}
		channel.Delete(20)
		for _, test := range []struct {
			name    string
			request tg.MessagesGetHistoryRequest
			want    []int
		}{
			{"newest", tg.MessagesGetHistoryRequest{Limit: 5}, span(30, 26)},
			{"capped", tg.MessagesGetHistoryRequest{Limit: 100}, []int{30, 29, 28, 27, 26, 25, 24, 23, 22, 21}},
			{"under an id", tg.MessagesGetHistoryRequest{OffsetID: 22, Limit: 3}, []int{21, 19, 18}},
			{"under a deleted id", tg.MessagesGetHistoryRequest{OffsetID: 20, Limit: 2}, []int{19, 18}},
			{"the end", tg.MessagesGetHistoryRequest{OffsetID: 3, Limit: 10}, []int{2, 1}},
			{"beyond the end", tg.MessagesGetHistoryRequest{OffsetID: 1, Limit: 10}, nil},
			{"skipping", tg.MessagesGetHistoryRequest{OffsetID: 22, AddOffset: 2, Limit: 2}, []int{18, 17}},
			{"forward", tg.MessagesGetHistoryRequest{OffsetID: 18, AddOffset: -5, Limit: 5}, []int{23, 22, 21, 19, 18}},
			{"forward from the start", tg.MessagesGetHistoryRequest{OffsetID: 1, AddOffset: -4, Limit: 4}, span(4, 1)},
			{"forward at the top", tg.MessagesGetHistoryRequest{OffsetID: 29, AddOffset: -10, Limit: 10}, []int{30, 29}},
			{"forward over the top", tg.MessagesGetHistoryRequest{OffsetID: 31, AddOffset: -10, Limit: 10}, nil},
			{"around", tg.MessagesGetHistoryRequest{OffsetID: 10, AddOffset: -2, Limit: 4}, []int{11, 10, 9, 8}},
			{"before a date", tg.MessagesGetHistoryRequest{OffsetDate: int(begin.Add(5 * time.Hour).Unix()), Limit: 2}, []int{4, 3}},
			{"before a late date", tg.MessagesGetHistoryRequest{OffsetDate: int(begin.Add(28 * time.Hour).Unix()), Limit: 2}, []int{27, 26}},
			{"after the last date", tg.MessagesGetHistoryRequest{OffsetDate: int(begin.Add(99 * time.Hour).Unix()), Limit: 2}, []int{30, 29}},
			{"over min_id", tg.MessagesGetHistoryRequest{MinID: 27, Limit: 10}, span(30, 28)},
			{"under max_id", tg.MessagesGetHistoryRequest{MaxID: 4, Limit: 10}, span(3, 1)},
			{"no limit", tg.MessagesGetHistoryRequest{}, nil},
		} {
			test.request.Peer = inputPeer(channel)
			if diff := cmp.Diff(test.want, c.history(t, test.request)); diff != "" {
				t.Errorf("filled %v, %s (-want +got):\n%s", filled, test.name, diff)
			}
		}
	}
}

// A quarter of a million posts are paged forward without being kept.
func TestFillPagesInConstantMemory(t *testing.T) {
	const all = 250_000
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 1004, Username: "canary_long"})
	channel.Fill(all, func(int) tg.Message { return tg.Message{Message: "a post that says little"} })
	before := heap()
	last := 0
	for {
		page := c.history(t, tg.MessagesGetHistoryRequest{
			Peer: inputPeer(channel), OffsetID: last + 1, AddOffset: -100, Limit: 100,
		})
		if len(page) == 0 {
			break
		}
		if page[len(page)-1] != last+1 || len(page) != 100 {
			t.Fatalf("after %d came a page of %d posts down to %d", last, len(page), page[len(page)-1])
		}
		last = page[0]
	}
	if last != all {
		t.Errorf("read up to %d, want %d", last, all)
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if got := len(channel.Served()); got != all {
		t.Errorf("%d posts served, want %d", got, all)
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestGetMessages(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	origin := s.Channel(ChannelSpec{ID: 2001, Username: "canary_origin", Title: "Origin"})
	channel := s.Channel(ChannelSpec{ID: 2002, Username: "canary_copy", Title: "Copy"})
	forward := text(1)
	forward.SetFwdFrom(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 2001}, ChannelPost: 5, Date: 1_700_000_000})
	channel.Post(forward)
	album := channel.PostAlbum([]tg.Message{text(2), text(3)})
	channel.Post(text(4))
	channel.Delete(4)
	channel.SetViews(1, 77, 8)
	channel.RestrictPost(2, []tg.RestrictionReason{{Platform: "all", Reason: "terms", Text: "gone"}})

	request := &tg.ChannelsGetMessagesRequest{Channel: input(channel)}
	for _, id := range []int{1, 2, 3, 4, 9} {
		request.ID = append(request.ID, &tg.InputMessageID{ID: id})
	}
	answer, err := c.api.ChannelsGetMessages(t.Context(), request)
	if err != nil {
		t.Fatalf("ChannelsGetMessages: %v", err)
	}
	page := answer.(*tg.MessagesChannelMessages)
	var kinds []string
	for _, m := range page.Messages {
		kinds = append(kinds, m.TypeName())
	}
	if diff := cmp.Diff([]string{"message", "message", "message", "messageEmpty", "messageEmpty"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	first := page.Messages[0].(*tg.Message)
	if first.Views != 77 || first.Forwards != 8 || first.EditDate != 0 || !first.Post {
		t.Errorf("first post is %+v", first)
	}
	second, third := page.Messages[1].(*tg.Message), page.Messages[2].(*tg.Message)
	if len(album) != 2 || second.GroupedID == 0 || second.GroupedID != third.GroupedID || len(second.RestrictionReason) != 1 {
		t.Errorf("album is %+v and %+v", second, third)
	}
	if len(page.Chats) != 2 || page.Chats[1].GetID() != origin.ID() {
		t.Errorf("chats are %+v, want the channel and the one it was forwarded from", page.Chats)
	}
	known, err := c.api.ChannelsGetChannels(t.Context(), []tg.InputChannelClass{
		&tg.InputChannelFromMessage{Peer: inputPeer(channel), MsgID: 1, ChannelID: 2001},
	})
	if err != nil || len(known.GetChats()) != 1 {
		t.Errorf("the origin, by its forward: %+v, %v", known, err)
	}
	request.ID = make([]tg.InputMessageClass, 101)
	for i := range request.ID {
		request.ID[i] = &tg.InputMessageID{ID: i + 1}
	}
	_, err = c.api.ChannelsGetMessages(t.Context(), request)
	wantError(t, err, "LIMIT_INVALID")
}
