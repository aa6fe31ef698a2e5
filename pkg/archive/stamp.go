package archive

import "time"

// latest is the first moment that no post can have: 2100-01-01 UTC, in
// milliseconds. What lies beyond is a fault of the file.
const latest = 4102444800000

// unixStamp reads seconds since 1970 as decimal digits and gives milliseconds.
func unixStamp(b []byte) (ms int64, ok bool) {
	n, ok := decimal(b)
	if !ok || n <= 0 || n >= latest/1000 {
		return 0, false
	}
	return n * 1000, true
}

// isoStamp reads 2006-01-02T15:04:05 with an optional fraction and an optional
// zone, and gives milliseconds. Without a zone in the text it takes the given
// one; zoned is false if neither is there.
func isoStamp(b []byte, zone *time.Location) (ms int64, zoned, ok bool) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || (b[10] != 'T' && b[10] != ' ') || b[13] != ':' || b[16] != ':' {
		return 0, false, false
	}
	var field [6]int
	for i, at := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		n, fine := decimal(b[at[0]:at[1]])
		if !fine || n < 0 {
			return 0, false, false
		}
		field[i] = int(n)
	}
	if field[3] > 23 || field[4] > 59 || field[5] > 60 {
		return 0, false, false
	}
	milli, rest := fraction(b[19:])
	offset, hasZone, ok := zoneOffset(rest)
	if !ok {
		return 0, false, false
	}
	if !hasZone {
		if zone == nil {
			return 0, false, true
		}
	} else {
		zone = time.UTC
	}
	t := time.Date(field[0], time.Month(field[1]), field[2], field[3], field[4], field[5], 0, zone)
	if t.Month() != time.Month(field[1]) {
		return 0, true, false
	}
	ms = t.Unix()*1000 + milli - offset*1000
	return ms, true, ms > 0 && ms < latest
}

// fraction reads a fraction of a second and gives milliseconds and the rest.
func fraction(b []byte) (milli int64, rest []byte) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b
	}
	b = b[1:]
	unit := int64(100)
	for len(b) > 0 && b[0] >= '0' && b[0] <= '9' {
		milli += int64(b[0]-'0') * unit
		unit /= 10
		b = b[1:]
	}
	return milli, b
}

// zoneOffset reads nothing, Z, +hh:mm or +hhmm and gives seconds.
func zoneOffset(b []byte) (seconds int64, present, ok bool) {
	switch {
	case len(b) == 0:
		return 0, false, true
	case len(b) == 1 && (b[0] == 'Z' || b[0] == 'z'):
		return 0, true, true
	case b[0] != '+' && b[0] != '-':
		return 0, false, false
	}
	digits := b[1:]
	if len(digits) == 5 && digits[2] == ':' {
		digits = []byte{digits[0], digits[1], digits[3], digits[4]}
	}
	n, fine := decimal(digits)
	if !fine || n < 0 || len(digits) != 4 || n/100 > 14 || n%100 > 59 {
		return 0, false, false
	}
	seconds = n/100*3600 + n%100*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, true
}

// decimal reads an integer of at most 18 digits.
func decimal(b []byte) (n int64, ok bool) {
	negative := len(b) > 1 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// snowflakeStamp gives the time that a post id of Twitter carries. Ids from
// before November 2010 carry none.
func snowflakeStamp(id []byte) (ms int64, ok bool) {
	const epoch, first = 1288834974657, 29700859247
	n, ok := decimal(id)
	if !ok {
		// The ids of 2026 have 19 digits and still fit 63 bits.
		if len(id) != 19 {
			return 0, false
		}
		head, fine := decimal(id[:18])
		last := id[18]
		if !fine || head < 0 || last < '0' || last > '9' || head >= 922337203685477580 {
			return 0, false
		}
		n = head*10 + int64(last-'0')
	}
	if n < first {
		return 0, false
	}
	ms = n>>22 + epoch
	return ms, ms < latest
}
