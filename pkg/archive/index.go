package archive

import "github.com/cespare/xxhash/v2"

// indexLinear is up to how many entries are searched one by one: a flattened
// line has two or three, and a map costs more than that.
const indexLinear = 16

// index finds what one line of a file says of an id. Of two entries with one id
// the first counts.
type index[T any] struct {
	hashes []uint64
	values []T
	byHash map[uint64]int
}

func (x *index[T]) reset() {
	x.hashes, x.values = x.hashes[:0], x.values[:0]
	if len(x.byHash) > 0 {
		clear(x.byHash)
	}
}

// add enters a value. An empty id is left out.
func (x *index[T]) add(id []byte, value T) {
	if len(id) == 0 {
		return
	}
	x.hashes = append(x.hashes, xxhash.Sum64(id))
	x.values = append(x.values, value)
	if len(x.hashes) <= indexLinear {
		return
	}
	if x.byHash == nil {
		x.byHash = make(map[uint64]int)
	}
	if len(x.byHash) > 0 {
		x.enter(len(x.hashes) - 1)
		return
	}
	for i := range x.hashes {
		x.enter(i)
	}
}

func (x *index[T]) enter(i int) {
	if _, ok := x.byHash[x.hashes[i]]; !ok {
		x.byHash[x.hashes[i]] = i
	}
}

// find gives the value of an id, or false.
func (x *index[T]) find(id []byte) (value T, ok bool) {
	if len(id) == 0 || len(x.hashes) == 0 {
		return value, false
	}
	hash := xxhash.Sum64(id)
	if len(x.hashes) > indexLinear {
		i, ok := x.byHash[hash]
		if !ok {
			return value, false
		}
		return x.values[i], true
	}
	for i, h := range x.hashes {
		if h == hash {
			return x.values[i], true
		}
	}
	return value, false
}
