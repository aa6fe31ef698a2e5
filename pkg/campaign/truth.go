package campaign

import (
	"sort"
	"strconv"
	"time"
)

// seen is one link of one post, as a row of the links table would say it.
type seen struct {
	post *Post
	host string
	path string
	role string // link or quoted
}

// linksOf lists the distinct links of a post in one revision.
func linksOf(p *Post, edited bool) map[seen]bool {
	out := make(map[seen]bool)
	b, _ := p.revision(edited)
	for _, l := range b.links() {
		out[seen{p, l.host, l.path, "link"}] = true
	}
	if p.kind == quote && !p.source.gone {
		for _, l := range p.source.body.links() {
			out[seen{p, l.host, l.path, "quoted"}] = true
		}
	}
	return out
}

// view is the campaign as it looks under a list of sites.
type view struct {
	c         *Campaign
	sites     map[string]bool
	pages     map[string]bool
	posts     []*Post // distinct, in all files, by time
	links     map[*Post]map[seen]bool
	audience  map[*Channel]int   // last known
	exports   map[*Channel]int64 // seconds of the first post of its exports
	sightings map[*Post]map[string]bool
}

// Truth counts what an import of all archives must find when these sites are
// on the watch list, in any order of files and sites.
func (c *Campaign) Truth(sites []string) Ledger {
	v := c.view(sites)
	ledger := Ledger{Family: FamilyLabel, Sites: sorted(v.sites), Posts: len(v.posts), Kinds: v.kinds()}
	for _, f := range c.files {
		figures := v.file(f)
		ledger.Files = append(ledger.Files, figures)
		ledger.Totals.add(figures.Figures)
	}
	sort.Slice(ledger.Files, func(i, j int) bool { return ledger.Files[i].Name < ledger.Files[j].Name })
	ledger.Cards = v.cards()
	ledger.Channels = v.channels(ledger.Cards)
	ledger.Mirrors = v.mirrors()
	ledger.Timeline = v.timeline()
	return ledger
}

func (c *Campaign) view(sites []string) *view {
	v := &view{
		c: c, sites: set(sites), pages: set(c.Pages()), links: make(map[*Post]map[seen]bool),
		audience: make(map[*Channel]int), exports: make(map[*Channel]int64), sightings: make(map[*Post]map[string]bool),
	}
	looked := make(map[*Channel]int64)
	for _, f := range c.files {
		for _, r := range f.records() {
			if r.post == nil {
				continue
			}
			v.see(r)
			account := r.post.Channel
			if f.looked > 0 && account.audience >= 0 && f.looked >= looked[account] {
				looked[account], v.audience[account] = f.looked, f.followers(account)
			}
		}
	}
	sort.Slice(v.posts, func(i, j int) bool { return v.posts[i].PostedAt < v.posts[j].PostedAt })
	return v
}

// see adds one record to what is known of its post.
func (v *view) see(r record) {
	p := r.post
	if v.links[p] == nil {
		v.links[p] = make(map[seen]bool)
		v.sightings[p] = make(map[string]bool)
		v.posts = append(v.posts, p)
	}
	for l := range linksOf(p, r.edited) {
		v.links[p][l] = true
		if v.isCard(l) {
			v.sightings[p][l.path] = true
		}
	}
	if p.Channel.Platform == Telegram {
		if began, known := v.exports[p.Channel]; !known || p.PostedAt < began {
			v.exports[p.Channel] = p.PostedAt
		}
	}
}

// isCard says whether a link is a sighting of a card.
func (v *view) isCard(l seen) bool { return v.sites[l.host] && !v.pages[l.path] }

// file counts one file for itself. A repeated post adds no links: those of
// its first record stand.
func (v *view) file(f *file) FileFigures {
	out := FileFigures{Name: f.name, Format: f.format}
	texts := make(map[*Post]string)
	for _, r := range f.records() {
		out.Records++
		switch {
		case r.rejected:
			out.Rejected++
			continue
		case r.nonPost:
			out.NonPosts++
			continue
		}
		b, _ := r.post.revision(r.edited)
		text := b.text(r.post.Channel.Platform)
		if first, repeated := texts[r.post]; repeated {
			out.Duplicates++
			if text != first {
				out.Conflicts++
			}
			continue
		}
		texts[r.post] = text
		out.Posts++
		cards := make(map[string]bool)
		for l := range linksOf(r.post, r.edited) {
			out.Links++
			if v.isCard(l) {
				cards[l.path] = true
			}
		}
		out.Sightings += len(cards)
	}
	for _, c := range f.chats {
		if c.refused() {
			out.RefusedChats++
			out.RefusedMessages += len(c.entries)
		}
	}
	return out
}

func (f *Figures) add(other Figures) {
	f.Records += other.Records
	f.Posts += other.Posts
	f.NonPosts += other.NonPosts
	f.Duplicates += other.Duplicates
	f.Rejected += other.Rejected
	f.Conflicts += other.Conflicts
	f.Links += other.Links
	f.Sightings += other.Sightings
}

func (v *view) kinds() []KindFigures {
	var out []KindFigures
	for _, platform := range []Platform{Telegram, Twitter} {
		for _, k := range []kind{forward, original, quote, reply, repost} {
			n := 0
			for _, p := range v.posts {
				if p.Channel.Platform == platform && p.kind == k {
					n++
				}
			}
			if n > 0 {
				out = append(out, KindFigures{Platform: platform, Kind: string(k), Posts: n})
			}
		}
	}
	return out
}

// reach adds up the last known audiences of channels.
func (v *view) reach(channels map[*Channel]bool) (reach *int, known int) {
	sum := 0
	for c := range channels {
		if followers, ok := v.audience[c]; ok {
			sum += followers
			known++
		}
	}
	if known == 0 {
		return nil, 0
	}
	return &sum, known
}

func (p *Post) sighting() Sighting {
	return Sighting{
		Platform: p.Channel.Platform, Channel: p.Channel.ID, Post: strconv.FormatUint(p.ID, 10), PostedAt: p.PostedAt * 1000,
	}
}

func dayOf(p *Post) string { return time.Unix(p.PostedAt, 0).UTC().Format(time.DateOnly) }

func set(values []string) map[string]bool {
	out := make(map[string]bool, len(values))
	for _, v := range values {
		out[v] = true
	}
	return out
}

func sorted(values map[string]bool) []string {
	out := make([]string, 0, len(values))
	for v := range values {
		out = append(out, v)
	}
	sort.Strings(out)
	return out
}
