package bus

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// pieceFrom is the delivery from which a batch is handed out in parts: by
	// then a process has probably died over it.
	pieceFrom = 3
	// aloneCap is at how many deaths in a row a record must have been in hand, alone
	// of its batch, to go to FAILED: at the first beside all others, at the second
	// beside a few, and then with no other suspect. Deliveries alone show nothing: a
	// process that is killed for other reasons, or is slow, uses them up as well.
	aloneCap = 4
	// requeueFrom is the delivery from which putting off makes a new message of
	// the old, so that its deliveries are never used up.
	requeueFrom = 15
	// pieceParts is into how many parts a range is cut. 16 leaves a batch of
	// 4,096 records at one record after three cuts.
	pieceParts = 16
)

// span is a range of a batch's records.
type span struct{ from, to int }

// cut divides a span into at most pieceParts.
func (s span) cut() []span {
	step := max((s.to-s.from+pieceParts-1)/pieceParts, 1)
	out := make([]span, 0, pieceParts)
	for at := s.from; at < s.to; at += step {
		out = append(out, span{at, min(at+step, s.to)})
	}
	return out
}

// mark is what is written down before a part is handed out, so that the next
// process knows what killed this one. All records before the span are settled.
type mark struct {
	span
	// hands is how often in a row this very span was handed out; 0 says that it
	// is not in hand.
	hands int
}

// next is the mark of the span that is handed out after m was found.
func (m mark) next(s span) mark {
	if m.hands > 0 && m.span == s {
		return mark{s, m.hands + 1}
	}
	return mark{s, 1}
}

// deaths is at how many in a row the span was in hand, where it is one record: more
// are cut and begin anew.
func (m mark) deaths(s span) int {
	if m.span != s || s.to-s.from != 1 {
		return 0
	}
	return m.hands
}

// plan says which parts of a batch of n records to hand out, and which record
// has killed often enough.
func (m mark) plan(n int) (todo []span, poison int) {
	if m.from < 0 || m.from > n || m.to > n || m.from > m.to {
		m = mark{} // written for something else
	}
	if m.hands == 0 || m.to == m.from {
		return span{m.from, n}.cut(), -1
	}
	rest := span{m.to, n}.cut()
	if m.deaths(m.span) >= aloneCap {
		return rest, m.from
	}
	return append(m.cut(), rest...), -1
}

// handOutInPieces hands a batch that came several times out in parts, one after
// the other, each written down before. A part that was in hand when a process
// died is cut smaller each time, until one record is alone with its guilt.
func (k *Consumer) handOutInPieces(ctx context.Context, h *held) {
	defer h.finish()
	m, err := k.marks.get(ctx, h)
	if err != nil {
		h.putOff(ctx, delayFor(h.delivered))
		return
	}
	todo, poison := m.plan(len(h.records))
	if poison >= 0 && k.failOne(ctx, h, poison, ClassPoison) != nil {
		h.putOff(ctx, delayFor(h.delivered))
		return
	}
	k.pieces(ctx, h, todo, &m)
}

// splitWhole hands a batch out in parts because its handler asked for it.
func (k *Consumer) splitWhole(ctx context.Context, h *held, class Class) {
	defer h.finish()
	if h.reopen() != nil {
		h.putOff(ctx, delayFor(h.delivered))
		return
	}
	n := len(h.records)
	if n == 1 {
		if k.failOne(ctx, h, 0, class) != nil {
			h.putOff(ctx, delayFor(h.delivered))
			return
		}
		h.ack()
		return
	}
	k.pieces(ctx, h, span{0, n}.cut(), nil)
}

