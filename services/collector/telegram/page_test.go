package telegram

import (
	"testing"

	"github.com/gotd/td/tg"
	"pgregory.net/rapid"
)

// Whatever a page holds, the next one lies lower, and nothing between is left out.
func TestEveryPageGetsTheSweepOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(2, 60), 1, 30, rapid.ID).Draw(t, "ids")
		var posts []*tg.Message
		low, high := 61, 0
		for _, id := range ids {
			low, high = min(low, id), max(high, id)
			posts = append(posts, &tg.Message{ID: id, GroupedID: rapid.Int64Range(0, 3).Draw(t, "album")})
		}
		kept, next := withoutCut(posts, low, high)
		if next > high {
			t.Fatalf("the next page ends at %d, this one reached up to %d", next, high)
		}
		have := map[int]bool{}
		for _, m := range kept {
			have[m.ID] = true
		}
		for _, id := range ids {
			if id >= next && !have[id] {
				t.Errorf("%d is neither on this page nor on the next, which ends below %d", id, next)
			}
		}
	})
}
