package archive

// stretch is how many records of a file one batch spans at most. A batch never
// crosses a multiple of it. The normaliser's rows and the view `coverage` of
// the store rest on that number: it must not change.
const stretch = 1024

// cell is a range of record numbers, from included, to not, whose length is a
// power of two and whose start is a multiple of its length. Two cells are apart
// or one lies within the other.
//
// Every batch holds the posts of one cell. So however another program, or
// another limit of size, cuts the same file: two batches are apart or one
// holds all of the other's posts, and what a file was covered by can be added
// up without counting a post twice.
type cell struct{ from, to uint64 }

// cellOf is the largest cell of a record's stretch that holds it and begins at
// or after a record, which must not be later.
func cellOf(record, after uint64) cell {
	from := record - record%stretch
	c := cell{from, from + stretch}
	for c.from < after {
		c = c.half(record)
	}
	return c
}

// half is the half of the cell that holds a record.
func (c cell) half(record uint64) cell {
	middle := c.middle()
	if record < middle {
		return cell{c.from, middle}
	}
	return cell{middle, c.to}
}

func (c cell) middle() uint64 { return c.from + (c.to-c.from)/2 }
