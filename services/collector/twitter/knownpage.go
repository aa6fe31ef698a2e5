package twitter

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
)

// knownPost is what is kept of a post that RAW has.
type knownPost struct {
	// ID and Author are X's numbers of the post and of the account. The key of a post
	// of X needs no author, but an observation without a channel is refused.
	ID, Author uint64
	Mark       mark
	// Reposts and Quotes are the counters at which the post's shares were last asked
	// for, up to 2^29-1.
	Reposts, Quotes uint32
	// Aside says that it matched nothing: another post quotes or answers it. Nothing is
	// paid for it, but that it went must be known like that of any that RAW has.
	Aside bool
}

// entry is a knownPost in 24 bytes: the mark lies in the upper bits of reposts, and
// the highest of quotes says that it is aside.
type entry struct {
	id, author      uint64
	reposts, quotes uint32
}

const (
	markShift  = 29
	mostShares = 1<<markShift - 1
	asideBit   = 1 << 31
	// asideMark is added to the mark in the cursor.
	asideMark = 1 << 7
)

func (p knownPost) entry() entry {
	e := entry{p.ID, p.Author, min(p.Reposts, mostShares) | uint32(p.Mark)<<markShift, min(p.Quotes, mostShares)}
	if p.Aside {
		e.quotes |= asideBit
	}
	return e
}

func (e entry) aside() bool { return e.quotes&asideBit != 0 }

func (e entry) mark() mark { return mark(e.reposts >> markShift) }

func (e entry) post() knownPost {
	return knownPost{ID: e.id, Author: e.author, Mark: e.mark(), Reposts: e.reposts & mostShares, Quotes: e.quotes & mostShares, Aside: e.aside()}
}

// pageEntries is the most that one page holds. An entry takes at most 31 bytes before
// it is packed and base64 adds a third, so a page stays under 180 KB whatever is in
// it: well below what a cursor may hold.
const pageEntries = 4096

// entryBytes is the most that one entry takes: two varints of 64 bits and two of 32,
// and one for what is left of the mark.
const entryBytes = 31

// page is known posts in a row of ids.
type page struct {
	// from is the lowest id that belongs here; it names the page's cursor.
	from    uint64
	entries []entry // ascending by id
	gone    int     // how many have markGone
	// dirty says that it is not kept as it is, fresh that its cursor was never read.
	dirty, fresh bool
}

func (p *page) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(p.entries, id, func(e entry, id uint64) int { return cmp.Compare(e.id, id) })
}

// put adds an entry or replaces it, and says whether it is a new one.
func (p *page) put(e entry) (added bool) {
	i, there := p.find(e.id)
	if there {
		if p.entries[i] == e {
			return false
		}
		p.count(p.entries[i], -1)
		p.entries[i] = e
	} else {
		p.entries = slices.Insert(p.entries, i, e)
	}
	p.count(e, 1)
	p.dirty = true
	return !there
}

func (p *page) count(e entry, by int) {
	if e.mark() == markGone {
		p.gone += by
	}
}

// cut takes the entries from i on out into a page of their own.
func (p *page) cut(i int) *page {
	upper := &page{from: p.entries[i].id, entries: slices.Clone(p.entries[i:]), dirty: true, fresh: true}
	p.entries = slices.Clone(p.entries[:i])
	p.dirty, p.gone = true, 0
	for _, e := range p.entries {
		p.count(e, 1)
	}
	for _, e := range upper.entries {
		upper.count(e, 1)
	}
	return upper
}

// keptPage is a page as it lies in its cursor.
type keptPage struct {
	Flate []byte `json:"flate"`
}

// MarshalJSON implements json.Marshaler. Ids are kept as their distances.
func (p *page) MarshalJSON() ([]byte, error) {
	plain := make([]byte, 0, len(p.entries)*16)
	last := uint64(0)
	for _, e := range p.entries {
		plain = binary.AppendUvarint(plain, e.id-last)
		plain = binary.AppendUvarint(plain, e.author)
		m := byte(e.mark())
		if e.aside() {
			m |= asideMark
		}
		plain = append(plain, m)
		plain = binary.AppendUvarint(plain, uint64(e.reposts&mostShares))
		plain = binary.AppendUvarint(plain, uint64(e.quotes&mostShares))
		last = e.id
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return json.Marshal(keptPage{packed.Bytes()})
}

var errPage = errors.New("unpack what is known of posts: damaged")

// UnmarshalJSON implements json.Unmarshaler.
func (p *page) UnmarshalJSON(b []byte) error {
	var kept keptPage
	if err := json.Unmarshal(b, &kept); err != nil {
		return errPage
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(kept.Flate)), pageEntries*entryBytes+1))
	if err != nil || len(plain) > pageEntries*entryBytes {
		return errPage
	}
	p.entries, p.gone = nil, 0
	last := uint64(0)
	for r := bytes.NewReader(plain); r.Len() > 0; {
		e, err := readEntry(r, last)
		if err != nil {
			return err
		}
		p.entries = append(p.entries, e)
		p.count(e, 1)
		last = e.id
	}
	return nil
}

// readEntry reads the entry after an id.
func readEntry(r *bytes.Reader, last uint64) (e entry, err error) {
	distance, err1 := binary.ReadUvarint(r)
	author, err2 := binary.ReadUvarint(r)
	m, err3 := r.ReadByte()
	reposts, err4 := binary.ReadUvarint(r)
	quotes, err5 := binary.ReadUvarint(r)
	aside := m&asideMark != 0
	m &^= asideMark
	if errors.Join(err1, err2, err3, err4, err5) != nil || distance == 0 || distance > math.MaxUint64-last ||
		m >= byte(markEnd) || reposts > mostShares || quotes > mostShares {
		return e, errPage
	}
	return knownPost{last + distance, author, mark(m), uint32(reposts), uint32(quotes), aside}.entry(), nil
}
