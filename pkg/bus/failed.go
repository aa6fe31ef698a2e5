package bus

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// failedRecord makes a message for FAILED of one record.
func (k *Consumer) failedRecord(h *held, record []byte, class Class) (Message, error) {
	f := FailedSubject{Service: k.conn.name, Class: class, Of: h.subject}
	if err := f.Validate(); err != nil {
		return Message{}, err
	}
	b := NewBuilder(StageFailed)
	b.frame = appendRecord(b.frame, b.field, record)
	b.count = 1
	if err := b.addOrigin(h.origin); err != nil {
		return Message{}, err
	}
	m, err := b.seal(f.String(), k.cfg.FailedKey)
	m.of = h.subject
	return m, err
}

// unopenable makes a message for FAILED of a whole batch as it is, under the
// key it was sealed with.
func (k *Consumer) unopenable(h *held) (Message, error) {
	f := FailedSubject{Service: k.conn.name, Class: ClassUnopenable, Of: h.subject}
	if err := f.Validate(); err != nil {
		return Message{}, err
	}
	return Message{
		subject: f.String(), of: h.subject, payload: h.handle().Data(), keyID: h.keyID(), records: h.headerCount(),
	}, nil
}

// publishFailed puts a message on FAILED and waits until it is there.
func (k *Consumer) publishFailed(ctx context.Context, class Class, m Message) error {
	r, err := k.failed.Publish(ctx, m)
	if err != nil {
		return err
	}
	if _, err := r.Wait(ctx); err != nil {
		k.failedFull(err)
		return err
	}
	k.stats.FailedRecords.add(string(class))
	return nil
}

// failedFull counts and logs that a batch comes again because its failed records
// found no room.
func (k *Consumer) failedFull(err error) {
	if !errors.Is(err, ErrFull) {
		return
	}
	k.stats.PutOffFull.Add(1)
	k.log.Error("FAILED is full; batches with failed records come again until there is room: look at them: doxtrail deadletters list",
		"durable", string(k.cfg.Durable), "class", "failed_full")
}

// FailedRecord is an entry of FAILED. All of it is safe to show.
type FailedRecord struct {
	Sequence uint64
	FailedSubject
	// KeyID names the key the record is sealed with.
	KeyID string
	// Records is 1, or the size of a batch that could not be opened.
	Records  int
	FailedAt time.Time
	// Bytes is the sealed size.
	Bytes int

	payload []byte
}

// ErrNoRecord says that FAILED holds no such entry.
var ErrNoRecord = errors.New("find failed record: no such sequence")

// FailedRecords calls each entry of FAILED, oldest first, until each returns
// false.
func (c *Conn) FailedRecords(ctx context.Context, each func(FailedRecord) bool) error {
	s, err := c.js.Stream(ctx, StreamFailed)
	if err != nil {
		return fmt.Errorf("list failed records: %w", err)
	}
	for next := uint64(1); ; {
		m, err := s.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subjectRoot+"."+string(StageFailed)+".>"))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list failed records: %w", err)
		}
		next = m.Sequence + 1
		f, err := readFailed(m)
		if err != nil {
			continue
		}
		if !each(f) {
			return nil
		}
	}
}

// FailedRecord finds one entry of FAILED.
func (c *Conn) FailedRecord(ctx context.Context, sequence uint64) (FailedRecord, error) {
	s, err := c.js.Stream(ctx, StreamFailed)
	if err != nil {
		return FailedRecord{}, fmt.Errorf("find failed record: %w", err)
	}
	m, err := s.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return FailedRecord{}, ErrNoRecord
	}
	if err != nil {
		return FailedRecord{}, fmt.Errorf("find failed record: %w", err)
	}
	return readFailed(m)
}

func readFailed(m *jetstream.RawStreamMsg) (FailedRecord, error) {
	s, err := ParseFailedSubject(m.Subject)
	if err != nil {
		return FailedRecord{}, err
	}
	return FailedRecord{
		Sequence: m.Sequence, FailedSubject: s, KeyID: m.Header.Get(headerKey), Records: countHeader(m.Header),
		FailedAt: m.Time.UTC(), Bytes: len(m.Data), payload: m.Data,
	}, nil
}

