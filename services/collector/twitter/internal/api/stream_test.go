package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestAMessageThatIsTooLongIsPassedOver(t *testing.T) {
	const most = 4 << 20
	fits := `{"x":"` + strings.Repeat("x", most-8) + `"}`
	s := ours(t, fits+"\r\n"+message(1, most)+"\r\n\r\n"+message(2, 10)+"\r\n")
	if got := messages(t, s, 1)[0]; got != fits {
		t.Errorf("a message of %d bytes came as one of %d", len(fits), len(got))
	}
	_, err := s.Next()
	is(t, err, api.TooLong)
	if api.KindOf(err).Transient() {
		t.Error("a message that is too long does not end the stream")
	}
	if got := messages(t, s, 1)[0]; got != message(2, 10) {
		t.Errorf("message after it is %s", got)
	}
}

func TestAMessageMayBeKept(t *testing.T) {
	var content strings.Builder
	for n := range 300 {
		content.WriteString(message(n, 1000) + "\r\n")
	}
	s := ours(t, content.String())
	first, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	messages(t, s, 299)
	if string(first) != message(0, 1000) {
		t.Errorf("the first message has become %s", first)
	}
}

func TestAStreamIsNotCompressedAndEachMessageComesWhenItIsSent(t *testing.T) {
	next := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "" {
			t.Errorf("it is asked for as %s", got)
		}
		for n := range 3 {
			io.WriteString(w, "\r\n"+message(n, 100)+"\r\n")
			w.(http.Flusher).Flush()
			<-next // each comes when it is sent, not when there is more
		}
	})
	c := stream(t, open(t, s.URL))
	for n := range 3 {
		if got := messages(t, c, 1)[0]; got != message(n, 100) {
			t.Errorf("message %d is %s", n, got)
		}
		next <- struct{}{}
	}
	_, err := c.Next()
	is(t, err, api.Ended)
}

func TestAStreamThatIsCutOffSaysSo(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, message(1, 10)+"\r\n"+`{"data":{"id":"2`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	c := stream(t, open(t, s.URL))
	messages(t, c, 1)
	_, err := c.Next()
	is(t, err, api.Network)
	if _, err := c.Next(); err != api.ErrClosed { //nolint:errorlint // it is this one
		t.Errorf("after the end: %v", err)
	}
}

func TestALastMessageWithoutALineFeedIsOne(t *testing.T) {
	s := serve(t, text(200, message(1, 10)+"\n"+`{"errors":[{"disconnect_type":"OperationalDisconnect"}]}`))
	c := stream(t, open(t, s.URL))
	if got := messages(t, c, 2)[1]; !strings.Contains(got, "OperationalDisconnect") {
		t.Errorf("last message is %s", got)
	}
	_, err := c.Next()
	is(t, err, api.Ended)
	cut := stream(t, open(t, serve(t, text(200, message(1, 10)+"\r\n"+`{"data":{"id":`)).URL))
	messages(t, cut, 1)
	_, err = cut.Next()
	is(t, err, api.Ended)
}

func TestAStreamEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "https://api.example", over(func(r *http.Request) (*http.Response, error) {
			return answer(r, 200, newSilent(r.Context(), strings.NewReader("\r\n"))), nil
		}), func(cfg *api.Config) { cfg.StreamIdle = time.Hour; cfg.CallLimit = time.Second })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := c.Stream(ctx)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := s.Next(); err != context.DeadlineExceeded { //nolint:errorlint // it is this one
			t.Errorf("error is %v", err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("a call's limit ended the stream after %v", took)
		}
		if heard := s.Heard(); !heard.Equal(began) {
			t.Errorf("heard at %v, began at %v", heard, began)
		}
	})
}

func TestHeartbeatsKeepAStreamOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		c := open(t, "https://api.example", over(func(q *http.Request) (*http.Response, error) {
			context.AfterFunc(q.Context(), func() { r.CloseWithError(q.Context().Err()) })
			return answer(q, 200, r), nil
		}))
		go func() {
			for range 10 {
				time.Sleep(20 * time.Second)
				io.WriteString(w, "\r\n")
			}
			io.WriteString(w, message(1, 10)+"\r\n")
		}()
		began := time.Now()
		s := stream(t, c)
		messages(t, s, 1)
		_, err := s.Next()
		is(t, err, api.Stalled)
		if took := time.Since(began); took != 230*time.Second {
			t.Errorf("stalled after %v", took)
		}
	})
}

func TestStreamsAreClosedFromAnywhereAndLeaveNothing(t *testing.T) {
	var sent sync.WaitGroup
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		defer sent.Done()
		for n := 0; r.Context().Err() == nil; n++ {
			if _, err := fmt.Fprintf(w, "%s\r\n\r\n", message(n, 500)); err != nil {
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	c := open(t, s.URL)
	for n := range 20 {
		one := stream(t, c)
		messages(t, one, n)
		var all sync.WaitGroup
		for range 3 {
			all.Go(one.Close)
		}
		if n%2 == 0 {
			for err := error(nil); err != api.ErrClosed; { //nolint:errorlint // it is this one
				_, err = one.Next()
			}
		}
		all.Wait()
	}
	sent.Wait() // the server noticed each
}

func TestAReaderThatBringsNothingDoesNotSpin(t *testing.T) {
	c := open(t, "http://127.0.0.1:1", over(func(r *http.Request) (*http.Response, error) { return answer(r, 200, idler{}), nil }))
	_, err := stream(t, c).Next()
	is(t, err, api.Network)
}

// idler reads nothing, without an error.
type idler struct{}

func (idler) Read([]byte) (int, error) { return 0, nil }

func TestAStreamOverHTTP2IsTheSame(t *testing.T) {
	next, gone := make(chan struct{}), make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the protocol is %s", r.Proto)
		}
		fmt.Fprintf(w, "%s\r\n", message(1, 80<<10))
		w.(http.Flusher).Flush()
		select {
		case <-next:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			close(gone)
		}
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := open(t, s.URL, func(cfg *api.Config) { cfg.Transport = s.Client().Transport })
	cut, closed := stream(t, c), stream(t, c)
	messages(t, cut, 1)
	messages(t, closed, 1)
	closed.Close()
	if _, err := closed.Next(); err != api.ErrClosed { //nolint:errorlint // it is this one
		t.Errorf("after Close: %v", err)
	}
	<-gone // the server noticed
	next <- struct{}{}
	_, err := cut.Next()
	is(t, err, api.Network)
}

func TestOneStreamOpensAtATime(t *testing.T) {
	g := &gate{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	c := open(t, s.URL, through(g))
	first, second := stream(t, c), stream(t, c) // one that lives is not in the way
	first.Close()
	second.Close()
	if len(g.turns) != 2 {
		t.Errorf("turns are %v", g.turns)
	}
}
