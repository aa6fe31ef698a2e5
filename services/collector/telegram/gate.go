package telegram

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// callLimit bounds one call: gotd waits for an answer for as long as the
// connection lives.
const callLimit = time.Minute

// gate lets every call of the account wait for its turn, and takes Telegram's
// word for when a method may be called again. Of one method one call is under way
// at a time: calls that wait for a connection would arrive together, and those
// beside one that is told to wait would come too early. Methods do not wait for
// each other.
type gate struct {
	turns   *throttle.Gate
	metrics *metrics

	mu    sync.Mutex
	lines map[string]*line // by method
}

func newGate(turns *throttle.Gate, m *metrics) *gate {
	return &gate{turns: turns, metrics: m, lines: map[string]*line{}}
}

// Handle implements telegram.Middleware.
func (g *gate) Handle(next tg.Invoker) telegram.InvokeFunc {
	return func(ctx context.Context, input bin.Encoder, output bin.Decoder) error {
		method := methodOf(input)
		done, err := g.enter(ctx, method)
		if err != nil {
			return err
		}
		defer done()
		for {
			if err := g.turns.Wait(ctx, method); err != nil {
				return fmt.Errorf("wait for a turn: %w", err)
			}
			err := g.call(ctx, method, func(ctx context.Context) error { return next.Invoke(ctx, input, output) })
			wait, flooded := tgerr.AsFloodWait(err)
			if !flooded {
				return err
			}
			if err := g.turns.Hold(ctx, method, wait); err != nil {
				return err
			}
		}
	}
}

// enter waits until no other call of the method is under way.
func (g *gate) enter(ctx context.Context, method string) (done func(), err error) {
	g.mu.Lock()
	l := g.lines[method]
	if l == nil {
		l = &line{}
		g.lines[method] = l
	}
	g.mu.Unlock()
	at := l.join(ctx.Value(inHurry{}) != nil)
	select {
	case <-at.turn:
		return func() { l.leave(at) }, nil
	case <-ctx.Done():
		l.leave(at)
		return nil, ctx.Err()
	}
}

// call makes one call and counts it.
func (g *gate) call(ctx context.Context, method string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	began := time.Now()
	err := do(ctx)
	g.metrics.called(method, err, time.Since(began))
	return err
}

// methodOf is Telegram's name of a call.
func methodOf(input bin.Encoder) string {
	if named, ok := input.(interface{ TypeName() string }); ok {
		return named.TypeName()
	}
	return "other"
}
