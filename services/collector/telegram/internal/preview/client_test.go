package preview

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview/previewtest"
)

// secret stands in the name of a channel and must be in no error.
const secret = "harboursecret"

// serving returns a client of a server that answers so.
func serving(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return NewClient(ClientConfig{BaseURL: server.URL + "/"})
}

func TestClientReadsAChannelToItsBeginning(t *testing.T) {
	web := previewtest.New(t)
	var posts []previewtest.Post
	for id := 3; id <= 50; id++ {
		posts = append(posts, previewtest.Post{ID: id, Text: "看\nhttps://cards.example/x", Views: "1.2K"})
	}
	web.SetPosts("harbourwatch", posts)
	turns := 0
	c := NewClient(ClientConfig{BaseURL: web.URL, Turn: func(context.Context) error { turns++; return nil }})
	page, err := c.Latest(t.Context(), "harbourwatch")
	if err != nil || page.Audience != 1200 {
		t.Fatalf("got %v, audience %d", err, page.Audience)
	}
	got := page.Posts
	for page.Before > 0 {
		if page, err = c.Before(t.Context(), "harbourwatch", page.Before); err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Posts...)
	}
	if len(got) != 48 || turns != 3 || web.Requests() != 3 {
		t.Errorf("got %d posts in %d turns and %d requests", len(got), turns, web.Requests())
	}
	if text := got[0].GetText(); text != "看\nhttps://cards.example/x" {
		t.Errorf("text %q", text)
	}
}

