package fake

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// retry is how soon clients of these tests send a call again.
const retry = 200 * time.Millisecond

func eager(o *telegram.Options) { o.RetryInterval = retry }

func TestPrivateAndBack(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 4001, Username: "canary_shut", Title: "Shut"})
	posts(channel, 3)
	channel.SetPrivate(true)
	ctx := t.Context()
	_, err := c.api.ChannelsGetFullChannel(ctx, input(channel))
	wantError(t, err, "CHANNEL_PRIVATE")
	_, err = c.api.MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), Limit: 10})
	wantError(t, err, "CHANNEL_PRIVATE")
	_, err = c.api.ChannelsGetMessages(ctx, &tg.ChannelsGetMessagesRequest{Channel: input(channel), ID: []tg.InputMessageClass{&tg.InputMessageID{ID: 1}}})
	wantError(t, err, "CHANNEL_PRIVATE")
	_, err = c.api.UpdatesGetChannelDifference(ctx, &tg.UpdatesGetChannelDifferenceRequest{
		Channel: input(channel), Filter: &tg.ChannelMessagesFilterEmpty{}, Pts: 1, Limit: 10,
	})
	wantError(t, err, "CHANNEL_PRIVATE")
	chats, err := c.api.ChannelsGetChannels(ctx, []tg.InputChannelClass{input(channel)})
	if err != nil {
		t.Fatalf("ChannelsGetChannels: %v", err)
	}
	if _, ok := chats.GetChats()[0].(*tg.ChannelForbidden); !ok {
		t.Errorf("the chat is %T, want *tg.ChannelForbidden", chats.GetChats()[0])
	}
	channel.SetPrivate(false)
	channel.Restrict([]tg.RestrictionReason{{Platform: "android", Reason: "terms"}})
	chats, err = c.api.ChannelsGetChannels(ctx, []tg.InputChannelClass{input(channel)})
	if err != nil {
		t.Fatalf("ChannelsGetChannels: %v", err)
	}
	if chat, ok := chats.GetChats()[0].(*tg.Channel); !ok || !chat.Restricted || len(chat.RestrictionReason) != 1 {
		t.Errorf("the chat is %+v, want a restricted channel", chats.GetChats()[0])
	}
	if got := c.history(t, tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), Limit: 10}); len(got) != 3 {
		t.Errorf("%d posts after it came back, want 3", len(got))
	}
	wrong := input(channel)
	wrong.AccessHash++
	_, err = c.api.ChannelsGetFullChannel(ctx, wrong)
	wantError(t, err, "CHANNEL_INVALID")
}

func TestRenameAndReuse(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	resolve := func(name string) (int64, error) {
		answer, err := c.api.ContactsResolveUsername(t.Context(), &tg.ContactsResolveUsernameRequest{Username: name})
		if err != nil {
			return 0, err
		}
		return answer.Chats[0].GetID(), nil
	}
	want := func(name string, id int64) {
		t.Helper()
		if got, err := resolve(name); err != nil || got != id {
			t.Errorf("%s is %d (%v), want %d", name, got, err, id)
		}
	}
	first := s.Channel(ChannelSpec{ID: 4101, Username: "canary_name"})
	want("Canary_Name", 4101)
	first.Rename("canary_moved")
	_, err := resolve("canary_name")
	wantError(t, err, "USERNAME_NOT_OCCUPIED")
	want("canary_moved", 4101)
	s.Channel(ChannelSpec{ID: 4102, Usernames: []string{"canary_name", "canary_second"}})
	want("canary_name", 4102)
	want("canary_second", 4102)
	_, err = resolve("no")
	wantError(t, err, "USERNAME_INVALID")
}

func TestFloodWaitAndEarlyCalls(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 4201})
	ask := func() error {
		_, err := c.api.MessagesGetHistory(t.Context(), &tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), Limit: 10})
		return err
	}
	s.FloodWait("messages.getHistory", 2)
	first := ask()
	wait, ok := tgerr.AsFloodWait(first)
	if !ok || wait != 2*time.Second {
		t.Fatalf("first call: %v", first)
	}
	told := time.Now()
	if early := s.EarlyCalls(); early != 0 {
		t.Errorf("%d early calls before there was one", early)
	}
	if rest, ok := tgerr.AsFloodWait(ask()); !ok || rest > 2*time.Second || rest < time.Second {
		t.Errorf("second call was told to wait %s", rest)
	}
	if _, err := c.api.ChannelsGetFullChannel(t.Context(), input(channel)); err != nil {
		t.Errorf("another method waits, too: %v", err)
	}
	if early := s.EarlyCalls(); early != 1 {
		t.Errorf("%d early calls, want 1", early)
	}
	<-time.After(time.Until(told.Add(wait)))
	if err := ask(); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if early := s.EarlyCalls(); early != 1 {
		t.Errorf("%d early calls after the wait, want 1", early)
	}
}

func TestFailAndFreeze(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	ask := func() error {
		_, err := c.api.UpdatesGetDifference(t.Context(), &tg.UpdatesGetDifferenceRequest{Pts: 1, Date: 1, Qts: 1})
		return err
	}
	s.Fail("updates.getDifference", 2, tgerr.New(500, "RPC_CALL_FAIL"))
	wantError(t, ask(), "RPC_CALL_FAIL")
	wantError(t, ask(), "RPC_CALL_FAIL")
	if err := ask(); err != nil {
		t.Errorf("third call: %v", err)
	}
	s.Fail("", -1, tgerr.New(500, "WORKER_BUSY_TOO_LONG_RETRY"))
	wantError(t, ask(), "WORKER_BUSY_TOO_LONG_RETRY")
	s.Fail("", 0, nil)
	s.Freeze()
	wantError(t, ask(), "FROZEN_METHOD_INVALID")
	s.Thaw()
	if err := ask(); err != nil {
		t.Errorf("after all: %v", err)
	}
}

