package twitter

import (
	"context"
	"encoding/json"
	"slices"
)

// saving is a page as it was when it was to be saved.
type saving struct {
	page  *page
	name  string
	fresh bool
	value json.RawMessage
}

// save keeps what changed. The index goes first: a page that it does not name would be
// forgotten, and one that it names too early is empty. Then the upper pages, for posts
// move up when a page is split: none leaves the page that it was kept in before it is
// kept in the other. What is set meanwhile is kept the next time.
func (k *known) save(ctx context.Context) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	index, pages, dropped, err := k.changed()
	if err != nil {
		return err
	}
	if err := k.shelf.Save(ctx, k.name, index); err != nil {
		k.unsaved(pages, dropped)
		return err
	}
	for i, s := range pages {
		if err := k.savePage(ctx, s); err != nil {
			k.unsaved(pages[i:], dropped)
			return err
		}
	}
	for i, from := range dropped {
		if err := k.shelf.Delete(ctx, k.pageName(from)); err != nil {
			k.unsaved(nil, dropped[i:])
			return err
		}
	}
	return nil
}

// savePage writes one page. A new one is read first: a process that was killed may
// have left something under its name.
func (k *known) savePage(ctx context.Context, s saving) error {
	if s.fresh {
		if _, err := k.shelf.Load(ctx, s.name, new(json.RawMessage)); err != nil {
			return err
		}
		k.mu.Lock()
		s.page.fresh = false
		k.mu.Unlock()
	}
	return k.shelf.Save(ctx, s.name, s.value)
}

// changed takes what is to be saved now.
func (k *known) changed() (index knownIndex, pages []saving, dropped []uint64, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	index.Forgotten = k.forgotten
	for _, p := range k.pages {
		index.Pages = append(index.Pages, p.from)
		if !p.dirty {
			continue
		}
		value, err := json.Marshal(p)
		if err != nil {
			return index, nil, nil, err
		}
		pages = append(pages, saving{p, k.pageName(p.from), p.fresh, value})
	}
	for _, s := range pages {
		s.page.dirty = false
	}
	slices.Reverse(pages)
	dropped, k.dropped = k.dropped, nil
	return index, pages, dropped, nil
}

// unsaved takes back what did not get through.
func (k *known) unsaved(pages []saving, dropped []uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range pages {
		s.page.dirty = true
	}
	k.dropped = append(dropped, k.dropped...)
}
