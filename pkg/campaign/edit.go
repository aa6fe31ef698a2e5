package campaign

// editsAt is when the first export of the first channel was made; a later
// export of it shows what was edited since.
const editsAt = 1590883200 // 2020-05-31

// edit changes posts of the first two channels after the fact.
//
// In the first channel, which is exported twice, some texts change, one edit
// drops a card and one adds a card. In the second, whose export was merged by
// hand, two posts stand in both revisions; only their texts differ. In the
// third, one text holds a vertical tab, which makes its export invalid JSON.
func (b *builder) edit() {
	first, second, third := b.c.channels[0], b.c.channels[1], b.c.channels[2]
	var dropped, added, reworded, merged, broken int
	for _, p := range b.posts {
		links := len(p.body.links())
		switch {
		case p.Channel == first && p.PostedAt > first.opens && p.PostedAt < editsAt-40*day:
			switch {
			case links > 0 && dropped == 0 && b.droppable(p):
				b.change(p, withoutLinks(p.body))
				dropped++
			case links == 0 && added == 0 && p.kind == original && b.cardBefore(Telegram, p.PostedAt) == b.c.cards[0]:
				l := b.cardLink(b.c.cards[0], p.PostedAt)
				b.change(p, joinBodies(copied(p.body), body{pieces: []piece{say("\n補連結 "), b.entityPiece(l)}}))
				added++
			case links > 0 && reworded < 3:
				b.change(p, corrected(p.body))
				reworded++
			}
		case p.Channel == second && p.PostedAt > second.opens && merged < 2 && (links > 0) == (merged == 1):
			b.change(p, corrected(p.body))
			merged++
		case p.Channel == third && p.PostedAt > third.opens && p.kind != forward && broken == 0:
			p.body = joinBodies(body{pieces: []piece{say("告\v示 ")}}, p.body)
			broken++
		}
	}
}

func (b *builder) change(p *Post, to body) {
	p.edited = &edit{at: max(p.PostedAt, p.stamped, editsAt) + 60 + b.d.below64(20*day), body: to}
}

// droppable posts carry a card that many others carried before.
func (b *builder) droppable(p *Post) bool {
	for key, posts := range b.passable {
		for i, other := range posts {
			if other == p {
				return key.platform == Telegram && i > 3
			}
		}
	}
	return false
}

// withoutLinks is a body whose links were edited out.
func withoutLinks(from body) body {
	var out body
	for _, p := range from.pieces {
		if p.link == nil {
			out.pieces = append(out.pieces, p)
		}
	}
	out.pieces = append(out.pieces, say("\n（連結已刪）"))
	return out
}

// corrected is a body with the same links and another text.
func corrected(from body) body {
	out := copied(from)
	out.pieces = append(out.pieces, say("（更正）"))
	return out
}

// copied keeps an edit from writing into the pieces of the first revision.
func copied(from body) body {
	return body{
		pieces:  append([]piece(nil), from.pieces...),
		buttons: append([]piece(nil), from.buttons...),
	}
}
