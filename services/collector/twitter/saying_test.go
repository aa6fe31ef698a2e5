package twitter

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheSameIsSaidOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saying
		said := map[string]int{}
		for minute := range 3 * 60 {
			what := "network"
			if minute == 90 {
				what = "server"
			}
			if s.news(what) {
				said[what]++
			}
			time.Sleep(time.Minute)
		}
		// At its beginning, after one hour, after the other, and an hour after that.
		if said["network"] != 4 || said["server"] != 1 {
			t.Errorf("said %v", said)
		}
		s = saying{}
		if !s.news("network") {
			t.Error("a new beginning is no news")
		}
	})
}
