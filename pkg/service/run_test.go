package service_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/pkg/service"
)

type fake struct {
	name string
	run  func(context.Context) error
}

func (f fake) Name() string                  { return f.name }
func (f fake) Run(ctx context.Context) error { return f.run(ctx) }

func untilStopped(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func quiet() *slog.Logger { return service.NewLogger(io.Discard, slog.LevelError) }

func TestRun(t *testing.T) {
	broken := errors.New("disk full")
	tests := map[string]struct {
		services []service.Service
		stop     bool
		want     string
	}{
		"all stop when the context ends": {
			services: []service.Service{fake{"a", untilStopped}, fake{"b", untilStopped}}, stop: true,
		},
		"one failure stops the others and is named": {
			services: []service.Service{fake{"a", untilStopped}, fake{"b", func(context.Context) error { return broken }}},
			want:     "run b: disk full",
		},
		"a panic becomes an error without its text": {
			services: []service.Service{fake{"a", func(context.Context) error { panic("Chan Invented") }}},
			want:     "run a: recover from a panic of type string",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.stop {
				cancel()
			}
			err := service.Run(ctx, quiet(), time.Minute, tc.services...)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("error %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRunBoundsTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := fake{"deaf", func(context.Context) error { <-release; return nil }}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := service.Run(ctx, quiet(), 5*time.Second, deaf)
		if err == nil || !strings.Contains(err.Error(), "did not finish in time") {
			t.Errorf("error %v", err)
		}
		close(release)
	})
}

func TestHealthNamesWhatIsNotReady(t *testing.T) {
	h := service.NewHealth()
	if err := h.Ready(); err != nil {
		t.Fatalf("without checks: %v", err)
	}
	h.Add("recorder", func() error { return errors.New("nothing acked for 30 s") })
	h.Add("normaliser", func() error { return nil })
	if got, want := h.Ready().Error(), "recorder: nothing acked for 30 s"; got != want {
		t.Errorf("ready says %q, want %q", got, want)
	}
}