// Open gives back the record and where it came from, in memory only. A batch
// that was unopenable is returned to its stream by RetryFailed instead.
func (f FailedRecord) Open(key privacy.PrivateKey) (record []byte, origin *doxtrailv1.BatchOrigin, err error) {
	plain, err := key.Open([]byte(f.String()), f.payload)
	if err != nil {
		return nil, nil, err
	}
	frame, err := decode(nil, plain)
	if err != nil {
		return nil, nil, err
	}
	records, encoded, err := split(nil, frame, StageFailed)
	if err != nil || len(records) != 1 {
		return nil, nil, errFrame
	}
	if encoded != nil {
		origin = new(doxtrailv1.BatchOrigin)
		if proto.Unmarshal(encoded, origin) != nil {
			return nil, nil, errFrame
		}
	}
	return records[0], origin, nil
}

// RetryFailed puts an entry back on the stream it came from and, once it is
// there, deletes it from FAILED. It returns the sequence in that stream, to be
// waited for. key opens FAILED; raw seals what goes to RAW.
func (c *Conn) RetryFailed(ctx context.Context, f FailedRecord, key privacy.PrivateKey, raw privacy.PublicKey) (uint64, error) {
	m, err := f.message(key, raw)
	if err != nil {
		return 0, fmt.Errorf("retry failed record: %w", err)
	}
	p, err := c.NewPublisher(f.Of.Stage, PublisherConfig{})
	if err != nil {
		return 0, err
	}
	defer p.Close(ctx) //nolint:errcheck // the receipt is what counts
	r, err := p.Publish(ctx, m)
	if err != nil {
		return 0, err
	}
	sequence, err := r.Wait(ctx)
	if err != nil {
		return 0, err
	}
	return sequence, c.deleteFailed(ctx, f.Sequence, func(t *FailedTally) { t.Retried++ })
}

// message makes what is published again.
func (f FailedRecord) message(key privacy.PrivateKey, raw privacy.PublicKey) (Message, error) {
	if f.Class == ClassUnopenable {
		return Message{subject: f.Of.String(), of: f.Of, payload: f.payload, keyID: f.KeyID, records: f.Records}, nil
	}
	record, origin, err := f.Open(key)
	if err != nil {
		return Message{}, err
	}
	b := NewBuilder(f.Of.Stage)
	if err := b.AddEncoded(record); err != nil {
		return Message{}, err
	}
	if f.Of.Stage == StageRecords {
		return b.Records(f.Of)
	}
	return b.Raw(f.Of, origin, raw)
}

// DropFailed deletes an entry of FAILED, so that it cannot be read back from
// the disk.
func (c *Conn) DropFailed(ctx context.Context, sequence uint64) error {
	return c.deleteFailed(ctx, sequence, func(t *FailedTally) { t.Dropped++ })
}

func (c *Conn) deleteFailed(ctx context.Context, sequence uint64, count func(*FailedTally)) error {
	s, err := c.js.Stream(ctx, StreamFailed)
	if err != nil {
		return fmt.Errorf("drop failed record: %w", err)
	}
	err = s.SecureDeleteMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrNoRecord
	}
	if err != nil {
		return fmt.Errorf("drop failed record: %w", err)
	}
	return c.countFailed(ctx, count)
}

// Identity tells whether two entries are the same record, which is set aside
// anew each time its batch is delivered again. It is a hash to compare in memory;
// false says that the key does not open the entry.
func (f FailedRecord) Identity(key privacy.PrivateKey) (id [sha256.Size]byte, ok bool) {
	content := f.payload // what cannot be opened is set aside as it came
	if f.Class != ClassUnopenable {
		record, _, err := f.Open(key)
		if err != nil {
			return id, false
		}
		content = record
	}
	h := sha256.New()
	h.Write([]byte(f.String()))
	h.Write([]byte{0})
	h.Write(content)
	return [sha256.Size]byte(h.Sum(nil)), true
}
