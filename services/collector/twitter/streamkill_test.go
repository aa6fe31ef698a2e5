package twitter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// Killed: the connection to NATS ends first, so nothing more is kept, and the old
// process may still be there when the new one begins.
func TestKilledAtAnyMomentItLosesNoPost(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	var posting, dying sync.WaitGroup
	done := make(chan struct{})
	posting.Go(func() { r.post(done) })
	for range 12 {
		if err := r.fake.WaitDelivered(r.within(), r.fake.Reads().Streamed+rand.IntN(60)); err != nil {
			t.Fatal(err)
		}
		at, cancel := context.WithCancel(context.Background())
		cancel()
		_ = r.deps.Conn.Close(at) // what was under way is lost
		dying.Go(r.stop)
		r.start()
	}
	r.streaming()
	close(done)
	posting.Wait()
	dying.Wait()
	r.arrives(r.fake.Post("invented_a", seenAt))
	r.eventually("every post and edit is on RAW", r.whole)
	r.closed(3)
	r.silent()
}

// post makes posts, edits, quotes and reposts until done is closed; now and then a
// message is cut.
func (r *streamRig) post(done <-chan struct{}) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		id := r.fake.Post("invented_a", fmt.Sprintf("%s %d", seenAt, i))
		switch i % 5 {
		case 0:
			r.fake.Edit(id, seenAt+" again")
		case 1:
			r.fake.Quote("invented_b", id, seenAt)
		case 2:
			r.fake.Repost("invented_c", id)
		}
		if i%97 == 96 {
			r.fake.CutMessage()
		}
	}
}

// whole says whether every post that matched is on RAW with each of its edits, once.
// Reposts that were made while the stream was away are not to be had.
func (r *streamRig) whole() bool {
	for _, p := range r.fake.Truth().Posts {
		if p.Kind == "repost" || len(p.Matched) == 0 {
			continue
		}
		if r.raw.post(p.First) == nil || r.raw.edits(p.First) != len(p.Versions)-1 {
			return false
		}
	}
	return true
}
