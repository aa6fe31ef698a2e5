package campaign

import "sort"

// builder makes the posts of a campaign.
type builder struct {
	c     *Campaign
	d     *dice
	taken map[int64]bool // seconds in which something was posted
	ready []*Card        // cards by birth
	posts []*Post        // card posts, later all posts
	kept  int            // posts that will be in an archive
	late  *Card          // what the late channel begins with, or nil

	// passable holds, by card and platform, the posts that can be passed on.
	passable map[passKey][]*Post
}

type passKey struct {
	card     *Card
	platform Platform
}

func newBuilder(c *Campaign) *builder {
	b := &builder{
		c: c, d: newDice(c.seed, "posts"), taken: make(map[int64]bool, c.size.Posts),
		ready: append([]*Card(nil), c.cards...), passable: make(map[passKey][]*Post),
	}
	return b
}

// order sorts the cards by birth.
func (b *builder) order() {
	sort.Slice(b.ready, func(i, j int) bool { return b.ready[i].born < b.ready[j].born })
}

// take reserves the first free second from t on, so that "first" is never a
// tie.
func (b *builder) take(t int64) int64 {
	for b.taken[t] {
		t++
	}
	b.taken[t] = true
	return t
}

// add puts a post into the campaign.
func (b *builder) add(p *Post) *Post {
	b.posts = append(b.posts, p)
	if !p.gone {
		b.kept++
	}
	if p.Channel.Platform == Telegram {
		if b.d.chance(0.02) {
			p.stamped = p.PostedAt + 60 + b.d.below64(day)
		}
		if b.d.chance(0.03) {
			p.author = b.anyone()
		}
	}
	if b.d.chance(0.12) {
		p.media = b.file()
	}
	p.likes, p.views = int(b.d.after(5, 1.5)), int(b.d.after(300, 1))
	return p
}

// file invents the picture or document under a post; documents are named for
// the victim.
func (b *builder) file() *media {
	m := &media{key: "3_" + digits(b.d, 19), photo: b.d.chance(0.7), bytes: b.d.between(20_000, 900_000)}
	if !m.photo {
		m.name = b.anyone().Slug + "_" + pick(b.d, words(mediaWords)) + "_" + digits(b.d, 4) + ".pdf"
	}
	return m
}

// anyone is a victim of the campaign.
func (b *builder) anyone() *Person { return pick(b.d, b.c.cards).Person }

// someone is a place to mention.
func (b *builder) someone(p Platform) *Channel {
	if p == Telegram {
		return pick(b.d, b.c.channels)
	}
	return pick(b.d, b.c.accounts)
}

// cardBefore is a card that the platform knew well before t, or nil.
func (b *builder) cardBefore(p Platform, t int64) *Card {
	n := sort.Search(len(b.ready), func(i int) bool { return b.ready[i].born > t-2*day })
	if n == 0 {
		return nil
	}
	card := b.ready[b.d.below(n)]
	if card.home != p && (card.lag == 0 || card.born+card.lag > t-2*day) {
		return nil
	}
	return card
}

// channelAt picks a place on the platform that posts at t, the popular ones
// more often.
func (b *builder) channelAt(p Platform, t int64) *Channel {
	from := b.c.channels
	if p == Twitter {
		from = b.c.accounts
	}
	for range 1000 {
		if c := from[b.d.early(len(from))]; c.opens < t {
			return c
		}
	}
	return from[0]
}
