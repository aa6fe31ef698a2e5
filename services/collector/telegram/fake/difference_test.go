package fake

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
)

func (c *client) difference(t *testing.T, channel *Channel, pts, limit int) tg.UpdatesChannelDifferenceClass {
	t.Helper()
	answer, err := c.api.UpdatesGetChannelDifference(t.Context(), &tg.UpdatesGetChannelDifferenceRequest{
		Channel: input(channel), Filter: &tg.ChannelMessagesFilterEmpty{}, Pts: pts, Limit: limit,
	})
	if err != nil {
		t.Fatalf("UpdatesGetChannelDifference: %v", err)
	}
	return answer
}

func (c *client) full(t *testing.T, channel *Channel) *tg.ChannelFull {
	t.Helper()
	answer, err := c.api.ChannelsGetFullChannel(t.Context(), input(channel))
	if err != nil {
		t.Fatalf("ChannelsGetFullChannel: %v", err)
	}
	return answer.FullChat.(*tg.ChannelFull)
}

// What happened while nobody looked comes in slices, with edits and deletions,
// each with its pts.
func TestDifferenceWithOfflineEditsAndDeletes(t *testing.T) {
	s := start(t, Options{NoPush: true, DifferenceTimeout: 7})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 3001, Username: "canary_tail", Subscribers: 12})
	posts(channel, 3)
	full := c.full(t, channel)
	if full.Pts != 4 || full.ParticipantsCount != 12 {
		t.Fatalf("full channel is %+v", full)
	}
	posts(channel, 4)                                                   // 4 to 7, pts 5 to 8
	channel.Edit(2, func(m *tg.Message) { m.Message = "another text" }) // pts 9
	channel.Delete(1, 3)                                                // pts 11
	channel.Delete(6)                                                   // pts 12, never to be seen

	var (
		news, edits, deleted, pts []int
		slices                    int
	)
	for at := full.Pts; ; {
		answer := c.difference(t, channel, at, 3)
		part, ok := answer.(*tg.UpdatesChannelDifference)
		if !ok {
			t.Fatalf("got %T", answer)
		}
		slices++
		news = append(news, ids(part.NewMessages)...)
		for _, u := range part.OtherUpdates {
			switch u := u.(type) {
			case *tg.UpdateEditChannelMessage:
				m := u.Message.(*tg.Message)
				if m.Message != "another text" || m.EditDate == 0 {
					t.Errorf("edited post is %+v", m)
				}
				edits, pts = append(edits, m.ID), append(pts, u.Pts)
			case *tg.UpdateDeleteChannelMessages:
				deleted, pts = append(deleted, u.Messages...), append(pts, u.Pts)
			}
		}
		at = part.Pts
		if part.Timeout != 7 {
			t.Errorf("timeout is %d, want 7", part.Timeout)
		}
		if part.Final {
			break
		}
	}
	got := map[string][]int{"new": news, "edited": edits, "deleted": deleted, "pts": pts}
	want := map[string][]int{"new": {4, 5, 7}, "edited": {2}, "deleted": {1, 3, 6}, "pts": {9, 11, 12}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if slices != 3 {
		t.Errorf("came in %d slices, want 3", slices)
	}
	if _, ok := c.difference(t, channel, channel.Pts(), 3).(*tg.UpdatesChannelDifferenceEmpty); !ok {
		t.Error("nothing new is not an empty difference")
	}
	checkTruth(t, channel.Truth())
}

// checkTruth is about the channel of the test above.
func checkTruth(t *testing.T, truth Truth) {
	t.Helper()
	state := map[string][]int{}
	for _, p := range truth.Posts {
		for name, is := range map[string]bool{"deleted": p.Deleted, "edited": !p.Edited.IsZero(), "served": p.Served} {
			if is {
				state[name] = append(state[name], p.ID)
			}
		}
	}
	want := map[string][]int{"deleted": {1, 3, 6}, "edited": {2}, "served": {2, 4, 5, 7}}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("truth of posts (-want +got):\n%s", diff)
	}
	var unserved []int
	for _, e := range truth.Events {
		if !e.Served {
			unserved = append(unserved, e.Pts)
		}
	}
	// 1 to 3 were posted before anybody asked, and 6 was gone when somebody did.
	if diff := cmp.Diff([]int{2, 3, 4, 7}, unserved); diff != "" {
		t.Errorf("events nobody was told (-want +got):\n%s", diff)
	}
}

func TestDifferenceTooLong(t *testing.T) {
	s := start(t, Options{NoPush: true, DifferenceLimit: 20})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 3002, Username: "canary_far"})
	posts(channel, 30)
	answer := c.difference(t, channel, 1, 100)
	long, ok := answer.(*tg.UpdatesChannelDifferenceTooLong)
	if !ok {
		t.Fatalf("30 behind of 20: got %T", answer)
	}
	dialog := long.Dialog.(*tg.Dialog)
	if dialog.Pts != 31 || dialog.TopMessage != 30 || !long.Final {
		t.Errorf("dialog is %+v", dialog)
	}
	if diff := cmp.Diff(span(30, 1), ids(long.Messages)); diff != "" {
		t.Errorf("newest (-want +got):\n%s", diff)
	}
	if _, ok := c.difference(t, channel, 11, 100).(*tg.UpdatesChannelDifference); !ok {
		t.Error("20 behind of 20 is too long")
	}
	channel2 := s.Channel(ChannelSpec{ID: 3003})
	channel2.Fill(5, func(int) tg.Message { return text(1) })
	if _, ok := c.difference(t, channel2, 1, 100).(*tg.UpdatesChannelDifferenceTooLong); !ok {
		t.Error("a difference from before a filled history is not too long")
	}
}

func TestPush(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	silent := connect(t, s, signedIn(t, s), func(o *telegram.Options) { o.NoUpdates = true })
	channel := s.Channel(ChannelSpec{ID: 3004, Username: "canary_live"})
	other := s.Channel(ChannelSpec{ID: 3005, Username: "canary_other"})
	c.full(t, channel)
	silent.full(t, channel)

	other.Post(text(0)) // nobody follows it
	channel.Post(text(1))
	channel.PostAlbum([]tg.Message{text(2), text(3)})
	channel.Quiet(true)
	channel.Edit(1, func(m *tg.Message) { m.Message = "unseen" })
	channel.Quiet(false)
	channel.Edit(1, func(m *tg.Message) { m.Message = "seen" })
	channel.Delete(2, 3)
	channel.TooLong()

	got := map[int]string{} // by pts: the client hands updates on in any order
	for range 5 {
		updates := c.next(t)
		if len(updates.Chats) != 1 || updates.Chats[0].GetID() != channel.ID() {
			t.Errorf("chats are %+v", updates.Chats)
		}
		for _, u := range updates.Updates {
			if long, ok := u.(*tg.UpdateChannelTooLong); ok {
				got[0] = u.TypeName()
				if long.Pts != 8 {
					t.Errorf("too long says pts %d, want 8", long.Pts)
				}
				continue
			}
			got[u.(interface{ GetPts() int }).GetPts()] = u.TypeName()
		}
	}
	want := map[int]string{
		2: "updateNewChannelMessage", 3: "updateNewChannelMessage", 4: "updateNewChannelMessage",
		0: "updateChannelTooLong", 6: "updateEditChannelMessage", 8: "updateDeleteChannelMessages",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
	if len(silent.updates) != 0 || len(c.updates) != 0 {
		t.Errorf("%d updates came to a client that wants none, %d more to the other", len(silent.updates), len(c.updates))
	}
}
