package telegram

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// mark is what is known of one message id of a channel.
type mark byte

const (
	// markNone is an id that was never seen.
	markNone mark = iota
	// markUp is a post that was there when it was last asked for.
	markUp
	// markItem is a further item of an album, whose post has another id.
	markItem
	// markGone is a post that was missing once, markDown one that was missing at
	// two looks far apart.
	markGone
	markDown
	// markWithheld is a post that is there, but restricted.
	markWithheld
)

// alive says whether the post was there when it was last asked for.
func (m mark) alive() bool { return m == markUp || m == markWithheld }

// there says whether a message with this id may be there.
func (m mark) there() bool { return m.alive() || m == markItem }

// missing says whether it was gone.
func (m mark) missing() bool { return m == markGone || m == markDown }

// pageIDs is how many ids share an entry of the bucket: two to a byte.
const pageIDs = 1 << 14

// page is the marks of pageIDs ids in a row.
type page struct {
	Marks []byte
	dirty bool
}

// keptPage is a page as it lies in its cursor. Marks are nearly all alike, and
// channels have millions of them.
type keptPage struct {
	Flate []byte `json:"flate"`
}

// MarshalJSON implements json.Marshaler.
func (p *page) MarshalJSON() ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(p.Marks); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return json.Marshal(keptPage{packed.Bytes()})
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *page) UnmarshalJSON(b []byte) error {
	var kept keptPage
	if err := json.Unmarshal(b, &kept); err != nil {
		return err
	}
	marks, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(kept.Flate)), pageIDs/2))
	if err != nil {
		return errors.New("unpack what is known of posts: damaged")
	}
	p.Marks = marks
	return nil
}

func (p *page) get(i int) mark {
	if i/2 >= len(p.Marks) {
		return markNone
	}
	return mark(p.Marks[i/2] >> (4 * (i % 2)) & 0xf)
}

func (p *page) set(i int, m mark) {
	if i/2 >= len(p.Marks) {
		p.Marks = append(p.Marks, make([]byte, i/2+1-len(p.Marks))...)
	}
	shift := 4 * (i % 2)
	p.Marks[i/2] = p.Marks[i/2]&^(0xf<<shift) | byte(m)<<shift
	p.dirty = true
}

// known is what a channel's legs know of its posts: half a byte an id. With it
// the re-poll asks for posts alone, tells one that went from an id that never was
// a post, and sees one come back. It is used by all legs of the channel.
type known struct {
	shelf shelf
	name  string

	// highest is written under mu; the report reads it without, for mu may wait for
	// NATS.
	highest atomic.Int64

	mu    sync.Mutex
	pages map[int]*page
	once  map[int]bool // the ids marked as gone
}

// shelf keeps cursors; *cursor.Shelf is one.
type shelf interface {
	Load(ctx context.Context, name string, into any) (bool, error)
	Save(ctx context.Context, name string, value any) error
}

// knownIndex says which pages there are.
type knownIndex struct {
	Pages []int `json:"pages"`
}

// loadKnown reads what an earlier process knew of a channel.
func loadKnown(ctx context.Context, s shelf, name string) (*known, error) {
	k := &known{shelf: s, name: name, pages: map[int]*page{}, once: map[int]bool{}}
	var index knownIndex
	if _, err := s.Load(ctx, name, &index); err != nil {
		return nil, err
	}
	for _, n := range index.Pages {
		p := &page{}
		if _, err := s.Load(ctx, k.pageName(n), p); err != nil {
			return nil, err
		}
		k.pages[n] = p
		for i := range 2 * len(p.Marks) {
			k.noted(n*pageIDs+i, p.get(i))
		}
	}
	return k, nil
}

func (k *known) pageName(n int) string { return fmt.Sprintf("%s/%d", k.name, n) }

// save keeps what changed. The index goes first: a page that it does not name
// would be forgotten.
func (k *known) save(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var index knownIndex
	for n := range k.pages {
		index.Pages = append(index.Pages, n)
	}
	slices.Sort(index.Pages)
	if err := k.shelf.Save(ctx, k.name, index); err != nil {
		return err
	}
	for _, n := range index.Pages {
		p := k.pages[n]
		if !p.dirty {
			continue
		}
		if err := k.shelf.Save(ctx, k.pageName(n), p); err != nil {
			return err
		}
		p.dirty = false
	}
	return nil
}

// get gives the mark of an id.
func (k *known) get(id int) mark {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p := k.pages[id/pageIDs]; p != nil {
		return p.get(id % pageIDs)
	}
	return markNone
}

// set marks an id. Ids count up from 1.
func (k *known) set(id int, m mark) {
	if id < 1 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n := id / pageIDs
	p := k.pages[n]
	if p == nil {
		p = &page{}
		k.pages[n] = p
	}
	if p.get(id%pageIDs) != m {
		p.set(id%pageIDs, m)
	}
	k.noted(id, m)
}

// noted keeps what is asked of all pages together.
func (k *known) noted(id int, m mark) {
	if m == markNone {
		return
	}
	k.highest.Store(max(k.highest.Load(), int64(id)))
	if m == markGone {
		k.once[id] = true
	} else {
		delete(k.once, id)
	}
}

// gone lists up to limit posts that were missing at one look, ascending.
func (k *known) gone(limit int) []int {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := slices.Sorted(maps.Keys(k.once))
	return ids[:min(limit, len(ids))]
}

// top is the highest id that was seen.
func (k *known) top() int { return int(k.highest.Load()) }

// headOf gives the id of the post that an id is an item of: its own, if it is none.
func (k *known) headOf(id int) int {
	head := id
	for head > 1 && id-head < neighbours && k.get(head) == markItem {
		head--
	}
	if k.get(head) == markItem {
		return id // not of our making
	}
	return head
}

// after lists up to limit ids to be asked for, from the first beyond id: those of
// posts that are there, items of albums, which are edited apart, and with all those
// too that are gone, which may come back.
func (k *known) after(id, limit int, all bool) (ids []int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for next := max(id+1, 1); next <= k.top() && len(ids) < limit; next++ {
		p := k.pages[next/pageIDs]
		if p == nil {
			next = (next/pageIDs+1)*pageIDs - 1 // nothing on this page
			continue
		}
		if m := p.get(next % pageIDs); m.there() || all && m.missing() {
			ids = append(ids, next)
		}
	}
	return ids
}
