package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// askWait is how long a question to the server waits for its answer at first;
	// each next time it is twice as long, since a disk can be that busy. askTries is
	// how often it is asked.
	askWait  = 2 * time.Second
	askTries = 3
)

// ask asks the server for something that can be asked twice. A question that
// reaches a server while it dies is never answered, and the library waits for
// its answer as long as ctx lasts, also when it is long connected again: a
// minute at the start of a service. So each try is bounded.
func ask[T any](ctx context.Context, question func(context.Context) (T, error)) (answer T, err error) {
	for try := range askTries {
		answer, err = askOnce(ctx, askWait<<try, question)
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrTimeout) {
			break
		}
	}
	return answer, err
}

func askOnce[T any](ctx context.Context, wait time.Duration, question func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return question(ctx)
}
