package message

import (
	"cmp"
	"slices"

	"github.com/gotd/td/tg"
)

// Albums groups the messages of one channel, as a page or an update brings them in
// any order, into posts: items of one album together, every other message alone;
// both in ascending order of id. Of a message that comes twice the last is taken.
// The messages themselves are not changed. Items that the page cuts off are
// missing: the caller joins them.
func Albums(messages []*tg.Message) [][]*tg.Message {
	sorted := slices.Clone(messages)
	slices.Reverse(sorted) // so that the last of one id comes first, and stays
	slices.SortStableFunc(sorted, func(a, b *tg.Message) int { return cmp.Compare(a.ID, b.ID) })
	sorted = slices.CompactFunc(sorted, func(a, b *tg.Message) bool { return a.ID == b.ID })
	posts := make([][]*tg.Message, 0, len(sorted))
	albums := map[int64]int{} // the position of an album among the posts
	for _, m := range sorted {
		at, known := albums[m.GroupedID]
		switch {
		case m.GroupedID == 0:
			posts = append(posts, []*tg.Message{m})
		case known:
			posts[at] = append(posts[at], m)
		default:
			albums[m.GroupedID] = len(posts)
			posts = append(posts, []*tg.Message{m})
		}
	}
	return posts
}