// A held call is answered when it is let go, others meanwhile.
func TestHold(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), nil)
	if err := s.WaitCalls(t.Context(), "users.getUsers", 1); err != nil {
		t.Fatal(err)
	}
	release := s.Hold("updates.getState")
	answered := make(chan error)
	go func() {
		_, err := c.api.UpdatesGetState(t.Context())
		answered <- err
	}()
	if _, err := c.Self(t.Context()); err != nil {
		t.Errorf("another call: %v", err)
	}
	if n, _ := s.count("updates.getState"); n != 0 {
		t.Error("the held call was answered")
	}
	release()
	if err := <-answered; err != nil {
		t.Errorf("the held call: %v", err)
	}
}

// The network goes away and comes back; the client does, too, with its session.
func TestBrokenByACutOrRefusal(t *testing.T) {
	s := start(t, Options{})
	back := make(chan struct{}, 10)
	c := connect(t, s, signedIn(t, s), func(o *telegram.Options) {
		eager(o)
		o.OnSelfSuccess = func(*tg.User) { back <- struct{}{} }
	})
	channel := s.Channel(ChannelSpec{ID: 4301, Username: "canary_cut"})
	posts(channel, 2)
	<-back
	s.Refuse(true)
	s.Cut()
	if n := s.Connections(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
	s.Refuse(false)
	<-back
	if got := c.history(t, tg.MessagesGetHistoryRequest{Peer: inputPeer(channel), Limit: 10}); len(got) != 2 {
		t.Errorf("%d posts after the cut, want 2", len(got))
	}
	if n := s.Simultaneous(); n != 0 {
		t.Errorf("a reconnect counts as %d sessions used twice at once", n)
	}
}

func TestBrokenSessions(t *testing.T) {
	for name, end := range map[string]func(*Server){
		"AUTH_KEY_UNREGISTERED": (*Server).Revoke,
		"AUTH_KEY_DUPLICATED":   (*Server).Duplicate,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{})
			c := connect(t, s, signedIn(t, s), func(o *telegram.Options) {
				eager(o)
				o.OnSelfError = func(_ context.Context, err error) error { return err }
			})
			if err := s.WaitCalls(t.Context(), "users.getUsers", 1); err != nil {
				t.Fatal(err)
			}
			end(s)
			_, err := c.api.UpdatesGetState(t.Context())
			wantError(t, err, name)
			s.Cut()
			<-c.ended
			wantError(t, c.err, name)
		})
	}
}

// Two processes with one session are seen, one after the other are not.
func TestSimultaneous(t *testing.T) {
	s := start(t, Options{})
	storage := signedIn(t, s)
	clone := func() *client { return connect(t, s, storage.Clone(), nil) }
	use := func(c *client) {
		if _, err := c.Self(t.Context()); err != nil {
			t.Fatalf("self: %v", err)
		}
	}
	first := clone()
	use(first)
	first.stop()
	second := clone()
	use(second)
	if n := s.Simultaneous(); n != 0 {
		t.Errorf("one after the other count %d", n)
	}
	third := clone()
	use(third)
	use(second)
	if n := s.Simultaneous(); n < 1 {
		t.Error("two at once are not seen")
	}
}

func TestSkewClock(t *testing.T) {
	s := start(t, Options{NoPush: true})
	c := connect(t, s, signedIn(t, s), nil)
	channel := s.Channel(ChannelSpec{ID: 4401})
	s.SkewClock(48 * time.Hour)
	channel.Post(text(1))
	state, err := c.api.UpdatesGetState(t.Context())
	if err != nil {
		t.Fatalf("UpdatesGetState: %v", err)
	}
	ahead := time.Now().Add(24 * time.Hour)
	if !time.Unix(int64(state.Date), 0).After(ahead) || !channel.Truth().Posts[0].Date.After(ahead) {
		t.Errorf("state says %d, the post %s", state.Date, channel.Truth().Posts[0].Date)
	}
}

// A client that dies before its first byte, or speaks something else, harms nobody.
func TestRudeClients(t *testing.T) {
	s := start(t, Options{})
	for _, first := range []string{"", "a", "GET / HTTP/1.1\r\n\r\n", "\xee\xee\xee\xee\x04\x00\x00\x00\x00\x00\x00\x00"} {
		conn, err := dial(t.Context(), s.Address())
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		if _, err := conn.Write([]byte(first)); err != nil {
			t.Fatalf("write: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	c := connect(t, s, signedIn(t, s), nil)
	if _, err := c.Self(t.Context()); err != nil {
		t.Errorf("self: %v", err)
	}
}

func TestCloseEndsWithClients(t *testing.T) {
	s := start(t, Options{})
	c := connect(t, s, signedIn(t, s), eager)
	s.Close()
	s.Close()
	ctx, stop := context.WithTimeout(t.Context(), retry)
	defer stop()
	if _, err := c.Self(ctx); err == nil {
		t.Error("a closed server answers")
	} else if _, ok := tgerr.As(err); ok && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a closed server answers %v", err)
	}
}
