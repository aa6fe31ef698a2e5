package twitter

import (
	"slices"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
)

const (
	// shareQueueLimit bounds the posts whose reposts are to be asked for soon.
	shareQueueLimit = 20_000
	// shareReach is how old a post may be whose reposts are asked for after a gap: by
	// then nearly all of them have been made.
	shareReach = 7 * 24 * time.Hour
)

// shareQueue is the posts whose reposts are to be asked for soon: the stream had a gap
// when they may have been reposted, and search shows no reposts. It is in memory alone,
// for the gap stays in coverage, named, whether they are asked for or not. It is safe
// for concurrent use.
type shareQueue struct {
	limit int

	mu   sync.Mutex
	ids  map[uint64]bool
	more chan struct{}
}

func newShareQueue() *shareQueue {
	return &shareQueue{limit: shareQueueLimit, ids: map[uint64]bool{}, more: make(chan struct{}, 1)}
}

// want puts posts on the list. Where there is no room, the oldest are left out.
func (q *shareQueue) want(ids ...uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		q.ids[id] = true
	}
	if over := len(q.ids) - q.limit; over > 0 {
		for _, id := range q.sorted()[:over] {
			delete(q.ids, id)
		}
	}
	if len(q.ids) > 0 {
		signal(q.more)
	}
}

// take takes up to limit posts off the list, the newest first.
func (q *shareQueue) take(limit int) []uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	ids := q.sorted()
	slices.Reverse(ids)
	ids = ids[:min(limit, len(ids))]
	for _, id := range ids {
		delete(q.ids, id)
	}
	return ids
}

// wake says that there is something on the list. It may say so once too often.
func (q *shareQueue) wake() <-chan struct{} { return q.more }

// sorted lists the posts, the oldest first.
func (q *shareQueue) sorted() []uint64 {
	ids := make([]uint64, 0, len(q.ids))
	for id := range q.ids {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// wantShares has the reposts of known posts asked for: those that were there before a
// gap ended, and not older than shareReach when it began.
func (a *app) wantShares(from, to time.Time) {
	end := idAt(to)
	for last := idAt(from.Add(-shareReach)); ; {
		posts := a.known.after(last, pageEntries, false)
		if len(posts) == 0 {
			return
		}
		var ids []uint64
		for _, p := range posts {
			if p.ID < end {
				ids = append(ids, p.ID)
			}
		}
		a.wanted.want(ids...)
		if len(ids) < len(posts) {
			return
		}
		last = posts[len(posts)-1].ID
	}
}

// Ids of posts carry their time in milliseconds since idEpoch, above idBits.
const (
	idEpoch = 1288834974657
	idBits  = 22
)

// idAt is the lowest id of a time; 0 where ids carry none yet.
func idAt(at time.Time) uint64 {
	return uint64(max(at.UnixMilli()-idEpoch, 0)) << idBits
}

// timeAt is the time of an id; zero where it carries none.
func timeAt(id string) time.Time {
	at, ok := archive.TweetTime(id)
	if !ok {
		return time.Time{}
	}
	return at
}
