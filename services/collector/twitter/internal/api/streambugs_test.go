package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	twitter "github.com/g8rswimmer/go-twitter/v2"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// What go-twitter v2.1.5 does to the stream, each beside our reader.

// info is a message after which the library has handled all before it.
const info = `{"info":{"message":"end"}}` + "\r\n"

// theirs lets the library read a stream, and returns when it has read all of it
// and waits for more.
func theirs(t *testing.T, content string) *twitter.TweetStream {
	t.Helper()
	body := newSilent(t.Context(), strings.NewReader(content+info))
	stream := twitter.StartTweetStream(body)
	t.Cleanup(func() {
		body.Close()
		stream.Close()
	})
	<-stream.SystemMessages()
	return stream
}

// ours opens a stream of this content, that stays open.
func ours(t *testing.T, content string) *api.Stream {
	t.Helper()
	return stream(t, open(t, "http://127.0.0.1:1", over(func(r *http.Request) (*http.Response, error) {
		return answer(r, 200, newSilent(r.Context(), strings.NewReader(content))), nil
	})))
}

func stream(t *testing.T, c *api.Client) *api.Stream {
	t.Helper()
	s, err := c.Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// messages reads so many messages.
func messages(t *testing.T, s *api.Stream, n int) []string {
	t.Helper()
	all := make([]string, 0, n)
	for range n {
		m, err := s.Next()
		if err != nil {
			t.Fatalf("after %d messages: %v", len(all), err)
		}
		all = append(all, string(m))
	}
	return all
}

func TestB1NoPostIsDroppedWhereTheReaderIsSlow(t *testing.T) {
	var content strings.Builder
	for n := range 200 {
		content.WriteString(message(n, 10) + "\r\n")
	}
	if got := len(theirs(t, content.String()).Tweets()); got != 10 {
		t.Errorf("the library is mended: %d of 200 are there for a reader that was away", got)
	}
	for n, m := range messages(t, ours(t, content.String()), 200) {
		if m != message(n, 10) {
			t.Fatalf("message %d is %s", n, m)
		}
	}
}

func TestB2TheRulesThatMatchedAreKept(t *testing.T) {
	sent := message(1, 10)
	raw, err := json.Marshal(<-theirs(t, sent+"\r\n").Tweets())
	if err != nil || strings.Contains(string(raw), "wl:1:v1") {
		t.Errorf("the library is mended: %v", err)
	}
	if got := messages(t, ours(t, sent+"\r\n"), 1)[0]; got != sent {
		t.Errorf("message is %s", got)
	}
}

func TestB3APostWithAProblemIsAPost(t *testing.T) {
	const sent = `{"data":{"id":"1","text":"x"},"errors":[{"title":"Not Found Error"}]}`
	content := strings.Repeat(sent+"\r\n", 400)
	if len(theirs(t, content).DisconnectionError()) == 0 {
		t.Error("the library is mended: it took none of 400 for a disconnection")
	}
	for _, m := range messages(t, ours(t, content), 400) {
		if m != sent {
			t.Fatalf("message is %s", m)
		}
	}
}

// ending is a body that says when its end was read.
type ending struct {
	io.Reader
	read int
	once sync.Once
	at   int
	seen chan struct{}
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if e.read += n; err != nil || e.at > 0 && e.read >= e.at {
		e.once.Do(func() { close(e.seen) })
	}
	return n, err
}

func (e *ending) Close() error { return nil }

// busy says whether the library's goroutine runs, where it has nothing to do.
func busy() bool {
	dump := make([]byte, 1<<20)
	dump = dump[:runtime.Stack(dump, true)]
	for _, one := range strings.Split(string(dump), "\n\n") {
		if strings.Contains(one, "(*TweetStream).handle") {
			return regexp.MustCompile(`^goroutine \d+ [^\[]*\[(running|runnable|preempted)`).MatchString(one)
		}
	}
	return false
}

func TestB4AfterItsEndAStreamIsQuiet(t *testing.T) {
	body := &ending{Reader: strings.NewReader(""), seen: make(chan struct{})}
	library := twitter.StartTweetStream(body)
	<-body.seen
	for range 20 {
		if !busy() {
			t.Fatal("the library is mended: it does not run after the end")
		}
	}
	select {
	case <-library.Tweets():
		t.Error("the library is mended: its channels are closed")
	default:
	}
	if !library.Connection() {
		t.Error("the library is mended: the connection has ended")
	}
	library.Close()

	s := stream(t, open(t, serve(t, text(200, "\r\n"+message(1, 10)+"\r\n")).URL))
	messages(t, s, 1)
	_, err := s.Next()
	is(t, err, api.Ended)
	for range 3 {
		if _, err := s.Next(); err != api.ErrClosed { //nolint:errorlint // it is this one
			t.Errorf("after the end: %v", err)
		}
	}
}

func TestB5ALargeMessageIsRead(t *testing.T) {
	content := message(1, 70<<10) + "\r\n" + message(2, 10) + "\r\n"
	body := &ending{Reader: strings.NewReader(content), at: 64 << 10, seen: make(chan struct{})}
	library := twitter.StartTweetStream(body)
	<-body.seen
	library.Close()
	for range library.Tweets() {
		t.Error("the library is mended: a post came")
	}
	if body.read >= len(content) {
		t.Error("the library is mended: it read all there was")
	}
	got := messages(t, ours(t, content), 2)
	if got[0] != message(1, 70<<10) || got[1] != message(2, 10) {
		t.Errorf("messages of %d and %d bytes", len(got[0]), len(got[1]))
	}
}

func TestB6AStallIsNoticedAndAStalledStreamCanBeClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := newSilent(t.Context(), strings.NewReader("\r\n"))
		library := twitter.StartTweetStream(body)
		time.Sleep(25 * time.Second)
		if !library.Connection() {
			t.Error("the library is mended: it noticed the stall")
		}
		closed := make(chan struct{})
		go func() {
			library.Close()
			close(closed)
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("the library is mended: Close does not wait for bytes")
		default:
		}
		body.Close()
		<-closed
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := ours(t, message(1, 10)+"\r\n")
		messages(t, s, 1)
		time.Sleep(time.Minute) // who reads slowly makes no stall
		began = began.Add(time.Minute)
		_, err := s.Next()
		is(t, err, api.Stalled)
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("noticed after %v", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := ours(t, "")
		go func() {
			time.Sleep(time.Second)
			s.Close()
		}()
		if _, err := s.Next(); err != api.ErrClosed { //nolint:errorlint // it is this one
			t.Errorf("closed while it waits: %v", err)
		}
	})
}

func TestB7AStreamMayBeClosedTwice(t *testing.T) {
	body := newSilent(t.Context(), strings.NewReader(""))
	library := twitter.StartTweetStream(body)
	body.Close()
	library.Close()
	for range library.Tweets() { // until its goroutine has ended
	}
	select {
	case <-library.DisconnectionError():
		t.Error("the library is mended: its channels are closed")
	default:
	}
	func() {
		defer func() {
			if fmt.Sprint(recover()) != "send on closed channel" {
				t.Error("the library is mended: it can be closed twice")
			}
		}()
		library.Close()
	}()
	s := ours(t, "")
	var all sync.WaitGroup
	for range 4 {
		all.Go(s.Close)
	}
	all.Wait()
	s.Close()
	if _, err := s.Next(); err != api.ErrClosed { //nolint:errorlint // it is this one
		t.Errorf("after Close: %v", err)
	}
}
