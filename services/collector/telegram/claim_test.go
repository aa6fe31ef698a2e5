package telegram

import (
	"errors"
	"testing"
	"testing/synctest"
)

func TestAChannelHasOneFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{claimed: map[int64]chan struct{}{}}
		release, err := a.claim(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.claim(t.Context(), 1); !errors.Is(err, errClaimed) {
			t.Errorf("a second claim: %v", err)
		}
		got := make(chan error, 1)
		go func() {
			_, err := a.claim(t.Context(), 1)
			got <- err
		}()
		synctest.Wait()
		release()
		if err := <-got; err != nil {
			t.Errorf("a claim that waits for the end of another: %v", err)
		}
	})
}