// A web that sends its reader in a circle must not keep a reader for ever.
func TestClientComesToAnEnd(t *testing.T) {
	c := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<html><head><link rel="prev" href="/s/harbourwatch?before=70"></head><body><div class="tgme_channel_history"></div></body></html>`)
	})
	for id, want := range map[int]int{71: 70, 70: 0, 69: 0} {
		if page, err := c.Before(t.Context(), "harbourwatch", id); err != nil || page.Before != want {
			t.Errorf("before %d: got %d, %v", id, page.Before, err)
		}
	}
}

func TestClientAsksPolitely(t *testing.T) {
	var requests []*http.Request
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r)
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/"})
		_, _ = io.WriteString(w, emptyPage)
	})
	for range 2 {
		if _, err := c.Before(t.Context(), "Harbour_1", 7); err != nil {
			t.Fatal(err)
		}
	}
	if got := requests[1].URL.String(); got != "/s/Harbour_1?before=7" {
		t.Errorf("asked for %s", got)
	}
	if len(requests[1].Cookies()) > 0 || requests[1].UserAgent() != "doxtrail" || requests[1].Referer() != "" {
		t.Errorf("sent %v", requests[1].Header)
	}
}

func TestClientRefusesOtherNames(t *testing.T) {
	c := NewClient(ClientConfig{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, errors.New("no")
	})})
	for _, name := range []string{"", "four", strings.Repeat("a", 33), "../login", "a/b/c/d", "harbour?q=1", "harbour#x", "harbour.x", "港港港港港", "harbour%2f", "harbour x", "@harbour"} {
		if _, err := c.Latest(t.Context(), name); !errors.Is(err, ErrName) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	if _, err := c.Before(t.Context(), "harbour", 0); !errors.Is(err, ErrNumber) {
		t.Errorf("got %v", err)
	}
	if _, _, err := c.State(t.Context(), "harbour", -1); !errors.Is(err, ErrNumber) {
		t.Errorf("got %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestClientFaults(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, emptyPage)
		}
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   error
	}{
		{"rate limited", status(429, "Retry-After", "17"), RateLimited{After: 17 * time.Second}},
		{"rate limited without a time", status(429), RateLimited{}},
		{"rate limited for a year", status(429, "Retry-After", "31536000"), RateLimited{After: 24 * time.Hour}},
		{"rate limited into the past", status(429, "Retry-After", "-5"), RateLimited{}},
		{"rate limited until a past date", status(429, "Retry-After", "Fri, 01 May 2020 12:00:00 GMT"), RateLimited{}},
		{"rate limited in words", status(429, "Retry-After", secret), RateLimited{}},
		{"broken server", status(500), StatusError{Code: 500}},
		{"server in repair", status(503, "Retry-After", "60"), StatusError{Code: 503, After: time.Minute}},
		{"not found", status(404), StatusError{Code: 404}},
		{"forbidden", status(403), ErrChallenge},
		{"a group, or nobody", status(302, "Location", "https://t.me/"+secret), ErrNoPreview},
		{"elsewhere", status(302, "Location", "https://challenge.example/"), ErrChallenge},
		{"a redirect to nothing", status(302), ErrChallenge},
		{"a challenge", body("<html><body>Are you a person?</body></html>"), ErrChallenge},
		{"nothing", body(""), ErrChallenge},
		{"a card", body(`<html><div class="tgme_page_wrap"></div></html>`), ErrNoPreview},
		{"without end", func(w http.ResponseWriter, r *http.Request) {
			for block := bytes.Repeat([]byte("<p>"), 10000); r.Context().Err() == nil; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, ErrTooLarge},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, emptyPage)
		}, ErrUnreachable},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrUnreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := serving(t, tc.answer)
			page, err := c.Latest(t.Context(), secret)
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v", err)
			}
			if len(page.Posts) > 0 || len(page.listed) > 0 {
				t.Error("a page came with an error")
			}
			state, _, stateErr := c.State(t.Context(), secret, 5)
			if state != StateUnknown || !errors.Is(stateErr, tc.want) {
				t.Errorf("state %v, %v", state, stateErr)
			}
			for _, text := range []string{secret, "http", "127.0.0.1"} {
				if strings.Contains(err.Error(), text) {
					t.Errorf("%q stands in the error %q", text, err)
				}
			}
		})
	}
}

func TestClientCannotConnect(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	_, err := NewClient(ClientConfig{BaseURL: server.URL}).Latest(t.Context(), secret)
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "127.") {
		t.Errorf("got %v", err)
	}
	_, err = NewClient(ClientConfig{BaseURL: "://" + secret}).Latest(t.Context(), secret)
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
}

func TestClientTrustsNoStrangeCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, err := NewClient(ClientConfig{BaseURL: server.URL}).Latest(t.Context(), secret)
	if !errors.Is(err, ErrUnreachable) || !strings.HasSuffix(err.Error(), "its certificate is not to be trusted") {
		t.Errorf("got %v", err)
	}
}

func TestClientStopsWithItsContext(t *testing.T) {
	reached := make(chan struct{})
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "<html>")
		_ = http.NewResponseController(w).Flush()
		close(reached)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	if _, err := c.Latest(ctx, secret); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Latest(ctx, secret); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// slow is a body of which nothing comes.
type slow struct{ ctx context.Context }

func (s slow) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (slow) Close() error { return nil }

func TestClientGivesUpOnAnAnswerThatDoesNotEnd(t *testing.T) {
	for name, answer := range map[string]roundTrip{
		"no answer": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"no body": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: slow{r.Context()}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				_, err := NewClient(ClientConfig{Transport: answer}).Latest(t.Context(), secret)
				if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), secret) || time.Since(begin) != timeout {
					t.Errorf("got %v after %v", err, time.Since(begin))
				}
			})
		})
	}
}

func TestClientSendsOneRequestAtATime(t *testing.T) {
	var under, most atomic.Int32
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(ClientConfig{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), under.Add(1)))
			time.Sleep(time.Second) // all others get to where they wait
			under.Add(-1)
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(emptyPage))}, nil
		})})
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if _, err := c.Latest(t.Context(), "harbourwatch"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
	if most.Load() != 1 {
		t.Errorf("%d requests at a time", most.Load())
	}
}

func TestClientWaitsForItsTurn(t *testing.T) {
	c := NewClient(ClientConfig{
		Turn:      func(context.Context) error { return context.DeadlineExceeded },
		Transport: roundTrip(func(*http.Request) (*http.Response, error) { t.Error("a request was sent"); return nil, io.EOF }),
	})
	if _, err := c.Latest(t.Context(), "harbourwatch"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
