package store

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"
)

// versionOf orders the rows of one key; the highest stands. From the most
// significant bit: 48 bits of the revision (the time of the edit), 8 of rank,
// 24 of generation, 48 of a hash over the record as it was published. All of
// it comes from the record, so any order of delivery ends in the same row, and
// equal versions are equal rows.
func versionOf(revision int64, rank uint8, generation uint32, record []byte) uuid.UUID {
	hash := xxhash.Sum64(record) >> 16
	var v uuid.UUID
	high := uint64(revision)<<16 | uint64(rank)<<8 | uint64(generation>>16)
	low := uint64(generation&0xffff)<<48 | hash
	binary.BigEndian.PutUint64(v[:8], high)
	binary.BigEndian.PutUint64(v[8:], low)
	return v
}

// precisionRank is higher for finer stamps, so that a source with seconds wins
// over one with minutes.
func precisionRank(seconds uint32) uint8 { return 255 - uint8(bits.Len32(seconds)) }

// fewerFirst lets, among rows of one generation, the one of fewer posts stand:
// where a source does not count its records, a batch that was handled in parts
// has a row a part, and the first part's must take the place of the whole
// batch's. It takes 16 bits of the hash.
func fewerFirst(v uuid.UUID, posts uint64) uuid.UUID {
	binary.BigEndian.PutUint16(v[10:12], math.MaxUint16-uint16(min(posts, math.MaxUint16)))
	return v
}

// laterFirst lets, among rows of one generation, the one of the later look stand:
// a collector that comes back looks at one range again and again. It takes 32 bits
// of the hash, for seconds.
func laterFirst(v uuid.UUID, lookedAt int64) uuid.UUID {
	binary.BigEndian.PutUint32(v[10:14], uint32(lookedAt/1000))
	return v
}

// fullerFirst lets, among rows of one revision, rank and generation, the one stand
// that holds more of what is learnt after the reading: of a post how many pictures
// were hashed whole, of a link how much its state says. A post comes again with that,
// and by other legs without it, in any order. It takes 24 bits of the hash. A row
// without any has the version that it had in earlier releases; one such row in 65,536
// has a hash so high that it may stand in the way.
func fullerFirst(v uuid.UUID, learnt int) uuid.UUID {
	if learnt > 0 {
		binary.BigEndian.PutUint16(v[10:12], math.MaxUint16)
		v[12] = uint8(min(learnt, math.MaxUint8))
	}
	return v
}
