package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	auditFetch = 500
	auditWait  = time.Second
	// auditTries is how often nothing may come before the stream is asked
	// whether there is anything.
	auditTries = 3
	// auditIdle is after which time the server forgets a reader that died.
	auditIdle = time.Minute
	infoWait  = 5 * time.Second
)

// auditMark is how far a stream was known to go. It stands in CURSORS, so that
// what is lost while no process runs is missed at the next start.
type auditMark struct {
	// First and Last are the ends of the stream, LastAt when its end was stored.
	First  uint64    `json:"first"`
	Last   uint64    `json:"last"`
	LastAt time.Time `json:"last_at"`
	// AuditedAt is when the whole stream was last read through.
	AuditedAt time.Time `json:"audited_at,omitzero"`
}

// AuditStart compares the ends of RAW and RECORDS with what NoteEnds last noted,
// and returns the gaps that are news. A damaged last block shows in nothing else:
// the stream goes on with the numbers of the messages that it lost. So it is
// called at the start, before anything is published or read.
func (c *Conn) AuditStart(ctx context.Context) (fresh []Gap, err error) {
	for _, stream := range []string{StreamRaw, StreamRecords} {
		state, err := c.streamState(ctx, stream)
		if err != nil {
			return fresh, fmt.Errorf("audit %s: %w", stream, err)
		}
		found, err := c.auditEnds(ctx, stream, state)
		fresh = append(fresh, found...)
		if err == nil {
			err = c.moveMark(ctx, stream, state, time.Time{})
		}
		if err != nil {
			return fresh, fmt.Errorf("audit %s: %w", stream, err)
		}
	}
	return fresh, nil
}

// NoteEnds notes where RAW and RECORDS end, and names what was lost where an end
// went back: a server may have been restarted on a damaged disk meanwhile. What is
// stored after the last note and before a crash is not missed if the disk loses
// just that; so it is called several times a minute.
func (c *Conn) NoteEnds(ctx context.Context) error {
	for _, stream := range []string{StreamRaw, StreamRecords} {
		if err := c.noteEnds(ctx, stream); err != nil {
			return fmt.Errorf("note the ends of %s: %w", stream, err)
		}
	}
	return nil
}

func (c *Conn) noteEnds(ctx context.Context, stream string) error {
	info, err := c.streamInfo(ctx, stream)
	if err != nil {
		return err
	}
	m, err := c.mark(ctx, stream)
	if err != nil || m.Last == info.State.LastSeq {
		return err
	}
	state := streamState{FirstSeq: info.State.FirstSeq, LastSeq: info.State.LastSeq, LastTime: info.State.LastTime}
	// The beginning of RAW moves with every ack, that of RECORDS seldom.
	if m.Last > state.LastSeq || stream == StreamRecords && m.First < state.FirstSeq {
		if state, err = c.streamState(ctx, stream); err != nil {
			return err
		}
		if _, err := c.auditEnds(ctx, stream, state); err != nil {
			return err
		}
	}
	return c.moveMark(ctx, stream, state, time.Time{})
}

// AuditRecords reads the headers of RECORDS from end to end, and returns the
// gaps that are news. The server passes over a damaged message, or the rest of a
// damaged block, without a word anywhere: only the sequences show it.
func (c *Conn) AuditRecords(ctx context.Context) ([]Gap, error) {
	state, err := c.streamState(ctx, StreamRecords)
	if err != nil {
		return nil, fmt.Errorf("audit RECORDS: %w", err)
	}
	fresh, err := c.auditEnds(ctx, StreamRecords, state)
	if err != nil {
		return fresh, fmt.Errorf("audit RECORDS: %w", err)
	}
	holes, err := c.readRecords(ctx, state)
	if err != nil {
		return fresh, fmt.Errorf("audit RECORDS: %w", err)
	}
	found, err := c.missed(ctx, StreamRecords, holes)
	fresh = append(fresh, found...)
	if err != nil {
		return fresh, fmt.Errorf("audit RECORDS: %w", err)
	}
	return fresh, c.moveMark(ctx, StreamRecords, state, time.Now().UTC())
}

// AuditedAt is when RECORDS was last read through; zero if never.
func (c *Conn) AuditedAt(ctx context.Context) (time.Time, error) {
	m, err := c.mark(ctx, StreamRecords)
	return m.AuditedAt, err
}

