package campaign

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// say makes a plain piece.
func say(text string) piece { return piece{kind: plain, text: text} }

// smallTalk is one to three sentences, now and then a tag or a handle.
func (b *builder) smallTalk(p Platform) []piece {
	all := lines(chatter)
	sentences := make([]string, b.d.between(1, 3))
	for i, at := 0, b.d.below(len(all)); i < len(sentences); i++ {
		sentences[i] = all[at%len(all)]
		at += b.d.between(1, len(all)/3)
	}
	if b.d.chance(0.3) {
		sentences = append(sentences, fmt.Sprintf("第%d班", b.d.between(100, 9999)))
	}
	pieces := []piece{say(strings.Join(sentences, "，"))}
	switch {
	case b.d.chance(0.06):
		pieces = append(pieces, say(" "), piece{kind: mention, text: "@" + b.someone(p).Name})
	case b.d.chance(0.06):
		pieces = append(pieces, say(" "), piece{kind: hashtag, text: b.anyone().hashtag(b.d.chance(0.5))})
	case b.d.chance(0.04):
		pieces = append([]piece{{kind: bold, text: "公告"}, say("\n")}, pieces...)
	}
	return pieces
}

// cardBody is a post about a card: a lead, often details, the link in one of
// the forms in which links stand in posts.
func (b *builder) cardBody(p Platform, card *Card, at int64) body {
	pieces := []piece{say(strings.ReplaceAll(pick(b.d, lines(leads)), "%", b.nameOf(card.Person)))}
	if b.d.chance(0.4) {
		pieces = append(pieces, say("\n"))
		pieces = append(pieces, b.detail(card.Person)...)
	}
	made := b.linkPieces(p, b.cardLink(card, at))
	if b.d.chance(0.1) { // the same card on another mirror, or the same link again
		made.pieces = append(made.pieces, say("\n"))
		again := b.linkPieces(p, b.cardLink(card, at))
		made.pieces, made.buttons = append(made.pieces, again.pieces...), append(made.buttons, again.buttons...)
	}
	if other := b.cardBefore(p, at); other != nil && b.d.chance(0.06) {
		made.pieces = append(made.pieces, say("\n同場加映 "), b.entityPiece(b.cardLink(other, at)))
	}
	if b.d.chance(0.1) {
		made.pieces = append(made.pieces, say("\n來源 "), b.entityPiece(b.decoy(at)))
	}
	if b.d.chance(0.25) {
		made.pieces = append(made.pieces, say("\n"), piece{kind: hashtag, text: card.Person.hashtag(b.d.chance(0.5))})
	}
	return body{pieces: append(pieces, made.pieces...), buttons: made.buttons}
}

// linkPieces puts a link into a text as posts do. Twitter marks every link.
func (b *builder) linkPieces(p Platform, l *link) body {
	before, after := pick(b.d, lines(befores)), pick(b.d, lines(follows))
	if p == Twitter {
		if b.d.chance(0.3) {
			return body{pieces: []piece{say("\n" + before), {kind: entity, text: l.raw, link: l}, say(after)}}
		}
		return body{pieces: []piece{say(" "), {kind: entity, text: l.raw, link: l}}}
	}
	switch form := b.d.fraction(); {
	case form < 0.35: // on a line of its own
		return body{pieces: []piece{say("\n"), b.entityPiece(l)}}
	case form < 0.52: // marked, with Chinese text on both sides
		return body{pieces: []piece{say("\n" + before), b.entityPiece(l), say(after)}}
	case form < 0.67: // not marked, with Chinese text on both sides
		return body{pieces: []piece{say("\n" + before), {kind: bare, text: l.raw, link: l}, say(after)}}
	case form < 0.72: // not marked, in brackets and before a full stop
		return body{pieces: []piece{say("\n("), {kind: bare, text: l.raw, link: l}, say("). OK.")}}
	case form < 0.87: // behind other words
		return body{pieces: []piece{say("\n"), {kind: hidden, text: "按此查看", link: l}}}
	case form < 0.94: // in a button
		return body{buttons: []piece{{kind: button, text: "完整檔案", link: l}}}
	default: // marked, without scheme
		l.raw = l.raw[strings.Index(l.raw, "://")+3:]
		return body{pieces: []piece{say("\n"), b.entityPiece(l)}}
	}
}

func (b *builder) entityPiece(l *link) piece { return piece{kind: entity, text: l.raw, link: l} }

// detail fills one pattern of personal data.
func (b *builder) detail(p *Person) []piece {
	var pieces []piece
	for _, c := range pick(b.d, lines(details)) {
		switch c {
		case 'H':
			pieces = append(pieces, say(b.spelled(p.HKID)))
		case 'P':
			if b.d.chance(0.3) {
				pieces = append(pieces, say(b.spelled(p.Phone)))
				continue
			}
			pieces = append(pieces, piece{kind: phone, text: p.Phone})
		case 'A':
			pieces = append(pieces, say(p.Address))
		case 'M':
			pieces = append(pieces, piece{kind: email, text: p.Mail})
		case 'E':
			pieces = append(pieces, say(p.Employer))
		case 'W': // "Works at"
			pieces = append(pieces, say("W"))
		default:
			pieces = append(pieces, say(string(c)))
		}
	}
	return joined(pieces)
}

// joined merges neighbouring plain pieces into one.
func joined(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && p.kind == plain && out[n-1].kind == plain {
			out[n-1].text += p.text
			continue
		}
		out = append(out, p)
	}
	return out
}

// spelled writes a number the way posts vary it: another bracket, another gap.
func (b *builder) spelled(number string) string {
	switch b.d.below(3) {
	case 0:
		return strings.NewReplacer("(", "（", ")", "）", " 4000 ", "-4000-").Replace(number)
	case 1:
		return strings.TrimPrefix(number, "+852 ")
	default:
		return number
	}
}

func (b *builder) nameOf(p *Person) string {
	if b.d.chance(0.3) {
		return p.Roman
	}
	return p.Chinese
}

// cut shortens the outer text of a retweet as Twitter does, to 140 characters
// with an ellipsis; what stood behind, half a t.co link too, is lost.
func cut(text string) string {
	const limit = 140
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
