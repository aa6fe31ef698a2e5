package bus

import (
	"errors"

	"github.com/klauspost/compress/s2"
	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of doxtrailv1.Batch and doxtrailv1.RawBatch. The framing is written
// and read by hand so that records are not copied; frame_test.go holds it
// against the generated code.
const (
	fieldBatchRecords    protowire.Number = 1
	fieldRawBatchOrigin  protowire.Number = 1
	fieldRawBatchRecords protowire.Number = 2
)

// The first byte of a payload on RECORDS, and of what is sealed on RAW and
// FAILED, says how the rest is encoded.
const (
	encodingPlain byte = 0
	encodingS2    byte = 1
)

const (
	// compressFrom is the size under which compressing does not pay.
	compressFrom = 256
	// maxDecoded bounds what a payload may decode to, against damaged lengths.
	maxDecoded = 8 << 20
)

var errFrame = errors.New("read batch: damaged")

// encode appends the payload form of a frame to dst.
func encode(dst, frame []byte) []byte {
	if len(frame) < compressFrom {
		dst = append(dst, encodingPlain)
		return append(dst, frame...)
	}
	dst = append(dst, encodingS2)
	start, room := len(dst), s2.MaxEncodedLen(len(frame))
	if cap(dst)-start < room {
		grown := make([]byte, start, start+room)
		copy(grown, dst)
		dst = grown
	}
	packed := s2.Encode(dst[start:start+room], frame)
	return dst[:start+len(packed)]
}

// decode gives back the frame of a payload. The result is in dst if dst is
// large enough, or the payload itself if that was not compressed.
func decode(dst, payload []byte) ([]byte, error) {
	if len(payload) == 0 {
		return nil, errFrame
	}
	switch payload[0] {
	case encodingPlain:
		return payload[1:], nil
	case encodingS2:
		n, err := s2.DecodedLen(payload[1:])
		if err != nil || n > maxDecoded {
			return nil, errFrame
		}
		if cap(dst) < n {
			dst = make([]byte, n)
		}
		out, err := s2.Decode(dst[:n], payload[1:])
		if err != nil {
			return nil, errFrame
		}
		return out, nil
	default:
		return nil, errFrame
	}
}

// appendRecord appends one record to a frame.
func appendRecord(frame []byte, field protowire.Number, record []byte) []byte {
	frame = protowire.AppendTag(frame, field, protowire.BytesType)
	return protowire.AppendBytes(frame, record)
}

// split appends the records of a frame to dst, as parts of the frame, and
// returns the origin's bytes if the frame is that of a RawBatch. Fields it does
// not know are passed over.
func split(dst [][]byte, frame []byte, stage Stage) (records [][]byte, origin []byte, err error) {
	field := fieldBatchRecords
	if stage != StageRecords {
		field = fieldRawBatchRecords
	}
	for len(frame) > 0 {
		num, typ, n := protowire.ConsumeTag(frame)
		if n < 0 {
			return dst, nil, errFrame
		}
		frame = frame[n:]
		if typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, typ, frame); n < 0 {
				return dst, nil, errFrame
			}
			frame = frame[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(frame)
		if n < 0 {
			return dst, nil, errFrame
		}
		frame = frame[n:]
		switch {
		case num == field:
			dst = append(dst, value)
		case stage != StageRecords && num == fieldRawBatchOrigin:
			origin = value
		}
	}
	return dst, origin, nil
}
