package bus

import (
	"slices"
	"strconv"
	"strings"
)

// interval is a range of sequences, both ends in it.
type interval struct{ first, last uint64 }

// intervals is a set of sequences as ranges, in order, that neither touch nor
// overlap. The zero value is the empty set.
type intervals struct{ list []interval }

// add puts a range into the set.
func (s *intervals) add(first, last uint64) {
	if last < first {
		return
	}
	// The ranges that touch the new one become one with it.
	from, _ := slices.BinarySearchFunc(s.list, first, func(i interval, at uint64) int {
		if i.last+1 < at {
			return -1
		}
		return 1
	})
	to := from
	for to < len(s.list) && s.list[to].first <= last+1 {
		first, last = min(first, s.list[to].first), max(last, s.list[to].last)
		to++
	}
	s.list = slices.Replace(s.list, from, to, interval{first, last})
}

// missing lists the parts of a range that are not in the set, at most limit.
func (s *intervals) missing(first, last uint64, limit int) []interval {
	var out []interval
	for _, i := range s.list {
		if first > last || i.first > last || len(out) >= limit {
			break
		}
		if i.last < first {
			continue
		}
		if i.first > first {
			out = append(out, interval{first, i.first - 1})
		}
		first = i.last + 1
	}
	if first <= last && len(out) < limit {
		out = append(out, interval{first, last})
	}
	return out
}

// has says whether a sequence is in the set.
func (s *intervals) has(n uint64) bool { return len(s.missing(n, n, 1)) == 0 }

// forget takes everything under a sequence out of the set.
func (s *intervals) forget(under uint64) {
	for len(s.list) > 0 && s.list[0].last < under {
		s.list = slices.Delete(s.list, 0, 1)
	}
	if len(s.list) > 0 {
		s.list[0].first = max(s.list[0].first, under)
	}
}

// String writes the set as "3 5-9".
func (s *intervals) String() string {
	var b strings.Builder
	for n, i := range s.list {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatUint(i.first, 10))
		if i.last > i.first {
			b.WriteByte('-')
			b.WriteString(strconv.FormatUint(i.last, 10))
		}
	}
	return b.String()
}

// parseIntervals reads what String wrote. What is damaged is left out: then
// something is looked at once more.
func parseIntervals(text string) (s intervals) {
	for field := range strings.FieldsSeq(text) {
		from, to, ranged := strings.Cut(field, "-")
		first, err := strconv.ParseUint(from, 10, 64)
		if err != nil {
			continue
		}
		last := first
		if ranged {
			if last, err = strconv.ParseUint(to, 10, 64); err != nil {
				continue
			}
		}
		s.add(first, last)
	}
	return s
}
