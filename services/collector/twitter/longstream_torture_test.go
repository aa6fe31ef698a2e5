//go:build torture

package twitter

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

const (
	// fullStream is how many posts a second X sends at the most.
	fullStream = 250
	// slowStream is how long it is read over a slow NATS.
	slowStream = time.Minute
)

// longStream is how long a full stream is read: SECONDS, or ten minutes.
func longStream() time.Duration {
	if seconds, err := strconv.Atoi(os.Getenv("SECONDS")); err == nil {
		return time.Duration(seconds) * time.Second
	}
	return 10 * time.Minute
}

// TestALongStream reads a full stream: each post is on RAW once and no memory grows
// with it but that of the ids that are asked for again. Then it does the same over a
// slow NATS, which slows the reader and is reported.
func TestALongStream(t *testing.T) {
	r := newStreamRig(t, fake.Options{Heartbeat: time.Second})
	r.cfg.pauses.stream = usualStreamTimes()
	r.patience = longStream() + 5*time.Minute
	r.publish(watchlist.List{Families: []watchlist.Family{
		{Label: "harbour", Sites: []string{"harbour-leaks.example"}, Terms: []string{"canary"}},
		{Label: "pier", Sites: []string{"pier-leaks.example"}, Terms: []string{"lighthouse"}},
	}})
	sum := r.addUp()
	r.start()
	r.streaming()
	total := int(longStream().Seconds()) * fullStream
	flowing := r.flow(total)
	r.eventually("a tenth is on RAW", func() bool { return sum.count() >= total/10 })
	early, routines := heap(), runtime.NumGoroutine()
	flowing()
	r.eventually("all is on RAW", func() bool { return sum.count() >= total })
	late := heap()
	t.Logf("%d posts; heap %d KiB at a tenth, %d KiB at the end; %d goroutines, then %d", total, early>>10, late>>10, routines, runtime.NumGoroutine())
	const room = 16 << 20
	if ids := total * 36; int64(late)-int64(early) > int64(room+ids) {
		t.Errorf("memory grew by %d KiB", (int64(late)-int64(early))>>10)
	}
	if n := runtime.NumGoroutine(); n > routines+10 {
		t.Errorf("%d goroutines became %d", routines, n)
	}
	if n := r.value("stream_unreadable_total"); n > 0 {
		t.Errorf("%v messages could not be read", n)
	}
	r.sameAs(sum)
	r.stop()
	r.overSlowNATS(sum)
	r.sameAs(sum)
	r.silent()
}

// overSlowNATS goes on with the stream over a NATS that takes its time.
func (r *streamRig) overSlowNATS(sum *sums) {
	r.t.Helper()
	r.dialer = slowly{r.bus, 400 * time.Millisecond}
	r.start()
	// What is known is read page by page, and each takes its time.
	r.eventually("the stream is open", func() bool { return r.value("stream_up") == 1 })
	begun, before, total := time.Now(), sum.count(), int(slowStream.Seconds())*fullStream
	flowing := r.flow(total)
	r.eventually("status says why the stream waits", func() bool {
		for _, l := range r.collector.now(time.Now()).Legs {
			if l.Name == streamName && l.Why == waitsForNATS {
				return true
			}
		}
		return false
	})
	flowing()
	r.eventually("all is on RAW", func() bool { return sum.count() >= before+total })
	r.t.Logf("%d posts over a slow NATS in %v; the stream waited for %.1f s", total, time.Since(begun).Round(time.Second), r.value("stream_blocked_seconds_total"))
	if r.value("stream_blocked_seconds_total") == 0 {
		r.t.Error("no wait was measured")
	}
}

// flow lets the fake send so many posts at a full stream's pace, one in ten of which
// matches two rules. Wait returns when all were made.
func (r *streamRig) flow(total int) (wait func()) {
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	r.t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() {
		_, err := r.fake.Flow(ctx, fake.Flow{PerSecond: fullStream, Total: total, Make: func(n int) (account, text string) {
			text = fmt.Sprintf("%s card %d and some more words so that it has a length", seenAt, n)
			if n%10 == 0 {
				text += " by the lighthouse"
			}
			return fmt.Sprintf("invented_%d", n%500), text
		}})
		done <- err
	}()
	return func() {
		r.t.Helper()
		if err := <-done; err != nil {
			r.t.Fatal(err)
		}
	}
}

// sums are of the ids of posts that came to RAW, repeats too.
type sums struct {
	mu         sync.Mutex
	posts      int
	sum, twist uint64
}

// addUp adds up from now on what comes to RAW, and keeps nothing of it.
func (r *streamRig) addUp() *sums {
	s := &sums{}
	r.raw.mu.Lock()
	defer r.raw.mu.Unlock()
	r.raw.each = func(id string) {
		n, _ := strconv.ParseUint(id, 10, 64)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.posts++
		s.sum += n
		s.twist ^= n
	}
	return s
}

func (s *sums) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts
}

// sameAs compares what came to RAW with what the fake made and sent.
func (r *streamRig) sameAs(s *sums) {
	r.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	truth := r.fake.Truth().Flow
	if truth.Several*10 < truth.Made {
		r.t.Errorf("%d of %d posts matched several rules", truth.Several, truth.Made)
	}
	if s.posts != truth.Made || truth.Delivered != truth.Made || s.sum != truth.Sum || s.twist != truth.Twist {
		r.t.Errorf("%d posts were made and %d sent, %d are on RAW", truth.Made, truth.Delivered, s.posts)
	}
}

// slowly is a way to the bus on which everything takes some time, in both directions.
type slowly struct {
	bus.Dialer
	delay time.Duration
}

// InProcessConn implements bus.Dialer.
func (s slowly) InProcessConn() (net.Conn, error) {
	server, err := s.Dialer.InProcessConn()
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	go s.carry(far, server)
	go s.carry(server, far)
	return near, nil
}

// carry brings what one side sends to the other, in order, each part after a delay.
func (s slowly) carry(from, to net.Conn) {
	type part struct {
		due   time.Time
		bytes []byte
	}
	parts := make(chan part, 1024)
	go func() {
		defer to.Close()
		for p := range parts {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				break
			}
		}
		for range parts { // until nothing comes any more
		}
	}()
	defer close(parts)
	defer from.Close()
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		parts <- part{time.Now().Add(s.delay), append([]byte(nil), buffer[:n]...)}
	}
}
