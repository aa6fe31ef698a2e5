package main

import (
	"context"
	"slices"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// plan is what goes, by keys alone.
type plan struct {
	// targets are decided about: posts, channels under all their names, accounts, and
	// cards in all families of their sites.
	targets []privacy.Key
	parts   []store.Part
	pages   []store.CardPage
	known   map[any]bool // the targets and pages that are there
}

// plan finds out what values stand for. Who erases again what is half erased finds
// the rest of it in the tombstones, where the tables know no more.
func (s *session) plan(ctx context.Context, values []value, tombstones *privacy.Tombstones) (*plan, error) {
	p, keyer := &plan{known: map[any]bool{}}, s.parts.ring.Keyer()
	for _, v := range values {
		if err := p.add(ctx, s.store, keyer, v); err != nil {
			return nil, err
		}
	}
	names, err := s.store.ChannelNames(ctx, p.targets)
	if err != nil {
		return nil, err
	}
	p.target(names...)
	pages, err := s.store.CardPages(ctx, p.targets)
	if err != nil {
		return nil, err
	}
	p.page(pages...)
	// An archive's address of a page has the page's own in it.
	carriers, err := s.store.CarriersOf(ctx, p.pages)
	if err != nil {
		return nil, err
	}
	p.card(carriers...)
	parts, err := s.store.PartsOf(ctx, p.targets)
	if err != nil {
		return nil, err
	}
	p.parts = parts
	earlier, err := tombstones.All()
	if err != nil {
		return nil, plain(err)
	}
	p.recall(earlier)
	return p, nil
}

// add adds what one value stands for.
func (p *plan) add(ctx context.Context, db *store.Store, keyer *privacy.Keyer, v value) error {
	if !v.key.IsZero() {
		p.target(v.key)
		return nil
	}
	switch v.kind {
	case kindPost:
		return p.addPost(ctx, db, keyer, v)
	case kindCard:
		return p.addCard(ctx, db, keyer, v)
	}
	channel := keyer.ChannelOf(v.ref.Platform, v.ref.ChannelID, v.ref.ChannelName)
	if v.kind == kindChannel {
		p.target(channel)
		return nil
	}
	if v.ref.ChannelID != "" {
		p.target(keyer.Account(v.ref.Platform, v.ref.ChannelID))
	}
	if v.ref.Platform != doxtrailv1.Platform_PLATFORM_TWITTER {
		return nil
	}
	// An account of X is a channel too.
	names, err := db.ChannelNames(ctx, []privacy.Key{channel})
	if err != nil {
		return err
	}
	accounts, err := db.AccountsOf(ctx, names)
	p.target(names...)
	p.target(accounts...)
	return err
}

// addPost adds a post under every name of its channel.
func (p *plan) addPost(ctx context.Context, db *store.Store, keyer *privacy.Keyer, v value) error {
	p.target(keyer.PostOf(v.ref.Platform, v.ref.ChannelID, v.ref.ChannelName, v.ref.PostID))
	if v.ref.Platform == doxtrailv1.Platform_PLATFORM_TWITTER {
		return nil // its number is enough
	}
	channels, err := db.ChannelNames(ctx, []privacy.Key{keyer.ChannelOf(v.ref.Platform, v.ref.ChannelID, v.ref.ChannelName)})
	if err != nil {
		return err
	}
	posts, err := db.NumberedPosts(ctx, keyer.PostNo(v.ref.Platform, v.ref.PostID), channels)
	p.target(posts...)
	return err
}

// addCard adds a card in each family that its site belongs to.
func (p *plan) addCard(ctx context.Context, db *store.Store, keyer *privacy.Keyer, v value) error {
	host, site, path := keyer.Host(v.link.Host), keyer.Site(v.link.Site), keyer.Path(v.link.Path)
	families, err := db.FamiliesAt(ctx, host, site)
	if err != nil {
		return err
	}
	pages, err := db.PagesAt(ctx, path, site, families)
	p.card(pages...)
	return err
}

// card adds pages, each with the card that it shows.
func (p *plan) card(pages ...store.CardPage) {
	p.page(pages...)
	for _, page := range pages {
		p.target(page.Card)
	}
}

func (p *plan) target(keys ...privacy.Key) {
	for _, key := range keys {
		if !key.IsZero() && !p.known[key] {
			p.known[key] = true
			p.targets = append(p.targets, key)
		}
	}
}

func (p *plan) page(pages ...store.CardPage) {
	for _, page := range pages {
		if !p.known[page] {
			p.known[page] = true
			p.pages = append(p.pages, page)
		}
	}
}

// recall adds what earlier tombstones know of the targets.
func (p *plan) recall(earlier []privacy.Tombstone) {
	ours := map[privacy.Key]bool{}
	for _, key := range p.targets {
		ours[key] = true
	}
	known := map[store.Part]bool{}
	for _, part := range p.parts {
		known[part] = true
	}
	for _, t := range earlier {
		part := store.Part{Of: t.Target, Key: t.Part}
		switch {
		case !ours[t.Target]:
		case !t.Site.IsZero():
			p.page(store.CardPage{Card: t.Target, Path: t.Path, Site: t.Site})
		case !t.Part.IsZero() && !known[part]:
			p.parts = append(p.parts, part)
		}
	}
}

// tombstones is the plan as it is kept.
func (p *plan) tombstones() []privacy.Tombstone {
	var list []privacy.Tombstone
	for _, key := range p.targets {
		list = append(list, privacy.Tombstone{Target: key})
	}
	for _, part := range p.parts {
		list = append(list, privacy.Tombstone{Target: part.Of, Part: part.Key})
	}
	for _, page := range p.pages {
		list = append(list, privacy.Tombstone{Target: page.Card, Path: page.Path, Site: page.Site})
	}
	return list
}

// keys are all keys by which rows are known that are to go.
func (p *plan) keys() []privacy.Key {
	keys := slices.Clone(p.targets)
	for _, part := range p.parts {
		keys = append(keys, part.Key)
	}
	return keys
}
