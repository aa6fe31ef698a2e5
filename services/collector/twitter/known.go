package twitter

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"sync"
)

// knownLimit is the most posts that are known at a time. Beyond it the oldest are
// forgotten: they stay in the tables, and are asked for no more.
const knownLimit = 2_000_000

// shelf keeps cursors; *cursor.Shelf is one.
type shelf interface {
	Load(ctx context.Context, name string, into any) (bool, error)
	Save(ctx context.Context, name string, value any) error
	Delete(ctx context.Context, name string) error
}

// known is the posts that RAW has, ordered by id, which is by time: with it they are
// asked for again, a post that went is told from one that was never seen, and one that
// comes back is noticed. It is used by all legs at once.
//
// A post takes 24 bytes, and while pages grow up to half as much again: 50 to 75 MB
// for two million. It is kept by pages of up to pageEntries posts, whatever time that
// is: a dense hour has many, a quiet year has one. Only pages that changed are
// written.
type known struct {
	shelf shelf
	name  string
	// limit is the most posts, perPage the most in one page.
	limit, perPage int

	saving sync.Mutex // held by whoever saves

	mu sync.Mutex
	// pages are ascending, each up to the next one. What is below the first was
	// forgotten.
	pages     []*page
	posts     int
	forgotten int64
	dropped   []uint64 // pages whose cursors are to be deleted
}

// knownIndex says which pages there are, by the ids they begin with, and how many
// posts were forgotten.
type knownIndex struct {
	Pages     []uint64 `json:"pages"`
	Forgotten int64    `json:"forgotten,omitempty"`
}

// loadKnown reads what an earlier process knew.
func loadKnown(ctx context.Context, s shelf, name string) (*known, error) {
	k := &known{shelf: s, name: name, limit: knownLimit, perPage: pageEntries}
	var index knownIndex
	if _, err := s.Load(ctx, name, &index); err != nil {
		return nil, err
	}
	slices.Sort(index.Pages)
	for _, from := range slices.Compact(index.Pages) {
		k.pages = append(k.pages, &page{from: from})
	}
	if len(k.pages) == 0 {
		k.pages = []*page{{dirty: true, fresh: true}}
	}
	k.forgotten = index.Forgotten
	for i, p := range k.pages {
		kept := &page{}
		if _, err := s.Load(ctx, k.pageName(p.from), kept); err != nil {
			return nil, err
		}
		k.restore(i, kept.entries)
	}
	return k, nil
}

// restore takes over the entries of a page. A process that was killed while it split
// one left the upper half in both: where the new page has them, that is the later.
func (k *known) restore(i int, entries []entry) {
	for _, e := range entries {
		at := k.at(e.id)
		p := k.pages[at]
		if at < i {
			continue // not of our making
		}
		was := p.dirty
		if p.put(e) {
			k.posts++
		}
		p.dirty = was || at != i
		k.pages[i].dirty = k.pages[i].dirty || at != i
	}
}

func (k *known) pageName(from uint64) string { return k.name + "/" + strconv.FormatUint(from, 16) }

// at is the page that an id belongs to.
func (k *known) at(id uint64) int {
	i, exact := slices.BinarySearchFunc(k.pages, id, func(p *page, id uint64) int { return cmp.Compare(p.from, id) })
	if !exact {
		i--
	}
	return max(i, 0)
}

// get gives what is known of a post.
func (k *known) get(id uint64) (p knownPost, found bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	page := k.pages[k.at(id)]
	if i, there := page.find(id); there {
		return page.entries[i].post(), true
	}
	return knownPost{ID: id}, false
}

// set notes a post. One without an id or a mark is none, and one that is older than
// those that were forgotten is forgotten too.
func (k *known) set(p knownPost) {
	if p.ID == 0 || p.Mark == markNone || p.Mark >= markEnd {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.ID < k.pages[0].from {
		k.forgotten++
		return
	}
	i := k.at(p.ID)
	if k.pages[i].put(p.entry()) {
		k.posts++
	}
	k.split(i)
	k.forget()
}

// edit changes what is known of a post in one step: several legs note things of the same
// post. Found is false for one that is not known.
func (k *known) edit(id uint64, change func(p *knownPost)) (found bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	page := k.pages[k.at(id)]
	i, found := page.find(id)
	if !found {
		return false
	}
	p := page.entries[i].post()
	change(&p)
	page.put(p.entry())
	return true
}

// split keeps a page small. The newest one is cut at its end: nearly all that comes is
// newer still, and halves would stay halves.
func (k *known) split(i int) {
	p := k.pages[i]
	if len(p.entries) <= k.perPage {
		return
	}
	half := len(p.entries) / 2
	if i == len(k.pages)-1 {
		half = k.perPage
	}
	k.pages = slices.Insert(k.pages, i+1, p.cut(half))
}

// forget drops the oldest pages of more than limit posts.
func (k *known) forget() {
	for k.posts > k.limit && len(k.pages) > 1 {
		oldest := k.pages[0]
		k.posts -= len(oldest.entries)
		k.forgotten += int64(len(oldest.entries))
		k.dropped = append(k.dropped, oldest.from)
		k.pages = k.pages[1:]
	}
}

// count says how many posts are known, and how many were forgotten.
func (k *known) count() (posts int, forgotten int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.posts, k.forgotten
}

// newest is the highest id; 0 if there is none.
func (k *known) newest() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range slices.Backward(k.pages) {
		if n := len(p.entries); n > 0 {
			return p.entries[n-1].id
		}
	}
	return 0
}

// after lists up to limit posts from the first beyond an id, ascending: those that
// were there at the last look, and with all those too that were not, which may come
// back, and those that are aside.
func (k *known) after(id uint64, limit int, all bool) (posts []knownPost) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pages[k.at(id):] {
		i, there := p.find(id)
		if there {
			i++
		}
		for _, e := range p.entries[i:] {
			if len(posts) >= limit {
				return posts
			}
			if all || e.mark().alive() && !e.aside() {
				posts = append(posts, e.post())
			}
		}
	}
	return posts
}

// gone lists up to limit posts that were missing at one look, ascending.
func (k *known) gone(limit int) (posts []knownPost) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.pages {
		if p.gone == 0 {
			continue
		}
		for _, e := range p.entries {
			if e.mark() == markGone {
				posts = append(posts, e.post())
			}
			if len(posts) >= limit {
				return posts
			}
		}
	}
	return posts
}

// each gives all posts, ascending. It holds nothing up: what is set meanwhile may or
// may not be among them.
func (k *known) each() iter.Seq[knownPost] {
	return func(yield func(knownPost) bool) {
		for last := uint64(0); ; {
			posts := k.after(last, pageEntries, true)
			if len(posts) == 0 {
				return
			}
			for _, p := range posts {
				if !yield(p) {
					return
				}
			}
			last = posts[len(posts)-1].ID
		}
	}
}
