package twitter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// The schedule is X's: see "Consuming streaming data" in its documentation.
func TestTheStreamIsOpenedAgainWhenXWantsIt(t *testing.T) {
	const ms = time.Millisecond
	for kind, want := range map[api.Kind][]time.Duration{
		api.Network: {0, 250 * ms, 500 * ms, 750 * ms},
		api.Ended:   {0, 250 * ms, 500 * ms, 750 * ms},
		api.Stalled: {0, 250 * ms, 500 * ms, 750 * ms},
		api.Server:  {5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second},
		api.NotJSON: {5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second},
		api.Other:   {5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second},
		api.Limited: {time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute},
	} {
		b := backoff{times: usualStreamTimes()}
		for range 2 {
			var got []time.Duration
			for range want {
				got = append(got, b.after(kind))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
			b.worked()
		}
		var last time.Duration
		for range 100 {
			last = b.after(kind)
		}
		limits := map[api.Kind]time.Duration{api.Network: 16 * time.Second, api.Ended: 16 * time.Second, api.Stalled: 16 * time.Second, api.Limited: 1280 * time.Second}
		if limit := limits[kind]; last != limit && (limit != 0 || last != 320*time.Second) {
			t.Errorf("%s: the longest wait is %s", kind, last)
		}
	}
}
