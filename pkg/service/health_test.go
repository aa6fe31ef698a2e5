package service_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/doxtrail/doxtrail/pkg/service"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come soon.
const patience = 30 * time.Second

// lines keeps what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// pages serves the pages for a test and gives their address.
func pages(t *testing.T, health *service.Health, registry *prometheus.Registry) (base string, stop func() error) {
	t.Helper()
	log := &lines{}
	p := service.NewPages("127.0.0.1:0", slog.New(slog.NewTextHandler(log, nil)), health, registry)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("the pages did not stop")
		}
	})
	t.Cleanup(func() { _ = stop() })
	deadline := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if at := address.FindString(log.String()); at != "" {
			return "http://" + at, stop
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the pages are not served")
		}
	}
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestPages(t *testing.T) {
	health := service.NewHealth()
	fault := errors.New("nothing acked for 30 s")
	var mu sync.Mutex
	ready := true
	health.Add("recorder", func() error {
		mu.Lock()
		defer mu.Unlock()
		if ready {
			return nil
		}
		return fault
	})
	registry := service.NewRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "doxtrail_test_invented", Help: "Invented."}, func() float64 { return 7 }))
	base, stop := pages(t, health, registry)

	want := func(page string, wantCode int, wantBody string) {
		t.Helper()
		if code, body := get(t, base+page); code != wantCode || !strings.Contains(body, wantBody) {
			t.Errorf("%s answers %d: %.200s", page, code, body)
		}
	}
	want("/livez", http.StatusOK, "ok")
	want("/readyz", http.StatusOK, "ok")
	want("/metrics", http.StatusOK, "doxtrail_test_invented 7")
	want("/metrics", http.StatusOK, "go_goroutines")
	want("/", http.StatusNotFound, "")
	mu.Lock()
	ready = false
	mu.Unlock()
	want("/readyz", http.StatusServiceUnavailable, "recorder: nothing acked for 30 s")
	want("/livez", http.StatusOK, "ok")
	if res, err := http.Post(base+"/livez", "text/plain", nil); err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST: %v, error %v", res, err)
	} else {
		res.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), time.Second); err == nil {
		t.Error("the address still answers after the stop")
	}
}

func TestReadyzShowsNoContent(t *testing.T) {
	health := service.NewHealth()
	health.Add("patrol", func() error {
		return errors.New(`Get "https://cards.example/card/chan-invented.html": refused`)
	})
	base, _ := pages(t, health, service.NewRegistry())
	if code, body := get(t, base+"/readyz"); code != http.StatusServiceUnavailable || strings.Contains(body, "chan-invented") {
		t.Errorf("readyz answers %d: %s", code, body)
	}
}

func TestReadyNamesAllFaultsInOrder(t *testing.T) {
	health := service.NewHealth()
	for _, name := range []string{"recorder", "collector-archive", "normaliser"} {
		health.Add(name, func() error { return errors.New("not connected to NATS") })
	}
	health.Add("normaliser", func() error { return nil }) // replaces the older
	const want = "collector-archive: not connected to NATS\nrecorder: not connected to NATS"
	if got := health.Ready(); got == nil || got.Error() != want {
		t.Errorf("ready says %v, want %q", got, want)
	}
}

func TestPagesSayThatTheirAddressIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := service.NewPages(listener.Addr().String(), quiet(), service.NewHealth(), service.NewRegistry())
	err = service.Run(t.Context(), quiet(), patience, p)
	if err == nil || !strings.HasPrefix(err.Error(), "run pages: listen for health and metrics:") {
		t.Errorf("error %v", err)
	}
}

func TestRunNamesTheFailureAlsoWhenAnotherDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := fake{"deaf", func(context.Context) error { <-release; return nil }}
		broken := fake{"broken", func(context.Context) error { return errors.New("disk full") }}
		err := service.Run(t.Context(), quiet(), 5*time.Second, deaf, broken)
		for _, part := range []string{"run broken: disk full", "did not finish in time"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("error %v does not say %q", err, part)
			}
		}
		close(release)
	})
}

func TestRunEndsWhenAllServicesAreDone(t *testing.T) {
	done := fake{"done", func(context.Context) error { return nil }}
	if err := service.Run(t.Context(), quiet(), patience, done, done); err != nil {
		t.Error(err)
	}
	if err := service.Run(t.Context(), quiet(), patience); err != nil {
		t.Errorf("without services: %v", err)
	}
}
