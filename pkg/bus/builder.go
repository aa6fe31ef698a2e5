package bus

import (
	"errors"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	// BatchBytes is the size at which a batch is full, before compression.
	BatchBytes = 512 << 10
	// MaxRecordBytes bounds one record, so that a batch stays under the
	// server's largest message of 1 MiB.
	MaxRecordBytes = 256 << 10
	// maxOriginBytes bounds an origin, whose query is free text.
	maxOriginBytes = 64 << 10
)

// ErrRecordTooLarge says that a record exceeds MaxRecordBytes. It was not added.
var ErrRecordTooLarge = errors.New("add record: larger than 256 KiB")

var (
	errEncode     = errors.New("add record: it cannot be encoded")
	errEmptyBatch = errors.New("make message: the batch is empty")
	errOrigin     = errors.New("make message: the origin cannot be encoded or is larger than 64 KiB")
	errStage      = errors.New("make message: the batch is of another stage than its subject")
)

// Builder collects encoded records of one subject into a batch. It keeps its
// buffers: use one for many batches. It is not safe for concurrent use, but the
// messages it made live on without it.
type Builder struct {
	stage Stage
	field protowire.Number
	frame []byte
	count int
	out   *sync.Pool
}

// NewBuilder makes an empty Builder for batches of a stage, StageRaw or
// StageRecords.
func NewBuilder(stage Stage) *Builder {
	b := &Builder{stage: stage, field: fieldRawBatchRecords}
	if stage == StageRecords {
		b.field = fieldBatchRecords
	}
	b.out = &sync.Pool{New: func() any { return new([]byte) }}
	return b
}

// Add encodes a record and adds it.
func (b *Builder) Add(record proto.Message) error {
	var opts proto.MarshalOptions
	size := opts.Size(record)
	if size > MaxRecordBytes {
		return ErrRecordTooLarge
	}
	start := len(b.frame)
	b.frame = protowire.AppendTag(b.frame, b.field, protowire.BytesType)
	b.frame = protowire.AppendVarint(b.frame, uint64(size))
	opts.UseCachedSize = true
	frame, err := opts.MarshalAppend(b.frame, record)
	if err != nil {
		b.frame = b.frame[:start]
		return errEncode
	}
	b.frame = frame
	b.count++
	return nil
}

// AddEncoded adds a record that is encoded already. The bytes are copied.
func (b *Builder) AddEncoded(record []byte) error {
	if len(record) > MaxRecordBytes {
		return ErrRecordTooLarge
	}
	b.frame = appendRecord(b.frame, b.field, record)
	b.count++
	return nil
}

// Len is the number of records added.
func (b *Builder) Len() int { return b.count }

// Bytes is the size of the batch so far.
func (b *Builder) Bytes() int { return len(b.frame) }

// Full reports whether the batch has reached BatchBytes and is to be sent.
func (b *Builder) Full() bool { return len(b.frame) >= BatchBytes }

// Reset forgets the records and keeps the buffer.
func (b *Builder) Reset() {
	b.frame = b.frame[:0]
	b.count = 0
}

// Message is a batch ready to be published. It can only be made by this
// package, so nothing reaches a stream that is not a batch.
type Message struct {
	subject string
	of      Subject
	payload []byte
	keyID   string
	records int
	release func()
}

// Subject is the subject of the batch; for a failed record the one it came on.
func (m Message) Subject() Subject { return m.of }

// Records is the number of records in the batch.
func (m Message) Records() int { return m.records }

// Bytes is the size of the payload.
func (m Message) Bytes() int { return len(m.payload) }

// done gives the payload's buffer back.
func (m *Message) done() {
	if m.release != nil {
		m.release()
		m.release = nil
	}
}

// Records makes the collected records into a message for RECORDS and resets the
// Builder.
func (b *Builder) Records(s Subject) (Message, error) {
	if err := b.check(s, StageRecords); err != nil {
		return Message{}, err
	}
	buf := b.out.Get().(*[]byte)
	*buf = encode((*buf)[:0], b.frame)
	m := Message{
		subject: s.String(), of: s, payload: *buf, records: b.count,
		release: func() { b.out.Put(buf) },
	}
	b.Reset()
	return m, nil
}

// Raw makes the collected records and where they came from into a message for
// RAW, sealed to the normaliser's key, and resets the Builder. The seal is
// bound to the subject.
func (b *Builder) Raw(s Subject, origin *doxtrailv1.BatchOrigin, to privacy.PublicKey) (Message, error) {
	if err := b.check(s, StageRaw); err != nil {
		return Message{}, err
	}
	if err := b.addOrigin(origin); err != nil {
		return Message{}, err
	}
	m, err := b.seal(s.String(), to)
	if err != nil {
		return Message{}, err
	}
	m.of = s
	b.Reset()
	return m, nil
}

func (b *Builder) check(s Subject, stage Stage) error {
	if b.stage != stage || s.Stage != stage {
		return errStage
	}
	if b.count == 0 {
		return errEmptyBatch
	}
	return s.Validate()
}

// addOrigin appends the origin behind the records: the order of fields means
// nothing, and so nothing is moved.
func (b *Builder) addOrigin(origin *doxtrailv1.BatchOrigin) error {
	if origin == nil {
		return nil
	}
	size := proto.Size(origin)
	if size > maxOriginBytes {
		return errOrigin
	}
	encoded, err := proto.Marshal(origin)
	if err != nil {
		return errOrigin
	}
	b.frame = appendRecord(b.frame, fieldRawBatchOrigin, encoded)
	return nil
}

// seal makes a message of the frame: compressed, then sealed.
func (b *Builder) seal(subject string, to privacy.PublicKey) (Message, error) {
	buf := b.out.Get().(*[]byte)
	defer b.out.Put(buf)
	*buf = encode((*buf)[:0], b.frame)
	sealed, err := privacy.Seal(to, []byte(subject), *buf)
	if err != nil {
		return Message{}, err
	}
	return Message{subject: subject, payload: sealed, keyID: to.ID(), records: b.count}, nil
}
