package servicetest

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
)

// stopLimit is how long a service may take to stop, stacksLimit how much is shown of
// what one does that does not.
const (
	stopLimit   = 30 * time.Second
	stacksLimit = 1 << 20
)

// Background runs a service until the returned stop, or the end of the test, and
// reports what it returned. One that does not stop fails the test with what every
// goroutine does, and is left behind: who waits for it would never say why.
func Background(t testing.TB, run func(ctx context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(stopLimit):
			stacks := make([]byte, stacksLimit)
			t.Errorf("it does not stop\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	})
	t.Cleanup(stop)
	return stop
}
