package twitter

import (
	"context"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
)

const (
	// inboxMessages and inboxBytes bound what of the stream waits to be sent to RAW,
	// and, apart from that, what one haul of it holds. One message fits always.
	inboxMessages = 256
	inboxBytes    = 256 << 10
)

// letter is something of the stream in its turn: a message, a moment or a gap.
type letter struct {
	// page is what a message shows; nil of the others.
	page *archive.TweetPage
	at   time.Time
	size int
	// sure is a moment up to which everything came before this letter or in it; zero
	// if it says nothing of that.
	sure time.Time
	// gap is a time in which the stream was away.
	gap *gap
}

// inbox is what was read of the stream and is not on RAW. Who puts something in waits
// while it is full, so that X waits too; nothing is dropped. One goroutine puts in and
// one takes out.
type inbox struct {
	// blocked is told how long nothing was read, each second and at the end; begins says
	// as often that nothing is, ends that something is again.
	blocked      func(time.Duration)
	begins, ends func()

	mu      sync.Mutex
	letters []letter
	bytes   int
	closed  bool
	came    chan struct{} // something was put in, or it was closed
	left    chan struct{} // something was taken out
}

func newInbox() *inbox {
	return &inbox{
		blocked: func(time.Duration) {}, begins: func() {}, ends: func() {},
		came: make(chan struct{}, 1), left: make(chan struct{}, 1),
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// try puts a letter in if there is room.
func (b *inbox) try(l letter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.letters); n > 0 && (n >= inboxMessages || b.bytes+l.size > inboxBytes) {
		return false
	}
	b.letters = append(b.letters, l)
	b.bytes += l.size
	signal(b.came)
	return true
}

// put puts a letter in, and waits for room if it must, until ctx ends.
func (b *inbox) put(ctx context.Context, l letter) error {
	if b.try(l) {
		return nil
	}
	defer b.standstill(0)()
	for !b.try(l) {
		select {
		case <-b.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// close says that nothing more is put in.
func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	signal(b.came)
}

// wait returns when there is something to be taken out, when nothing more will come,
// or when the timer fires. More is false if nothing more will come.
func (b *inbox) wait(ctx context.Context, timer <-chan time.Time) (more bool, err error) {
	for {
		b.mu.Lock()
		there, closed := len(b.letters) > 0, b.closed
		b.mu.Unlock()
		if there || closed {
			return there, nil
		}
		select {
		case <-b.came:
		case <-timer:
			return true, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// full says whether what is there makes a whole haul.
func (b *inbox) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed || len(b.letters) >= inboxMessages || b.bytes >= inboxBytes/2
}

// fill waits until there is a whole haul, but not for long.
func (b *inbox) fill(ctx context.Context, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for !b.full() {
		select {
		case <-b.came:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// take takes out all that is there.
func (b *inbox) take() []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := b.letters
	b.letters, b.bytes = nil, 0
	signal(b.left)
	return letters
}
