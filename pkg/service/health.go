package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Health answers whether the services of this process make progress. Each
// service registers one check; a check returns nil or why it is not ready.
type Health struct {
	mu     sync.Mutex
	checks map[string]func() error
}

// NewHealth returns a Health without checks, which is ready.
func NewHealth() *Health { return &Health{checks: map[string]func() error{}} }

// Add registers the check of a service, replacing an older one.
func (h *Health) Add(service string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[service] = check
}

// Ready returns nil if every check passes, else what fails, sorted by name. The
// checks run side by side: one that waits for a server holds up no other.
func (h *Health) Ready() error {
	h.mu.Lock()
	checks := maps.Clone(h.checks)
	h.mu.Unlock()
	names := slices.Sorted(maps.Keys(checks))
	errs := make([]error, len(names))
	var running sync.WaitGroup
	for i, name := range names {
		running.Go(func() {
			if err := checks[name](); err != nil {
				errs[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// NewRegistry returns a metrics registry with the Go runtime's and the
// process's own metrics in it.
func NewRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

// Pages serves /livez (the process answers), /readyz (its services make
// progress) and /metrics (Prometheus) on one address.
type Pages struct {
	addr     string
	log      *slog.Logger
	health   *Health
	registry *prometheus.Registry
}

// NewPages returns the service that serves the pages on addr (host:port).
func NewPages(addr string, log *slog.Logger, health *Health, registry *prometheus.Registry) *Pages {
	return &Pages{addr: addr, log: log, health: health, registry: registry}
}

// Name implements Service.
func (*Pages) Name() string { return "pages" }

// Run implements Service.
func (p *Pages) Run(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.addr)
	if err != nil {
		return fmt.Errorf("listen for health and metrics: %w", err)
	}
	p.log.Info("health and metrics are served", KeyAddress, listener.Addr().String())
	server := &http.Server{Handler: p.handler(), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return fmt.Errorf("serve health and metrics: %w", err)
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		_ = server.Close() // a scrape that hangs must not hold up the stop
	}
	return nil
}

func (p *Pages) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := p.health.Ready(); err != nil {
			http.Error(w, privacy.ScrubError(err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{}))
	return mux
}
