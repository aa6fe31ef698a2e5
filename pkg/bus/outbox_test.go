package bus

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	errFullStream = &jetstream.APIError{Code: 503, ErrorCode: codeStoreFailed, Description: fullText}
	errRefused    = &jetstream.APIError{Code: 400, ErrorCode: 10054, Description: "message size exceeds maximum allowed"}
)

// bench plays the server to an outbox.
type bench struct {
	box    *outbox
	stats  Stats
	answer func(p *parcel) (sequence uint64, duplicate bool, err error)

	mu       sync.Mutex
	attempts []string
	results  map[*parcel]error
	ids      int
}

func newBench() *bench {
	b := &bench{results: make(map[*parcel]error)}
	b.box = newOutbox(b.send, b.id, b.finished, &b.stats)
	return b
}

func (b *bench) id() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids++
	return fmt.Sprint("new-", b.ids)
}

func (b *bench) send(p *parcel) (*nats.Msg, error) {
	m := &nats.Msg{}
	b.box.expect(m, p)
	b.mu.Lock()
	b.attempts = append(b.attempts, p.id)
	b.mu.Unlock()
	go func() {
		time.Sleep(time.Millisecond)
		if n, dup, err := b.answer(p); err != nil {
			b.box.failed(m, err)
		} else {
			b.box.acked(m, n, dup)
		}
	}()
	return m, nil
}

func (b *bench) finished(p *parcel, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results[p] = err
	p.receipt.settle(err)
}

func (b *bench) tries() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.attempts)
}

func (b *bench) post(ids ...string) []*parcel {
	var out []*parcel
	for _, id := range ids {
		p := &parcel{id: id, receipt: &Receipt{done: make(chan struct{})}}
		out = append(out, p)
		b.box.post(p)
	}
	return out
}

func TestAFullStreamCostsOneTryAtATimeAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		full := true
		b.answer = func(*parcel) (uint64, bool, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if full {
				return 0, false, errFullStream
			}
			return 1, false, nil
		}
		b.post("1", "2", "3")
		time.Sleep(10 * time.Minute)
		if n := b.tries(); n < 240 || n > 620 {
			t.Errorf("%d tries in ten minutes, want one every one to two seconds", n)
		}
		if b.stats.Full.Load() != 1 {
			t.Error("the full stream does not show")
		}
		b.post("4", "5") // these wait, unsent
		before := b.tries()
		synctest.Wait()
		if b.tries() != before {
			t.Error("a new message was sent to a full stream")
		}
		b.mu.Lock()
		full = false
		b.mu.Unlock()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(b.results) != 5 || b.stats.Full.Load() != 0 {
			t.Errorf("%d of 5 are through, full is %d", len(b.results), b.stats.Full.Load())
		}
		for _, err := range b.results {
			if err != nil {
				t.Error(err)
			}
		}
		b.box.close()
	})
}

func TestAPublisherThatGivesUpHoldsNobodyUpAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.box.giveUp = 5 * time.Second
		full := true
		b.answer = func(*parcel) (uint64, bool, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if full {
				return 0, false, errFullStream
			}
			return 1, false, nil
		}
		started := time.Now()
		for _, p := range b.post("1", "2", "3") {
			<-p.receipt.Done()
			if !errors.Is(p.receipt.err, ErrFull) {
				t.Errorf("a full stream gives %v", p.receipt.err)
			}
		}
		if took := time.Since(started); took < 5*time.Second || took > 8*time.Second {
			t.Errorf("gave up after %v", took)
		}
		tries := b.tries()
		if p := b.post("4")[0]; !errors.Is(p.receipt.err, ErrFull) || b.tries() != tries || b.stats.Full.Load() != 1 {
			t.Errorf("the next is not refused at once: %v, %d tries", p.receipt.err, b.tries()-tries)
		}
		time.Sleep(retryLimit)
		b.mu.Lock()
		full = false
		b.mu.Unlock()
		p := b.post("5")[0]
		<-p.receipt.Done()
		if p.receipt.err != nil || b.stats.Full.Load() != 0 {
			t.Errorf("with room again: %v, full %d", p.receipt.err, b.stats.Full.Load())
		}
		b.box.close()
	})
}

