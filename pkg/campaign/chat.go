package campaign

import (
	"fmt"
	"sort"
	"strings"
)

// pageShare and decoyShare are the shares of small talk that link to pages of
// a mirror that are no cards, and to anything else.
const (
	pageShare  = 0.02
	decoyShare = 0.12
)

// chat fills the campaign with posts that carry no card until it has its
// size. Every channel begins with one, but for the late one.
func (b *builder) chat() {
	cardPosts := append([]*Post(nil), b.posts...)
	sort.Slice(cardPosts, func(i, j int) bool { return cardPosts[i].PostedAt < cardPosts[j].PostedAt })

	for _, c := range b.c.channels {
		if c == b.lateChannel() && b.late != nil {
			continue
		}
		b.add(&Post{Channel: c, PostedAt: c.opens, kind: original, body: body{pieces: b.smallTalk(Telegram)}})
	}
	times := make([]int64, max(0, b.c.size.Posts-b.kept))
	for i := range times {
		times[i] = b.take(b.hour())
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	said := make(map[Platform][]*Post)
	for _, at := range times {
		platform := Telegram
		if b.d.chance(0.42) {
			platform = Twitter
		}
		p := b.smallPost(platform, at, said[platform])
		b.add(p)
		if p.kind == original {
			said[platform] = append(said[platform], p)
		}
	}
}

// hour picks a second of the two years between morning and midnight in Hong
// Kong, evenings more often.
func (b *builder) hour() int64 {
	at := startAt + day + b.d.below64((endAt-startAt)/day-2)*day
	if b.d.chance(0.4) {
		return at + 10*60*60 + b.d.below64(5*60*60)
	}
	return at + b.d.below64(16*60*60)
}

// smallPost is a post without a card.
func (b *builder) smallPost(platform Platform, at int64, said []*Post) *Post {
	p := &Post{Channel: b.channelAt(platform, at), PostedAt: at, kind: original}
	recent := said[max(0, len(said)-300):]
	choice := b.d.fraction()
	if len(recent) > 0 && choice < 0.25 && platform == Twitter {
		b.retweet(p, pick(b.d, recent))
	} else if len(recent) > 0 && choice < 0.33 && platform == Twitter {
		b.quote(p, pick(b.d, recent))
	} else if len(recent) > 0 && choice < 0.12 && platform == Telegram {
		b.passAlong(p, pick(b.d, recent))
	} else if choice > 0.88 {
		p.kind = reply
	}
	if p.body.pieces == nil {
		p.body = b.smallBody(platform, at)
	}
	return p
}

// passAlong forwards a post of another channel, or something of a person's.
func (b *builder) passAlong(p, source *Post) {
	if source.Channel == p.Channel {
		p.kind, p.person = forward, b.anyone()
		return
	}
	p.kind, p.source, p.origin, p.body = forward, source, source.Channel, source.body
}

func (b *builder) smallBody(platform Platform, at int64) body {
	out := body{pieces: b.smallTalk(platform)}
	switch choice := b.d.fraction(); {
	case choice < pageShare:
		out = joinBodies(out, b.linkPieces(platform, b.pageLink(at)))
	case choice < pageShare+decoyShare:
		out = joinBodies(out, b.linkPieces(platform, b.decoy(at)))
	}
	return out
}

func joinBodies(a, b body) body {
	return body{pieces: append(a.pieces, b.pieces...), buttons: append(a.buttons, b.buttons...)}
}

// number sorts all posts by time, gives each its id, and ties replies to what
// they answer.
func (b *builder) number() {
	sort.Slice(b.posts, func(i, j int) bool { return b.posts[i].PostedAt < b.posts[j].PostedAt })
	next := make(map[*Channel]uint64)
	next[b.lateChannel()] = 4180 // its export begins in the middle
	before := make(map[*Channel][]*Post)
	var tweets []*Post
	for _, p := range b.posts {
		if p.Channel.Platform == Twitter {
			p.ID = tweetID(p)
			b.answer(p, tweets[max(0, len(tweets)-400):])
			if !p.gone && (p.kind == original || p.kind == reply) {
				tweets = append(tweets, p)
			}
			continue
		}
		next[p.Channel] += 1 + uint64(b.d.early(4))
		p.ID = next[p.Channel] + 1 // 1 is the channel's creation
		b.answer(p, before[p.Channel])
		before[p.Channel] = append(before[p.Channel], p)
	}
	b.c.posts = b.posts
}

// answer ties a reply to one of the posts before it; without any it is no
// reply after all.
func (b *builder) answer(p *Post, before []*Post) {
	if p.kind != reply {
		return
	}
	if len(before) == 0 {
		p.kind = original
		return
	}
	p.source = pick(b.d, before)
}

// tweetID is the id of a Twitter post: unique, because no two posts share a
// second.
func tweetID(p *Post) uint64 { return snowflake(p.PostedAt, 4242) }

// statusLink links to a post of the campaign.
func (b *builder) statusLink(p *Post) *link {
	path := fmt.Sprintf("/%s/status/%d", p.Channel.Name, tweetID(p))
	l := &link{host: "twitter.com", path: path, raw: "https://twitter.com" + path, short: b.short()}
	if b.d.chance(0.2) {
		l.raw += "?s=20"
	}
	return l
}

func words(text string) []string { return strings.Fields(text) }

func digits(d *dice, n int) string {
	var s strings.Builder
	for range n {
		s.WriteByte("123456789"[d.below(9)])
	}
	return s.String()
}
