package twitter

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheInboxIsBoundedAndTellsHowLongItWasFull(t *testing.T) {
	for name, tc := range map[string]struct{ size, fit int }{
		"by number": {1, inboxMessages}, "by bytes": {inboxBytes / 4, 4}, "one that is larger": {inboxBytes + 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newInbox()
				var waited time.Duration
				waits := false
				b.blocked = func(d time.Duration) { waited += d }
				b.begins, b.ends = func() { waits = true }, func() { waits = false }
				for range tc.fit {
					if err := b.put(t.Context(), letter{size: tc.size}); err != nil {
						t.Fatal(err)
					}
				}
				done := make(chan error, 1)
				go func() { done <- b.put(t.Context(), letter{size: tc.size}) }()
				time.Sleep(5*time.Second + time.Millisecond)
				synctest.Wait()
				if waited != 5*time.Second || !waits {
					t.Errorf("after 5 s %s are told, it waits: %t", waited, waits)
				}
				if n := len(b.take()); n != tc.fit {
					t.Errorf("%d letters were there, want %d", n, tc.fit)
				}
				if err := <-done; err != nil || waits || waited != 5*time.Second+time.Millisecond {
					t.Errorf("%v, %s are told, it waits: %t", err, waited, waits)
				}
				if n := len(b.take()); n != 1 {
					t.Errorf("%d letters are left", n)
				}
			})
		})
	}
}

func TestAFullInboxLetsGoWhenToldToStop(t *testing.T) {
	b := newInbox()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range inboxMessages {
		if err := b.put(ctx, letter{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.put(ctx, letter{}); err == nil {
		t.Error("a letter beyond the bound was taken")
	}
	b.close()
	if more, err := b.wait(t.Context(), nil); !more || err != nil {
		t.Errorf("%t, %v: what is there is to be taken out after the end", more, err)
	}
	b.take()
	if more, err := b.wait(t.Context(), nil); more || err != nil {
		t.Errorf("%t, %v: nothing more will come", more, err)
	}
}
