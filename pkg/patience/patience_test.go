package patience_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
)

var errAway = errors.New("nobody there")

func TestRetryWaitsLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries, again, failures, troubled, passed int
		began := time.Now()
		cfg := patience.Config{
			Limit: time.Minute, Passes: func(err error) bool { return errors.Is(err, errAway) },
			Failing: func(error, int) { again++ },
			Passed:  func(n int) { failures = n },
			Troubled: func(err error) {
				if troubled++; err == nil {
					passed++
				}
			},
		}
		err := patience.Retry(t.Context(), cfg, func() error {
			if tries++; time.Since(began) < time.Hour {
				return errAway
			}
			return nil
		})
		// Ten tries until the waits are a minute long, then one every 30 to 60 s; one
		// line in an hour.
		if err != nil || tries < 60 || tries > 135 || again != 1 || failures != tries-1 || troubled < 10 || passed != 1 {
			t.Errorf("%v after %d tries, told %d times, of %d failures, %d times troubled, %d times passed", err, tries, again, failures, troubled, passed)
		}
	})
}

func TestRetryEndsWhereWaitingIsOfNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := func(error) bool { return false }
		if err := patience.Retry(t.Context(), patience.Config{Limit: time.Minute, Passes: never}, func() error { return errAway }); !errors.Is(err, errAway) {
			t.Errorf("error is %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		ever := func(error) bool { return true }
		if err := patience.Retry(ctx, patience.Config{Limit: time.Minute, Passes: ever}, func() error { return errAway }); err == nil || time.Until(deadline(ctx)) > 0 {
			t.Errorf("error is %v before the end", err)
		}
	})
}

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}

func TestWhatIsBegunOutlastsTheStopForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		lasting, cancel := patience.Lingering(ctx)
		defer cancel()
		stop()
		time.Sleep(patience.LingerLimit - time.Second)
		synctest.Wait()
		if lasting.Err() != nil {
			t.Error("ended with the stop")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if lasting.Err() == nil {
			t.Error("lasts for ever")
		}
	})
}

func TestWhileEndsWhenItIsNoLongerSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Now().Add(time.Hour)
		ctx, cancel := patience.While(t.Context(), time.Minute, func() bool { return time.Now().Before(end) })
		defer cancel()
		time.Sleep(time.Hour - time.Second)
		synctest.Wait()
		if ctx.Err() != nil {
			t.Error("ended too early")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if ctx.Err() == nil {
			t.Error("goes on")
		}
		stopped, stop := patience.While(t.Context(), time.Minute, func() bool { return true })
		stop()
		if stopped.Err() == nil {
			t.Error("goes on after it was stopped")
		}
	})
}
