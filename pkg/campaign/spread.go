package campaign

import "sort"

// spread posts all cards, from the oldest turn of each card to the newest, so
// that who passes on finds something to pass on.
func (b *builder) spread() {
	for _, c := range b.c.channels {
		c.opens = b.take(c.opens)
	}
	total, sum := float64(b.c.size.Posts)*cardShare, 0.0
	for _, card := range b.c.cards {
		sum += card.share
	}
	plans := make([][]turn, len(b.c.cards))
	for i, card := range b.c.cards {
		plan := b.turns(card, max(1, int(total*card.share/sum)))
		sort.SliceStable(plan, func(i, j int) bool { return plan[i].at < plan[j].at })
		for j := range plan {
			plan[j].at = b.take(plan[j].at)
		}
		sort.SliceStable(plan, func(i, j int) bool { return plan[i].at < plan[j].at })
		card.born, plans[i] = plan[0].at, plan
	}
	b.order()
	b.late = b.openLate()
	for i, card := range b.c.cards {
		for j, t := range plans[i] {
			if card == b.late && j == 0 {
				b.post(card, t, b.lateChannel())
				continue
			}
			b.post(card, t, nil)
		}
	}
}

// lateChannel is the channel whose archive begins with the first post of a
// card, so that nobody can say what was there before.
func (b *builder) lateChannel() *Channel { return b.c.channels[len(b.c.channels)-1] }

// openLate picks the card for lateChannel and lets that channel begin with it.
func (b *builder) openLate() *Card {
	late := b.lateChannel()
	for _, card := range b.ready {
		if !card.wide && card.home == Telegram && card.born > startAt+150*day {
			late.opens = card.born
			return card
		}
	}
	return nil
}

// post posts a card once: first of its platform directly or, now and then,
// from outside; later mostly passing on what is there.
func (b *builder) post(card *Card, t turn, on *Channel) {
	key := passKey{card, t.platform}
	p := &Post{Channel: on, PostedAt: t.at, kind: original}
	if on == nil {
		p.Channel = b.channelAt(t.platform, t.at)
		if t.platform == Telegram {
			b.onTelegram(p, card, t)
		} else {
			b.onTwitter(p, card, t)
		}
	}
	if p.body.pieces == nil {
		p.body = b.cardBody(t.platform, card, t.at)
	}
	b.add(p)
	if p.kind == original || p.kind == reply || t.platform == Telegram {
		b.passable[key] = append(b.passable[key], p)
	}
}

// onTelegram decides how a channel brings a card; it leaves the body empty for
// text of its own.
func (b *builder) onTelegram(p *Post, card *Card, t turn) {
	earlier := b.passable[passKey{card, Telegram}]
	switch choice := b.d.fraction(); {
	case t.first && choice < 0.15, !t.first && choice < 0.06:
		p.kind, p.origin = forward, pick(b.d, b.c.outside)
	case choice < 0.45 && len(earlier) > 0:
		source := pick(b.d, earlier)
		if source.Channel == p.Channel {
			return
		}
		p.kind, p.source, p.origin, p.body = forward, source, source.Channel, source.body
		if source.kind == forward { // a forward names where it came from first
			p.origin = source.origin
		}
	case choice > 0.9:
		p.kind = reply // to be tied to an earlier post when numbers are given
	}
}

// onTwitter decides how an account brings a card.
func (b *builder) onTwitter(p *Post, card *Card, t turn) {
	earlier := b.passable[passKey{card, Twitter}]
	switch choice := b.d.fraction(); {
	case t.first && choice < 0.15, !t.first && choice < 0.02:
		b.passOnGone(p, card)
	case choice < 0.45 && len(earlier) > 0:
		b.retweet(p, pick(b.d, earlier))
	case choice < 0.58 && len(earlier) > 0:
		b.quote(p, pick(b.d, earlier))
	case choice > 0.9:
		p.kind = reply
	}
}

func (b *builder) retweet(p, source *Post) {
	if source.Channel == p.Channel {
		return
	}
	p.kind, p.source, p.body = repost, source, source.body
}

// quote comments on a post; the link to it is part of the text. Some repeat
// a link of the family themselves.
func (b *builder) quote(p, source *Post) {
	p.kind, p.source = quote, source
	p.body.pieces = append(b.smallTalk(Twitter), say(" "))
	if b.d.chance(0.1) && len(source.body.links()) > 0 {
		p.body.pieces = append(p.body.pieces, b.entityPiece(b.resent(source.body.links()[0])), say(" "))
	}
	p.body.pieces = append(p.body.pieces, b.entityPiece(b.statusLink(source)))
}

// resent is the same link in another post: under another t.co form.
func (b *builder) resent(l *link) *link {
	again := *l
	again.short = b.short()
	return &again
}

// passOnGone retweets a post that no archive holds: deleted, or of a closed
// account. Its text is short, so that the outer text keeps the link.
func (b *builder) passOnGone(p *Post, card *Card) {
	source := &Post{
		Channel: pick(b.d, b.c.accounts), PostedAt: b.take(p.PostedAt - 60 - b.d.below64(4*60*60)), kind: original, gone: true,
	}
	source.body.pieces = []piece{say(card.Person.Chinese + " "), b.entityPiece(b.cardLink(card, source.PostedAt))}
	b.add(source)
	source.media = nil
	p.kind, p.source, p.body = repost, source, source.body
}
