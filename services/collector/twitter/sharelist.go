package twitter

import (
	"context"
	"slices"
	"sync"

	"github.com/doxtrail/doxtrail/pkg/archive"
)

const (
	// sharesName is the word of the leg of shares and the name of its cursor.
	sharesName = "shares"
	// shareListLimit bounds the posts whose shares are to be asked for: their list fits
	// into a cursor twice.
	shareListLimit = 3_000
)

// wantedShares is a post whose counters say that there are shares nobody asked for.
type wantedShares struct {
	ID uint64 `json:"id"`
	// Reposts and Quotes are the counters as they were served; 0 for those that are not
	// to be asked for.
	Reposts uint32 `json:"reposts,omitempty"`
	Quotes  uint32 `json:"quotes,omitempty"`
	// Begun says that some of them may have been read, the newest first: that those are
	// known says nothing of the others.
	Begun bool `json:"begun,omitempty"`
}

// shareList is the posts whose shares are to be asked for, kept. The leg that looks
// posts up puts them on it, the leg of shares takes them off.
type shareList struct {
	app  *app
	more chan struct{}

	mu     sync.Mutex
	loaded bool
	list   []wantedShares
}

func newShareList(a *app) *shareList { return &shareList{app: a, more: make(chan struct{}, 1)} }

// change edits the list and keeps it.
func (l *shareList) change(ctx context.Context, leg string, edit func(list []wantedShares) []wantedShares) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.loaded {
		if _, err := l.app.load(ctx, leg, sharesName, &l.list); err != nil {
			return err
		}
		l.loaded = true
	}
	next := edit(slices.Clone(l.list))
	if slices.Equal(next, l.list) {
		return nil
	}
	if err := l.app.keep(ctx, leg, sharesName, next); err != nil {
		l.loaded = false // it may have got through
		return err
	}
	l.list = next
	return nil
}

// grown puts those posts on the list whose counters are higher than when their shares
// were last asked for. Full are those that there is no room for.
func (l *shareList) grown(ctx context.Context, leg string, posts []*archive.TweetPost) (full []uint64, err error) {
	err = l.change(ctx, leg, func(list []wantedShares) []wantedShares {
		full = nil
		for _, p := range posts {
			w := l.wanted(p)
			if w.Reposts == 0 && w.Quotes == 0 {
				continue
			}
			i := slices.IndexFunc(list, func(o wantedShares) bool { return o.ID == w.ID })
			switch {
			case i >= 0:
				w.Begun = list[i].Begun
				list[i] = w
			case len(list) >= shareListLimit:
				full = append(full, w.ID)
			default:
				list = append(list, w)
			}
		}
		return list
	})
	if err != nil {
		return nil, err
	}
	signal(l.more)
	return full, nil
}

// wanted says what of a post's shares is to be asked for.
func (l *shareList) wanted(p *archive.TweetPost) wantedShares {
	id, _ := numberOf(p.Raw.GetPostId())
	known, found := l.app.known.get(id)
	w := wantedShares{ID: id}
	if !found || p.Original != "" {
		return w // the counters of a repost are those of its original
	}
	cfg := l.app.cfg.Shares
	if n := counter(p.Reposts); cfg.Reposts && n > known.Reposts {
		w.Reposts = n
	}
	if n := counter(p.Quotes); cfg.Quotes && n > known.Quotes {
		w.Quotes = n
	}
	return w
}

// counter is a counter as it is kept; 0 where it is unknown.
func counter(n int64) uint32 {
	return uint32(min(max(n, 0), mostShares))
}

// first gives the post that waits longest.
func (l *shareList) first(ctx context.Context) (w wantedShares, found bool, err error) {
	err = l.change(ctx, sharesName, func(list []wantedShares) []wantedShares {
		if found = len(list) > 0; found {
			w = list[0]
		}
		return list
	})
	return w, found, err
}

// begin notes that a post's shares are being read.
func (l *shareList) begin(ctx context.Context, id uint64) error {
	return l.change(ctx, sharesName, func(list []wantedShares) []wantedShares {
		for i := range list {
			list[i].Begun = list[i].Begun || list[i].ID == id
		}
		return list
	})
}

// done takes a post off the list, unless its counters have grown meanwhile.
func (l *shareList) done(ctx context.Context, w wantedShares) error {
	return l.change(ctx, sharesName, func(list []wantedShares) []wantedShares {
		return slices.DeleteFunc(list, func(o wantedShares) bool {
			return o.ID == w.ID && o.Reposts == w.Reposts && o.Quotes == w.Quotes
		})
	})
}
