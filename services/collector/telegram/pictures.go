package telegram

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

const (
	// waitingLimit bounds the posts whose pictures wait to be fetched; history may
	// take half of it, so that it does not keep out what is new. What does not fit is
	// counted and left alone.
	waitingLimit = 256
	// settledLimit bounds the pictures that are not fetched again.
	settledLimit = 20_000
)

// pictured is a post that is on RAW, and whose pictures are to be hashed whole.
type pictured struct {
	ch       *channel
	post     *doxtrailv1.RawPost
	pictures []message.Picture
	lookedAt time.Time
}

// pictures fetches the pictures of posts and hashes them, one at a time, when the
// posts themselves are on RAW; a post then goes to RAW once more, with the hashes
// of its pictures. What waits is forgotten when the process ends: the posts are
// there, with the hashes of their thumbnails. It is nil where that is off.
type pictures struct {
	account *account
	turns   *throttle.Gate
	waiting chan pictured
	budget  byteBudget

	mu sync.Mutex
	// settled are the hashes of pictures by their media id, nil of those that have
	// none: another post with the same picture needs no download.
	settled map[string]*[8]byte
}

// seePictures has the account download pictures, where that is wanted.
func (a *account) seePictures(turns *throttle.Gate) {
	if !a.cfg.Media.Download || !a.cfg.HasAccount() {
		return
	}
	a.pictures = &pictures{
		account: a, turns: turns, waiting: make(chan pictured, waitingLimit), settled: map[string]*[8]byte{},
		budget: byteBudget{shelf: a.shelf, most: a.cfg.Media.MaxBytesPerDay},
	}
}

// deliver puts a haul on RAW, and then has the pictures of its posts fetched and their
// short links expanded: posts are the messages of each of them, in the same order.
func (ch *channel) deliver(ctx context.Context, h haul.Haul, posts [][]*tg.Message) error {
	if err := ch.account.outbox.Send(ctx, h); err != nil {
		return err
	}
	ch.account.shortLinks.Want(h, shortLinked{ch})
	if ch.account.pictures == nil {
		return nil
	}
	for i, items := range posts {
		post := pictured{ch: ch, post: h.Posts[i], pictures: message.Pictures(items), lookedAt: h.LookedAt}
		ch.account.pictures.want(post, h.Leg)
	}
	return nil
}

// want puts a post on the list if it went to RAW without what its pictures can
// give. It never blocks.
func (p *pictures) want(post pictured, leg doxtrailv1.Leg) {
	lacking := p.lacking(post)
	if lacking == 0 {
		return
	}
	room := waitingLimit
	if leg == doxtrailv1.Leg_LEG_HISTORY {
		room /= 2
	}
	if len(p.waiting) < room {
		select {
		case p.waiting <- post:
			p.account.metrics.picturesWaiting.Set(float64(len(p.waiting)))
			return
		default:
		}
	}
	p.account.metrics.pictures.WithLabelValues(string(pictureFull)).Add(float64(lacking))
}

// lacking counts the pictures of a post that have no hash of their own and may get
// one.
func (p *pictures) lacking(post pictured) (n int) {
	whole := map[string]bool{}
	for _, m := range post.post.GetMedia() {
		if m.GetPictureWhole() {
			whole[m.GetMediaId()] = true
		}
	}
	for _, picture := range post.pictures {
		if hash, settled := p.find(picture.MediaID); !whole[picture.MediaID] && (hash != nil || !settled) {
			n++
		}
	}
	return n
}

// find gives what is known of a picture; the hash is nil if it has none.
func (p *pictures) find(id string) (hash *[8]byte, settled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hash, settled = p.settled[id]
	return hash, settled
}

// settle notes the hash of a picture, nil if it has none.
func (p *pictures) settle(id string, hash *[8]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.settled) >= settledLimit {
		clear(p.settled)
	}
	p.settled[id] = hash
}

// fill gives a post the hashes of its pictures, as far as they are known, in place
// of those of their thumbnails.
func (p *pictures) fill(post *doxtrailv1.RawPost) (filled bool) {
	if p == nil {
		return false
	}
	for _, m := range post.GetMedia() {
		if hash, _ := p.find(m.GetMediaId()); hash != nil {
			m.SetPictureHash(hash[:])
			m.SetPictureWhole(true)
			filled = true
		}
	}
	return filled
}

// run fetches what waits until ctx ends.
func (p *pictures) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case post := <-p.waiting:
			p.account.metrics.picturesWaiting.Set(float64(len(p.waiting)))
			if err := p.see(ctx, post); err != nil && ctx.Err() == nil {
				post.ch.log.Warn("a post does not come again with the hashes of its pictures", service.Error(err))
			}
		}
	}
}

// see fetches the pictures of one post, and sends the post again if that gave a
// hash. It goes by the lane of history: the post itself is there, and nobody waits
// for this.
func (p *pictures) see(ctx context.Context, post pictured) error {
	for _, picture := range post.pictures {
		if _, settled := p.find(picture.MediaID); settled {
			continue
		}
		hash, result := p.fetch(ctx, post.ch, picture)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.account.metrics.pictures.WithLabelValues(string(result)).Inc()
		switch {
		case result == pictureHashed:
			p.settle(picture.MediaID, &hash)
		case result.final():
			p.settle(picture.MediaID, nil)
		}
	}
	if !p.fill(post.post) || !p.account.follows(post.ch) {
		return nil
	}
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_HISTORY, Lane: bus.LaneArchive, LookedAt: post.lookedAt, Again: true, Posts: []*doxtrailv1.RawPost{post.post}}
	return post.ch.retry(ctx, func() error { return p.account.outbox.Send(ctx, h) })
}

// follows says whether a channel is still followed: one that was taken off the
// list, or cannot be read, is asked for nothing.
func (a *account) follows(ch *channel) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.followed[ch.at().ID] == ch
}

// byteBudget bounds how much is downloaded in a day, across restarts. What a
// download may take is kept before it begins, so that a crash can lose some of it
// and gain none.
type byteBudget struct {
	shelf  shelf
	most   int64
	loaded bool
	spent  spentBytes
}

// spentBytes is what was spent on a day in UTC.
type spentBytes struct {
	Day   string `json:"day"`
	Bytes int64  `json:"bytes"`
}

// budgetName is the cursor of the byteBudget.
const budgetName = "pictures"

// spend takes bytes out of the budget; false if that has not so many left today.
func (b *byteBudget) spend(ctx context.Context, n int64, now time.Time) (bool, error) {
	if !b.loaded {
		if _, err := b.shelf.Load(ctx, budgetName, &b.spent); err != nil {
			return false, fmt.Errorf("read what was downloaded today: %w", err)
		}
		b.loaded = true
	}
	next := spentBytes{Day: now.UTC().Format(time.DateOnly), Bytes: n}
	if next.Day == b.spent.Day {
		next.Bytes += b.spent.Bytes
	}
	if next.Bytes > b.most {
		return false, nil
	}
	if err := b.shelf.Save(ctx, budgetName, next); err != nil {
		return false, fmt.Errorf("keep what is downloaded today: %w", err)
	}
	b.spent = next
	return true, nil
}
