package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// siftAtOnce is how many messages are in hand at once. siftTries is how often
	// nothing may come although there is something, siftPause the time in between.
	siftAtOnce = 256
	siftTries  = 20
	siftPause  = 100 * time.Millisecond
	// siftGiveUp is how long a full RECORDS is tried.
	siftGiveUp = 30 * time.Second
)

// Sift says what SiftRecords looks for.
type Sift struct {
	// From is the number of the first message that is looked at; 0 begins at the
	// beginning.
	From uint64
	// Kinds are those that are looked at.
	Kinds []Kind
	// Picks is true for a record that is looked for.
	Picks func(Subject, []byte) bool
	// Erase takes them out.
	Erase bool
}

// Sifted is what was found in RECORDS.
type Sifted struct {
	// Records are those that were picked, Messages those that held some.
	Records, Messages uint64
	// Last is the number of the last message that was there at the beginning.
	Last uint64
}

// SiftRecords reads RECORDS to the end that it had at the beginning and picks
// records, which it can take out: a message that holds one is published anew without
// it, on the same subject, and only when that is stored the old one is erased. Killed
// in between, the others are there twice, which the keys of their rows absorb. What is
// published anew is as old as today, so RECORDS keeps it for its whole time again.
func (c *Conn) SiftRecords(ctx context.Context, sift Sift) (Sifted, error) {
	v := &sieve{Sift: sift, conn: c}
	err := v.run(ctx)
	if err != nil {
		err = fmt.Errorf("look through RECORDS: %w", err)
	}
	return v.found, err
}

// sieve picks records out of messages.
type sieve struct {
	Sift

	conn      *Conn
	publisher *Publisher
	found     Sifted
	next      uint64
	frame     []byte
	records   [][]byte
}

func (v *sieve) run(ctx context.Context) error {
	info, err := v.conn.streamInfo(ctx, StreamRecords)
	if err != nil {
		return err
	}
	v.found.Last, v.next = info.State.LastSeq, max(v.From, info.State.FirstSeq, 1)
	if v.Erase {
		if v.publisher, err = v.conn.NewPublisher(StageRecords, PublisherConfig{GiveUp: siftGiveUp}); err != nil {
			return err
		}
		defer v.publisher.Close(ctx) //nolint:errcheck // the receipts are what counts
	}
	s, err := v.conn.js.Stream(ctx, StreamRecords)
	if err != nil {
		return err
	}
	reader, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: v.subjects(), DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: v.next, InactiveThreshold: auditIdle,
	})
	if err != nil {
		return err
	}
	defer func() {
		if info := reader.CachedInfo(); info != nil {
			_ = s.DeleteConsumer(ctx, info.Name) // else it goes after auditIdle
		}
	}()
	return v.readOn(ctx, s, reader)
}

// readOn reads until nothing is left that was there at the beginning.
func (v *sieve) readOn(ctx context.Context, s jetstream.Stream, reader jetstream.Consumer) error {
	for tries := 0; tries < siftTries; {
		got, err := v.fetch(ctx, reader)
		if err != nil {
			return err
		}
		if got > 0 {
			tries = 0
			continue
		}
		if more, err := v.more(ctx, s); err != nil || !more {
			return err
		}
		tries++
		select {
		case <-time.After(siftPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the stream does not hand out what it holds")
}

func (v *sieve) subjects() []string {
	subjects := make([]string, len(v.Kinds))
	for i, kind := range v.Kinds {
		subjects[i] = subjectRoot + "." + string(StageRecords) + ".*." + string(kind) + ".*"
	}
	return subjects
}

// more asks whether anything is there that was not handed out: that nothing came
// does not show it.
func (v *sieve) more(ctx context.Context, s jetstream.Stream) (bool, error) {
	for _, subject := range v.subjects() {
		m, err := s.GetMsg(ctx, v.next, jetstream.WithGetMsgSubject(subject))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
		case err != nil:
			return false, err
		case m.Sequence <= v.found.Last:
			return true, nil
		}
	}
	return false, nil
}

// fetch takes the next messages and looks through them.
func (v *sieve) fetch(ctx context.Context, reader jetstream.Consumer) (got int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	batch, err := reader.FetchNoWait(siftAtOnce)
	if err != nil {
		return 0, err
	}
	var receipts []*Receipt
	var holding []uint64
	for msg := range batch.Messages() {
		meta, err := msg.Metadata()
		if err != nil || meta.Sequence.Stream < v.next || meta.Sequence.Stream > v.found.Last {
			continue
		}
		got++
		v.next = meta.Sequence.Stream + 1
		receipt, holds, err := v.look(ctx, msg)
		if err != nil {
			return got, err
		}
		if holds {
			holding = append(holding, meta.Sequence.Stream)
		}
		if receipt != nil {
			receipts = append(receipts, receipt)
		}
	}
	if err := batch.Error(); err != nil {
		return got, err
	}
	if !v.Erase || len(holding) == 0 {
		return got, nil
	}
	for _, receipt := range receipts {
		if _, err := receipt.Wait(ctx); err != nil {
			return got, err
		}
	}
	KillPoint("erase", "records")
	return got, v.conn.EraseMessages(ctx, StreamRecords, holding...)
}

// look picks the records of a message and, to erase them, publishes the others. A
// message that cannot be read is no batch of ours, and holds nothing of a kind.
func (v *sieve) look(ctx context.Context, msg jetstream.Msg) (receipt *Receipt, holds bool, err error) {
	subject, err := ParseSubject(msg.Subject())
	if err != nil {
		return nil, false, nil //nolint:nilerr // of a later version
	}
	if v.frame, err = decode(v.frame[:0], msg.Data()); err == nil {
		v.records, _, err = split(v.records[:0], v.frame, StageRecords)
	}
	if err != nil {
		return nil, false, nil //nolint:nilerr // the recorder has put it on FAILED
	}
	rest := NewBuilder(StageRecords)
	picked := uint64(0)
	for _, record := range v.records {
		if v.Picks(subject, record) {
			picked++
			continue
		}
		if err := rest.AddEncoded(record); err != nil {
			return nil, false, err
		}
	}
	if picked == 0 {
		return nil, false, nil
	}
	v.found.Records += picked
	v.found.Messages++
	if !v.Erase || rest.Len() == 0 {
		return nil, true, nil
	}
	m, err := rest.Records(subject)
	if err != nil {
		return nil, true, err
	}
	receipt, err = v.publisher.Publish(ctx, m)
	return receipt, true, err
}
