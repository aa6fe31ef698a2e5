package fake

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gotd/td/session"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// patience is how long anything may take on a busy machine.
const patience = time.Minute

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

func signedIn(t *testing.T, s *Server) *session.StorageMemory {
	t.Helper()
	storage, err := s.Session(t.Context())
	if err != nil {
		t.Fatalf("Session: %v", err)
	}
	return storage
}

// client is a gotd client that runs until stop or the end of the test.
type client struct {
	*telegram.Client
	api     *tg.Client
	updates chan tg.UpdatesClass
	ended   chan struct{}
	err     error // of Run, once ended is closed
	stop    func()
}

func connect(t *testing.T, s *Server, storage session.Storage, adapt func(*telegram.Options)) *client {
	t.Helper()
	c := &client{updates: make(chan tg.UpdatesClass, 1000), ended: make(chan struct{})}
	opts := s.Options()
	opts.SessionStorage = storage
	opts.UpdateHandler = telegram.UpdateHandlerFunc(func(_ context.Context, u tg.UpdatesClass) error {
		c.updates <- u
		return nil
	})
	if adapt != nil {
		adapt(&opts)
	}
	c.Client = telegram.NewClient(1, "hash", opts)
	c.api = c.API()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	ready := make(chan struct{})
	go func() {
		defer close(c.ended)
		c.err = c.Run(ctx, func(ctx context.Context) error {
			close(ready)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	c.stop = func() {
		cancel()
		<-c.ended
	}
	t.Cleanup(c.stop)
	select {
	case <-ready:
	case <-c.ended:
		t.Fatalf("client ended: %v", c.err)
	}
	return c
}

// next is the next update the server pushed.
func (c *client) next(t *testing.T) *tg.Updates {
	t.Helper()
	select {
	case u := <-c.updates:
		updates, ok := u.(*tg.Updates)
		if !ok {
			t.Fatalf("got %T, want *tg.Updates", u)
		}
		return updates
	case <-time.After(patience):
		t.Fatal("no update came")
		return nil
	}
}

func input(c *Channel) *tg.InputChannel {
	return &tg.InputChannel{ChannelID: c.ID(), AccessHash: c.AccessHash()}
}

func inputPeer(c *Channel) *tg.InputPeerChannel {
	return &tg.InputPeerChannel{ChannelID: c.ID(), AccessHash: c.AccessHash()}
}

// history is one page of it: the ids, and the chats' titles are left aside.
func (c *client) history(t *testing.T, r tg.MessagesGetHistoryRequest) []int {
	t.Helper()
	answer, err := c.api.MessagesGetHistory(t.Context(), &r)
	if err != nil {
		t.Fatalf("MessagesGetHistory: %v", err)
	}
	page, ok := answer.(*tg.MessagesChannelMessages)
	if !ok {
		t.Fatalf("got %T, want *tg.MessagesChannelMessages", answer)
	}
	return ids(page.Messages)
}

func ids(messages []tg.MessageClass) []int {
	var all []int
	for _, m := range messages {
		all = append(all, m.GetID())
	}
	return all
}

// span are the numbers from first to last, in either direction.
func span(first, last int) []int {
	step := 1
	if last < first {
		step = -1
	}
	all := []int{first}
	for n := first; n != last; {
		n += step
		all = append(all, n)
	}
	return all
}

func text(n int) tg.Message { return tg.Message{Message: fmt.Sprintf("post %d", n)} }

func posts(c *Channel, n int) {
	for i := range n {
		c.Post(text(i + 1))
	}
}

// wantError checks that err is the Telegram error of that name.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if !tgerr.Is(err, want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}
