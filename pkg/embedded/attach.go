package embedded

import (
	"bufio"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// attachments is the holder's knowledge of who is attached. A client is
// attached for as long as one HTTP request of its lasts.
type attachments struct {
	token, instance string
	server          *http.Server
	url             string
	served          chan struct{}

	mu      sync.Mutex
	count   int
	leaving bool          // no new ones: they will have to become the holder
	changed chan struct{} // closed and made anew when count falls
	ended   chan struct{} // closed at the end: sends everybody away
}

// startAttachments serves on a free loopback port.
func startAttachments(ctx context.Context, token, instance string) (*attachments, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for those who attach: %w", err)
	}
	a := &attachments{
		token: token, instance: instance, url: "http://" + listener.Addr().String(),
		served: make(chan struct{}), changed: make(chan struct{}), ended: make(chan struct{}),
	}
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		defer close(a.served)
		_ = a.server.Serve(listener) // ends with close
	}()
	return a, nil
}

// ServeHTTP keeps one client attached until it goes or the holder ends.
func (a *attachments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) != 1 {
		http.Error(w, "wrong token", http.StatusForbidden)
		return
	}
	if !a.enter() {
		http.Error(w, "the holder is leaving", http.StatusServiceUnavailable)
		return
	}
	defer a.exit()
	if _, err := fmt.Fprintln(w, a.instance); err != nil {
		return
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return
	}
	select {
	case <-r.Context().Done():
	case <-a.ended:
	}
}

func (a *attachments) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.leaving {
		return false
	}
	a.count++
	return true
}

func (a *attachments) exit() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count--
	close(a.changed)
	a.changed = make(chan struct{})
}

// leave waits until nobody is attached and lets nobody attach from then on:
// both in one step, so that nobody is attached to a holder that has gone.
func (a *attachments) leave(ctx context.Context) error {
	for {
		a.mu.Lock()
		if a.count == 0 {
			a.leaving = true
		}
		left, changed := a.leaving, a.changed
		a.mu.Unlock()
		if left {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for attached processes: %w", ctx.Err())
		}
	}
}

func (a *attachments) close() {
	a.mu.Lock()
	a.leaving = true
	a.mu.Unlock()
	close(a.ended)
	_ = a.server.Close() // those who are attached learn of it by this
	<-a.served
}

// errNotServed is given when the holder found in run.json serves no more, or
// not yet.
var errNotServed = errors.New("attach to the holder of the data folder: it does not answer")

// attachment is the client's side.
type attachment struct {
	body   io.Closer
	cancel context.CancelFunc
	client *http.Client
	gone   chan struct{}
}

// attach tells the holder that this process uses its servers. ctx is for the
// beginning alone; the attachment lasts until close.
func attach(ctx context.Context, info RunInfo) (*attachment, error) {
	token, err := readSecret(info.Attach.TokenFile)
	if err != nil {
		return nil, err
	}
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	req, err := http.NewRequestWithContext(lasting, http.MethodGet, info.Attach.URL, http.NoBody)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("attach to the holder of the data folder: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	// A transport of its own: no proxy of the environment must see the token.
	const answerTimeout = 5 * time.Second
	client := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: answerTimeout, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		cancel()
		return nil, errNotServed // its text would hold the address
	}
	reader := bufio.NewReader(io.LimitReader(resp.Body, 1<<10))
	instance, err := reader.ReadString('\n')
	if resp.StatusCode != http.StatusOK || err != nil || strings.TrimSpace(instance) != info.Instance {
		cancel()
		_ = resp.Body.Close() // nothing was asked of it
		return nil, errNotServed
	}
	a := &attachment{body: resp.Body, cancel: cancel, client: client, gone: make(chan struct{})}
	go func() {
		defer close(a.gone)
		_, _ = io.Copy(io.Discard, reader) // its end is the news
	}()
	return a, nil
}

func (a *attachment) close() {
	a.cancel()
	_ = a.body.Close() // the request is cancelled, which is what counts
	<-a.gone
	a.client.CloseIdleConnections()
}

func readSecret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read a secret of the data folder: %w", bare(err))
	}
	return strings.TrimSpace(string(data)), nil
}
