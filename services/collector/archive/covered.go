package archive

import (
	"math/bits"
	"slices"
)

// Range is a range of record numbers of a file: From included, To not.
type Range struct{ From, To uint64 }

// Covered says what of a file needs no reading any more.
type Covered struct {
	// Ranges are the records that are rows already, or will be: in order, and
	// apart from each other.
	Ranges []Range
	// Finished says that the file was once read to its end, so that what is no
	// part of a range, its channels and the looks that found nothing, is known
	// too.
	Finished bool
}

// holds says whether a record is covered.
func (c *Covered) holds(record uint64) bool {
	_, found := slices.BinarySearchFunc(c.Ranges, record, func(r Range, record uint64) int {
		switch {
		case record < r.From:
			return 1
		case record >= r.To:
			return -1
		default:
			return 0
		}
	})
	return found
}

// numbers is a set of record numbers, a bit each.
type numbers []uint64

func (n *numbers) add(record uint64) {
	word := int(record / 64)
	for len(*n) <= word {
		*n = append(*n, 0)
	}
	(*n)[word] |= 1 << (record % 64)
}

// outside counts the numbers that are not covered.
func (n numbers) outside(c Covered) (count uint64) {
	for i, word := range n {
		for ; word != 0; word &= word - 1 {
			if !c.holds(uint64(i)*64 + uint64(bits.TrailingZeros64(word))) {
				count++
			}
		}
	}
	return count
}