// pieces works through parts, front to back, and acks at the end. found is what
// the process before wrote down; nil writes nothing down.
func (k *Consumer) pieces(ctx context.Context, h *held, todo []span, found *mark) {
	write := found != nil
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		var o outcome
		if write {
			o = k.handOutMarked(ctx, h, s, *found)
		} else {
			o = k.handOut(ctx, h, s)
		}
		switch {
		case o.split != "" && s.to-s.from > 1:
			todo = append(s.cut(), todo...)
		case o.split != "":
			if k.failOne(ctx, h, s.from, o.split) != nil {
				o = outcome{later: true, delay: delayFor(h.delivered)}
			}
		}
		if o.later {
			if write {
				_ = k.marks.put(context.WithoutCancel(ctx), h, mark{s, 0})
			}
			h.putOff(ctx, o.delay)
			return
		}
	}
	h.ack()
	if write {
		k.marks.drop(context.WithoutCancel(ctx), h)
	}
}

// handOutMarked writes a part down and hands it out, a suspect in its turn.
func (k *Consumer) handOutMarked(ctx context.Context, h *held, s span, found mark) outcome {
	over, ok := k.suspects.turn(ctx, k.quit, found.deaths(s))
	if !ok {
		return outcome{later: true, delay: time.Second}
	}
	defer over()
	if k.marks.put(ctx, h, found.next(s)) != nil {
		return outcome{later: true, delay: delayFor(h.delivered)}
	}
	return k.handOut(ctx, h, s)
}

// handOut gives one part to whoever takes deliveries and waits for the outcome.
func (k *Consumer) handOut(ctx context.Context, h *held, s span) outcome {
	d := h.piece(s.from, s.to)
	again := outcome{later: true, delay: time.Second}
	select {
	case <-k.quit: // the channel may be closed; ctx may be a handler's and outlast it
		return again
	case <-ctx.Done():
		return again
	default:
	}
	select {
	case k.out <- d:
	case <-k.quit:
		return again
	case <-ctx.Done():
		return again
	}
	return <-d.done
}

// failOne puts one record on FAILED.
func (k *Consumer) failOne(ctx context.Context, h *held, index int, class Class) error {
	m, err := k.failedRecord(h, h.records[index], class)
	if err != nil {
		return err
	}
	return k.publishFailed(ctx, class, m)
}

// marks keeps the marks of one durable in the CURSORS bucket.
type marks struct {
	kv     jetstream.KeyValue
	prefix string
}

// String is a mark as it is stored.
func (m mark) String() string {
	return strconv.Itoa(m.from) + " " + strconv.Itoa(m.to) + " " + strconv.Itoa(m.hands)
}

// parseMark reads a mark; what is no mark reads as none.
func parseMark(text string) mark {
	f := strings.Fields(text)
	if len(f) != 3 {
		return mark{}
	}
	from, err1 := strconv.Atoi(f[0])
	to, err2 := strconv.Atoi(f[1])
	hands, err3 := strconv.Atoi(f[2])
	if err1 != nil || err2 != nil || err3 != nil || hands < 0 {
		return mark{}
	}
	return mark{span{from, to}, hands}
}

func (c *Conn) openMarks(ctx context.Context, d Durable) (*marks, error) {
	kv, err := c.bucket(ctx, BucketCursors)
	if err != nil {
		return nil, err
	}
	return &marks{kv: kv, prefix: "in-hand." + string(d) + "."}, nil
}

// key is of one message only: a stream that lost its end, or was created anew,
// gives sequences a second time, and a mark says what need not be done again.
func (m *marks) key(h *held) string {
	return m.prefix + strconv.FormatUint(h.sequence, 10) + "-" + strconv.FormatInt(h.storedAt.UnixMilli(), 10)
}

func (m *marks) get(ctx context.Context, h *held) (mark, error) {
	e, err := m.kv.Get(ctx, m.key(h))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return mark{}, nil
	}
	if err != nil {
		return mark{}, err
	}
	return parseMark(string(e.Value())), nil
}

func (m *marks) put(ctx context.Context, h *held, v mark) error {
	_, err := m.kv.PutString(ctx, m.key(h), v.String())
	return err
}

func (m *marks) drop(ctx context.Context, h *held) {
	_ = m.kv.Purge(ctx, m.key(h)) // a mark that stays is read by nobody
}
