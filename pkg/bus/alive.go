package bus

import (
	"context"
	"time"
)

// keepAlive tells the server at every third of its patience that what is in hand is
// being worked on, for as long as it takes: only the death of the process makes
// a message come again.
func (k *Consumer) keepAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(k.beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			k.mu.Lock()
			all := make([]*held, 0, len(k.inHand))
			for _, h := range k.inHand {
				all = append(all, h)
			}
			k.mu.Unlock()
			for _, h := range all {
				h.inProgress()
			}
		}
	}()
	return func() { cancel(); <-done }
}
