package privacytest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// shortest is the least length of a form: a shorter one would turn up by
// chance in a gigabyte of random bytes.
const shortest = 6

// window is how many bytes are looked at to see whether a form may begin here: as many
// as the shortest form has, because forms of many values begin alike for a character
// or two.
const window = shortest

// filterBits is the size of the filter over windows: 2^23 bits stay in the
// processor's cache, and a million forms leave most of them empty.
const filterBits = 23

// chunk is how much is read at once.
const chunk = 1 << 20

// Hit is a canary that was found. It names the value by kind and index and does
// not repeat it; only the path may, where a folder's name leaks.
type Hit struct {
	Kind  Kind
	Index int
	// Form says how the value was encoded.
	Form string
	// File is the path inside the tree that was scanned, empty for a reader.
	// Where InName is set it is the path of the folder that holds the name,
	// since the name itself is the leak.
	File string
	// Offset is where it begins, in bytes, in the file or in the name.
	Offset int64
	InName bool
}

// String describes the hit without its value.
func (h Hit) String() string {
	where := fmt.Sprintf("at byte %d", h.Offset)
	switch {
	case h.InName:
		where = fmt.Sprintf("in a name in folder %q", h.File)
	case h.File != "":
		where += fmt.Sprintf(" of %q", h.File)
	}
	return fmt.Sprintf("%s of person %d (%s) %s", h.Kind, h.Index, h.Form, where)
}

// pattern is one form of one canary.
type pattern struct {
	bytes     []byte
	kind      Kind
	index     int
	form      string
	allDigits bool
}

// Scanner looks for many values in all their forms in one pass. It may be used
// by many goroutines.
//
// Every window of six bytes is hashed into a bitmap; only where the bitmap
// says that a form may begin are the forms themselves compared. That is a
// nanosecond or two a byte whatever the number of forms.
type Scanner struct {
	filter   []uint64
	patterns map[uint64][]pattern
	longest  int
	buffers  sync.Pool // of *[]byte: a tree has thousands of small files
}

// NewScanner prepares a scanner for canaries. A value with a form of fewer than
// six bytes is an error.
func NewScanner(canaries []Canary) (*Scanner, error) {
	s := &Scanner{filter: make([]uint64, 1<<filterBits/64), patterns: map[uint64][]pattern{}}
	seen := map[string]bool{}
	for _, canary := range canaries {
		for _, form := range Forms(canary.Value) {
			if len(form.Bytes) < shortest {
				return nil, fmt.Errorf("prepare canary: a form of %s %d has %d bytes, needs %d",
					canary.Kind, canary.Index, len(form.Bytes), shortest)
			}
			if key := string(form.Bytes); !seen[key] {
				seen[key] = true
				s.add(canary, form)
			}
		}
	}
	return s, nil
}

func (s *Scanner) add(canary Canary, form Form) {
	first := windowOf(form.Bytes)
	bit := filterBit(first)
	s.filter[bit/64] |= 1 << (bit % 64)
	s.patterns[first] = append(s.patterns[first], pattern{
		bytes: form.Bytes, kind: canary.Kind, index: canary.Index, form: form.Name,
		allDigits: strings.Trim(string(form.Bytes), "0123456789") == "",
	})
	s.longest = max(s.longest, len(form.Bytes))
}

// windowOf gives the first bytes as a number.
func windowOf(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
}

func filterBit(first uint64) uint64 { return first * 0x9E3779B97F4A7C15 >> (64 - filterBits) }

// Scan reads to the end and gives what it found, in order of offset.
func (s *Scanner) Scan(r io.Reader) ([]Hit, error) {
	var hits []Hit
	// The buffer keeps one byte before the place of the scan, to see whether a
	// number begins there, and enough behind it for the longest form.
	room, _ := s.buffers.Get().(*[]byte)
	if room == nil {
		room = new(make([]byte, 0, chunk+s.longest+1))
	}
	defer s.buffers.Put(room)
	buffer := *room
	offset := int64(0) // of the first byte in the buffer
	from := 0          // in the buffer
	for {
		n, err := io.ReadFull(r, buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return hits, fmt.Errorf("scan: %w", err)
		}
		to := len(buffer) - s.longest
		if ended {
			to = len(buffer)
		}
		hits = s.scan(hits, buffer, from, to, offset)
		if ended {
			return hits, nil
		}
		keep := max(to-1, 0)
		offset += int64(keep)
		from = to - keep
		buffer = buffer[:copy(buffer, buffer[keep:])]
	}
}

// ScanBytes gives what it found in b.
func (s *Scanner) ScanBytes(b []byte) []Hit { return s.scan(nil, b, 0, len(b), 0) }

// ScanString gives what it found in text.
func (s *Scanner) ScanString(text string) []Hit { return s.ScanBytes([]byte(text)) }

// scan looks at every form that begins in b[from:to].
func (s *Scanner) scan(hits []Hit, b []byte, from, to int, offset int64) []Hit {
	to = min(to, len(b)-window+1)
	filter := s.filter
	for i := from; i < to; i++ {
		first := windowOf(b[i:])
		bit := filterBit(first)
		if filter[bit/64]&(1<<(bit%64)) != 0 {
			hits = s.compare(hits, b, i, first, offset)
		}
	}
	return hits
}

// compare adds the forms that begin at b[i]. A bare number must stand by
// itself: as part of a longer one it means something else, and long numbers
// are everywhere.
func (s *Scanner) compare(hits []Hit, b []byte, i int, first uint64, offset int64) []Hit {
	for _, p := range s.patterns[first] {
		if !bytes.HasPrefix(b[i:], p.bytes) {
			continue
		}
		end := i + len(p.bytes)
		if p.allDigits && (i > 0 && isDigit(b[i-1]) || end < len(b) && isDigit(b[end])) {
			continue
		}
		hits = append(hits, Hit{Kind: p.kind, Index: p.index, Form: p.form, Offset: offset + int64(i)})
	}
	return hits
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// sortHits puts hits into a fixed order.
func sortHits(hits []Hit) {
	slices.SortStableFunc(hits, func(a, b Hit) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return int(a.Offset - b.Offset)
	})
}