// auditEnds looks for messages that were there once and are now beyond the ends.
func (c *Conn) auditEnds(ctx context.Context, stream string, state streamState) (fresh []Gap, err error) {
	m, err := c.mark(ctx, stream)
	if err != nil || m.Last == 0 {
		return nil, err
	}
	if stream == StreamRaw {
		return c.auditRawStart(ctx, state, m)
	}
	var holes []Gap
	if m.Last > state.LastSeq {
		holes = append(holes, Gap{Stream: stream, First: max(m.First, state.LastSeq+1), Last: m.Last, After: state.LastTime, Before: m.LastAt})
	}
	if m.First > 0 && m.First < state.FirstSeq {
		holes = append(holes, Gap{Stream: stream, First: m.First, Last: min(state.FirstSeq-1, m.Last), Before: state.FirstTime})
	}
	return c.missed(ctx, stream, holes)
}

// missed notes what of holes in RECORDS has no known reason. The reasons are
// read after the holes were seen: they are written before anything is deleted.
func (c *Conn) missed(ctx context.Context, stream string, holes []Gap) (fresh []Gap, err error) {
	if len(holes) == 0 {
		return nil, nil
	}
	known, err := c.known(ctx, stream)
	if err != nil {
		return nil, err
	}
	trimmed, err := c.trimmedUpTo(ctx, stream)
	if err != nil {
		return nil, err
	}
	for _, g := range holes {
		for _, part := range known.missing(max(g.First, trimmed+1), g.Last, gapLimit) {
			piece := g
			piece.First, piece.Last = part.first, part.last
			found, err := c.noteGap(ctx, piece)
			fresh = append(fresh, found...)
			if err != nil {
				return fresh, err
			}
		}
	}
	return fresh, nil
}

// readRecords lists the holes between the ends of RECORDS.
func (c *Conn) readRecords(ctx context.Context, state streamState) (holes []Gap, err error) {
	if state.LastSeq == 0 || state.FirstSeq > state.LastSeq {
		return nil, nil
	}
	s, err := c.js.Stream(ctx, StreamRecords)
	if err != nil {
		return nil, err
	}
	reader, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(state.FirstSeq, 1), HeadersOnly: true,
		InactiveThreshold: auditIdle,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if info := reader.CachedInfo(); info != nil {
			_ = s.DeleteConsumer(ctx, info.Name) // else it goes after auditIdle
		}
	}()
	r := &readThrough{next: max(state.FirstSeq, 1), last: state.LastSeq}
	for tries := 0; r.next <= r.last; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got, err := r.fetch(ctx, reader)
		if err != nil {
			return nil, err
		}
		if tries++; got > 0 {
			tries = 0
		}
		if tries < auditTries {
			continue
		}
		more, err := c.anyFrom(ctx, StreamRecords, r.next, r.last)
		if err != nil || more {
			return nil, errors.Join(err, errors.New("read through: the stream does not hand out what it holds"))
		}
		r.take(r.last+1, state.LastTime) // the end is lost
	}
	return r.holes, nil
}

// fetch takes the next messages, and says how many were new. It asks for no more
// than may be there, since for those that are not it would wait.
func (r *readThrough) fetch(ctx context.Context, reader jetstream.Consumer) (got int, err error) {
	ctx, cancel := context.WithTimeout(ctx, auditWait)
	defer cancel()
	batch, err := reader.Fetch(int(min(auditFetch, r.last-r.next+1)), jetstream.FetchContext(ctx))
	if err != nil {
		return 0, err
	}
	for msg := range batch.Messages() {
		if meta, err := msg.Metadata(); err == nil {
			got += r.take(meta.Sequence.Stream, meta.Timestamp.UTC())
		}
	}
	return got, nil
}

// readThrough notes the holes in sequences that come in order.
type readThrough struct {
	next, last uint64
	before     time.Time // when the message before next was stored
	holes      []Gap
}

// take notes the next message. It returns 0 for one that is none of ours.
func (r *readThrough) take(sequence uint64, at time.Time) int {
	if sequence < r.next || sequence > r.last+1 {
		return 0
	}
	if sequence > r.next {
		r.holes = append(r.holes, Gap{Stream: StreamRecords, First: r.next, Last: sequence - 1, After: r.before, Before: at})
	}
	r.next, r.before = sequence+1, at
	return 1
}

// anyFrom says whether a stream can give any message of a range.
func (c *Conn) anyFrom(ctx context.Context, stream string, first, last uint64) (bool, error) {
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return false, err
	}
	m, err := s.GetMsg(ctx, first, jetstream.WithGetMsgSubject(subjectRoot+".>"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil && m.Sequence <= last, err
}
