package bus

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkThatLiesThereIsAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s stall
		for _, step := range []struct {
			after time.Duration
			work  bool
			done  uint64
			want  bool
		}{
			{0, true, 5, false}, // a post after an idle night
			{29 * time.Second, true, 5, false},
			{time.Second, true, 5, true},
			{time.Hour, true, 5, true},
			{0, true, 6, false}, // it moves
			{29 * time.Second, true, 7, false},
			{29 * time.Second, true, 7, false},
			{time.Second, true, 7, true},
			{0, false, 7, false}, // nothing to do
			{time.Hour, true, 7, false},
			{30 * time.Second, true, 7, true},
		} {
			time.Sleep(step.after)
			if got := s.judge(time.Now(), step.work, step.done); got != step.want {
				t.Errorf("after %v, work %v, done %d: %v", step.after, step.work, step.done, got)
			}
		}
	})
}
