package message

import (
	"slices"
	"testing"

	"github.com/gotd/td/tg"
	"pgregory.net/rapid"
)

func TestAlbums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var messages []*tg.Message
		for range rapid.IntRange(0, 12).Draw(t, "messages") {
			id := rapid.IntRange(1, 15).Draw(t, "id")
			// Which album a message belongs to does not change.
			messages = append(messages, &tg.Message{ID: id, GroupedID: int64(id % 4), Views: len(messages)})
		}
		given := slices.Clone(messages)
		got := Albums(messages)
		if !slices.Equal(messages, given) {
			t.Fatal("the messages were moved")
		}
		last := map[int]*tg.Message{}
		for _, m := range messages {
			last[m.ID] = m
		}
		seen, before := map[int64]bool{}, 0
		for _, items := range got {
			if items[0].ID <= before {
				t.Fatalf("post %d comes behind post %d", items[0].ID, before)
			}
			before = items[0].ID
			if group := items[0].GroupedID; group != 0 && seen[group] || group == 0 && len(items) > 1 {
				t.Fatalf("album %d: %d items, again %v", group, len(items), seen[group])
			}
			seen[items[0].GroupedID] = true
			for i, m := range items {
				if i > 0 && items[i-1].ID >= m.ID || m.GroupedID != items[0].GroupedID {
					t.Fatalf("item %d does not belong behind %d", m.ID, items[max(i-1, 0)].ID)
				}
				if last[m.ID] != m {
					t.Fatalf("message %d is not the last of its id, or comes twice", m.ID)
				}
				delete(last, m.ID)
			}
		}
		if len(last) != 0 {
			t.Fatalf("%d messages are lost", len(last))
		}
	})
}
