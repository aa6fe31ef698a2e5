package archive

import "math/bits"

// shardBits splits the table, so that growing copies a 256th of it.
const shardBits = 8

// seen remembers 32 bits for each 64-bit hash: which posts of a file occurred,
// and with what content. It costs 15 to 20 bytes an entry. Two different posts
// with one hash are expected once in 300,000 files of ten million posts.
type seen struct {
	shards [1 << shardBits]shard
}

// shard is an open-addressing table; key 0 marks a free slot.
type shard struct {
	keys   []uint64
	values []uint32
	count  int
}

// slot gives the place of a hash's value and whether the hash was known. The
// place is valid until the next call; a new one holds 0.
func (s *seen) slot(hash uint64) (value *uint32, known bool) {
	if hash == 0 {
		hash = 1
	}
	sh := &s.shards[hash>>(64-shardBits)]
	if sh.count*5 >= len(sh.keys)*4 {
		sh.grow()
	}
	i := sh.find(hash)
	if sh.keys[i] == hash {
		return &sh.values[i], true
	}
	sh.keys[i] = hash
	sh.count++
	return &sh.values[i], false
}

// find gives the slot that holds the hash, or the free one where it belongs.
func (sh *shard) find(hash uint64) int {
	// The bits that chose the shard are the same for all of it.
	at, _ := bits.Mul64(hash<<shardBits, uint64(len(sh.keys)))
	for i := int(at); ; {
		if sh.keys[i] == hash || sh.keys[i] == 0 {
			return i
		}
		if i++; i == len(sh.keys) {
			i = 0
		}
	}
}

// grow makes room in steps of a quarter, so that the memory follows the number
// of posts closely.
func (sh *shard) grow() {
	size := len(sh.keys) + len(sh.keys)/4 + 16
	old := *sh
	sh.keys = make([]uint64, size)
	sh.values = make([]uint32, size)
	for j, hash := range old.keys {
		if hash != 0 {
			i := sh.find(hash)
			sh.keys[i] = hash
			sh.values[i] = old.values[j]
		}
	}
}
