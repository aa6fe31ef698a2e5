package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// Service is one part of doxtrail that runs until it is told to stop.
type Service interface {
	// Name is the service's word in subjects, metrics and log lines.
	Name() string
	// Run blocks until ctx ends, then finishes what it has in hand and
	// returns nil. An error means the service cannot go on.
	Run(ctx context.Context) error
}

// errStopTimeout says that a service did not finish in time.
var errStopTimeout = errors.New("stop services: some did not finish in time; what they had in hand is delivered again at the next start")

// Run runs services side by side until ctx ends or one of them fails; then it
// stops the others and waits for them, at most for patience. The error is that
// of the service that failed first. What a stopped service had not finished is
// delivered again at the next start, so a timeout loses nothing.
func Run(ctx context.Context, log *slog.Logger, patience time.Duration, services ...Service) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, s := range services {
		group.Go(func() error {
			if err := guard(groupCtx, log, s); err != nil {
				return fmt.Errorf("run %s: %w", s.Name(), err)
			}
			return nil
		})
	}
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()

	select {
	case err := <-done:
		return err
	case <-groupCtx.Done():
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		if ctx.Err() != nil { // told to stop
			return errStopTimeout
		}
		return errors.Join(context.Cause(groupCtx), errStopTimeout)
	}
}

// guard runs one service and turns a panic into an error that holds the type
// of the panic value and the stack, never its text: a panic text can quote the
// record that caused it.
func guard(ctx context.Context, log *slog.Logger, s Service) (err error) {
	defer func() {
		if v := recover(); v != nil {
			class := privacy.PanicClass(v)
			log.Error("service panicked", KeyService, s.Name(), KeyClass, class, KeyStack, privacy.Stack())
			err = fmt.Errorf("recover from a panic of type %s", class)
		}
	}()
	return s.Run(ctx)
}