func TestARetryKeepsItsIdAndReadsDuplicate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		n := 0
		b.answer = func(*parcel) (uint64, bool, error) {
			if n++; n == 1 {
				return 0, false, nats.ErrTimeout // it was stored, only the answer was lost
			}
			return 7, true, nil
		}
		p := b.post("same")[0]
		<-p.receipt.Done()
		if got, err := p.receipt.sequence, p.receipt.err; got != 7 || err != nil || !p.receipt.Duplicate() {
			t.Errorf("sequence %d, duplicate %v, error %v", got, p.receipt.Duplicate(), err)
		}
		if fmt.Sprint(b.attempts) != "[same same]" || b.stats.Duplicates.Load() != 1 {
			t.Errorf("attempts were %v", b.attempts)
		}
		b.box.close()
	})
}

func TestADuplicateAtTheFirstTryIsSentUnderANewId(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.answer = func(p *parcel) (uint64, bool, error) { return 3, p.id == "taken", nil }
		p := b.post("taken")[0]
		<-p.receipt.Done()
		if p.receipt.err != nil || p.receipt.Duplicate() || fmt.Sprint(b.attempts) != "[taken new-1]" || b.stats.Collisions.Load() != 1 {
			t.Errorf("attempts were %v: %v", b.attempts, p.receipt.err)
		}
		b.box.close()
	})
}

func TestARefusalThatWaitingDoesNotMendIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.answer = func(*parcel) (uint64, bool, error) { return 0, false, errRefused }
		p := b.post("large")[0]
		<-p.receipt.Done()
		if p.receipt.err == nil || b.tries() != 1 || b.stats.Rejected.Of("10054") != 1 {
			t.Errorf("error %v after %d tries", p.receipt.err, b.tries())
		}
		b.box.close()
	})
}

func TestClosingFailsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.answer = func(*parcel) (uint64, bool, error) { return 0, false, errFullStream }
		ps := b.post("1", "2")
		time.Sleep(time.Second)
		b.box.close()
		ps = append(ps, b.post("3")...)
		for _, p := range ps {
			<-p.receipt.Done()
			if !errors.Is(p.receipt.err, ErrClosed) {
				t.Errorf("receipt has %v", p.receipt.err)
			}
		}
		time.Sleep(time.Minute)
	})
}

func TestWhichErrorsAreTriedAgain(t *testing.T) {
	api := func(code int, n jetstream.ErrorCode) error { return &jetstream.APIError{Code: code, ErrorCode: n} }
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"stream full", api(503, 10077), true},
		{"store full", api(500, 10047), true},
		{"no resources", api(503, 10023), true},
		{"not available", api(503, 10008), true},
		{"too many requests", api(429, 10167), true},
		{"timeout", nats.ErrTimeout, true},
		{"nobody there", jetstream.ErrNoStreamResponse, true},
		{"connection lost", nats.ErrDisconnected, true},
		{"connection cut while it was written to", fmt.Errorf("flush: %w", &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}), true},
		{"server in this process gone", io.ErrClosedPipe, true},
		{"no answer in time", jetstream.ErrAsyncPublishTimeout, true},
		{"too large", api(400, 10054), false},
		{"wrong subject", nats.ErrBadSubject, false},
		{"closed for good", nats.ErrConnectionClosed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := retryable(c.err); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestDelaysGrowAndStayBounded(t *testing.T) {
	for delivered, want := range map[uint64]time.Duration{
		0: time.Second, 1: time.Second, 2: 5 * time.Second, 3: 30 * time.Second, 4: 5 * time.Minute, 19: 5 * time.Minute, 1 << 63: 5 * time.Minute,
	} {
		for range 100 {
			if got := delayFor(delivered); got < want || got > want+want/5+1 {
				t.Fatalf("delivery %d waits %v, want %v and up to a fifth", delivered, got, want)
			}
		}
	}
}
