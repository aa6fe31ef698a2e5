package archive

import (
	"errors"
	"io"

	"github.com/cespare/xxhash/v2"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// intake is one run of Read: what the readers of all formats share. Every
// record of a file goes through exactly one of nonPosts, reject and post, which
// keeps the counts together.
type intake struct {
	source  *Source
	options Options
	handler Handler
	window  *window
	result  Result
	faults  faults
	seen    seen
	press   press
	channel doxtrailv1.RawChannel
}

// nonPosts counts records that are no posts.
func (in *intake) nonPosts(n uint64) {
	in.result.Counts.Records += n
	in.result.Counts.NonPosts += n
}

// reject counts one record that cannot be read.
func (in *intake) reject(class Class, offset uint64) {
	in.result.Counts.Records++
	in.result.Counts.Rejected++
	in.faults.note(class, offset)
}

// cut notes that the content ends in the middle: of the record that begins at
// the offset, if inRecord is true. Where the stream broke for reasons of its
// own, nothing is counted: Read reports that.
func (in *intake) cut(offset uint64, inRecord bool) {
	in.result.Complete = false
	err := in.window.err
	_, packing := packingFault(err)
	if !packing && !errors.Is(err, io.EOF) {
		return
	}
	if inRecord {
		in.reject(ClassBrokenJSON, offset)
	}
	if !packing {
		in.faults.note(ClassTruncated, in.window.total())
	}
}

// brokenOff notes that the rest of the content is not read.
func (in *intake) brokenOff(offset uint64) {
	in.faults.note(ClassBrokenOff, offset)
	in.result.Complete = false
}

// look tells the handler of a new look.
func (in *intake) look(look Look) error {
	look.Platform = in.result.Platform
	look.First = in.result.Counts.Records
	return in.handler.Look(look)
}

// account tells the handler of a channel unless the file has said the same of
// it before. Created is 0 where unknown.
func (in *intake) account(id, name []byte, kind doxtrailv1.ChannelKind, created int64) error {
	value, known := in.seen.slot(hashBytes(channelSeed, id))
	content := hashBytes(channelSeed, name) ^ uint64(created)
	mark := uint32(content) | 1
	if known && *value == mark {
		return nil
	}
	*value = mark
	in.press.channel(&in.channel, id, name, kind, created)
	return in.handler.Channel(&in.channel)
}

// post counts one post and hands it over, unless the file had it before with
// nothing that this one adds.
//
// The 32 bits that are remembered of a post are 24 of its own content and 8 of
// how much of its surroundings was there (the post it quotes, its author). A
// fuller copy is handed over again, since the first may lack links; it is no
// conflict.
func (in *intake) post(d *draft, offset uint64) error {
	number := in.result.Counts.Records
	in.result.Counts.Records++
	value, known := in.seen.slot(hashBytes(hashBytes(postSeed, d.scope), d.postID))
	content := uint32(d.content()) &^ 0xff
	repeated := false
	switch {
	case !known:
		in.result.Counts.Posts++
		*value = content | uint32(d.fullness)
	case *value&^0xff != content:
		in.result.Counts.Duplicates++
		in.result.Counts.Conflicts++
		in.faults.note(ClassConflict, offset)
		repeated = true
	case uint8(*value&0xff) < d.fullness:
		in.result.Counts.Duplicates++
		*value = content | uint32(d.fullness)
		repeated = true
	default:
		in.result.Counts.Duplicates++
		return nil
	}
	in.press.mended = false
	post := in.press.post(d, repeated)
	if in.press.mended {
		in.faults.note(ClassMendedText, offset)
	}
	return in.handler.Post(number, post)
}

// Seeds keep the hashes of channels and posts apart.
const (
	postSeed    = 0x9e3779b97f4a7c15
	channelSeed = 0xc2b2ae3d27d4eb4f
)

// hashBytes adds a field to a hash. Fields are kept apart: ("ab", "c") and
// ("a", "bc") differ.
func hashBytes(h uint64, field []byte) uint64 {
	return hashNumber(h, xxhash.Sum64(field))
}

func hashNumber(h, n uint64) uint64 {
	h ^= n
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}
