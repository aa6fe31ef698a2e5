package message

import (
	"cmp"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gotd/td/tg"
)

// marks takes what Telegram marked in a text: links, and kinds of personal data
// where the post's author speaks.
func (d *draft) marks(text string, entities []tg.MessageEntityClass, p place) {
	if len(entities) == 0 {
		return
	}
	entities = d.inOrder(entities)
	at := cursor{text: text}
	before := counted{end: -1}
	for _, entity := range entities {
		switch entity := entity.(type) {
		case *tg.MessageEntityTextURL:
			d.addLink(entity.URL, p.hidden)
		case *tg.MessageEntityURL:
			d.shownLink(&at, entity, entities, p)
		case *tg.MessageEntityPhone:
			before = d.count(phone, entity, before, p)
		case *tg.MessageEntityEmail:
			before = d.count(email, entity, before, p)
		case *tg.MessageEntityBankCard:
			before = d.count(bankCard, entity, before, p)
		}
	}
}

// inOrder gives the entities in the order of the text, as Telegram does, without
// those that mark nothing.
func (d *draft) inOrder(entities []tg.MessageEntityClass) []tg.MessageEntityClass {
	if len(entities) > maxEntities {
		entities, d.capped = entities[:maxEntities], true
	}
	idle := func(e tg.MessageEntityClass) bool { return e == nil || e.GetOffset() < 0 || e.GetLength() <= 0 }
	if slices.ContainsFunc(entities, idle) {
		entities = slices.DeleteFunc(slices.Clone(entities), idle)
	}
	byOffset := func(a, b tg.MessageEntityClass) int { return cmp.Compare(a.GetOffset(), b.GetOffset()) }
	if !slices.IsSortedFunc(entities, byOffset) {
		entities = slices.Clone(entities)
		slices.SortStableFunc(entities, byOffset)
	}
	return entities
}

// counted is personal data that was counted last, and where it ended.
type counted struct {
	kind personal
	end  int
}

// count counts a mark, unless it goes on where one of its kind ended: formatting
// cuts a number into pieces, and it still is one number.
func (d *draft) count(kind personal, e tg.MessageEntityClass, before counted, p place) counted {
	if p.own && (before.kind != kind || before.end != e.GetOffset()) {
		d.personal[kind]++
	}
	return counted{kind, e.GetOffset() + e.GetLength()}
}

// shownLink adds the link that a stretch of the text is. One that formatting cut
// into pieces is left to the text, where the normaliser finds it whole.
func (d *draft) shownLink(at *cursor, e *tg.MessageEntityURL, entities []tg.MessageEntityClass, p place) {
	if e.Length > maxLinkBytes-d.linkBytes {
		d.capped = true // it has at least as many bytes
		return
	}
	if !at.seek(e.Offset) {
		return
	}
	end := *at
	if !end.seek(e.Offset+e.Length) || isCut(at, &end, entities) {
		return
	}
	d.addLink(at.text[at.byte:end.byte], p.shown)
}

// isCut says whether the link between two places is a part of an address: what
// touches it is marked too, as link or by its looks, and no space stands between.
func isCut(from, to *cursor, entities []tg.MessageEntityClass) bool {
	before := from.byte > 0 && isAddress(from.text[from.byte-1]) && isAddress(from.text[from.byte])
	behind := to.byte < len(to.text) && isAddress(to.text[to.byte-1]) && isAddress(to.text[to.byte])
	if !before && !behind {
		return false
	}
	for _, e := range entities {
		switch e.(type) {
		case *tg.MessageEntityTextURL, *tg.MessageEntityPhone, *tg.MessageEntityEmail, *tg.MessageEntityBankCard:
			continue
		}
		if before && e.GetOffset()+e.GetLength() == from.unit || behind && e.GetOffset() == to.unit {
			return true
		}
	}
	return false
}

// isAddress says whether an ASCII character can stand inside an address.
func isAddress(c byte) bool {
	return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'
}

// cursor is a place in a text, in bytes and in UTF-16 units, which Telegram
// counts in. It moves forward only.
type cursor struct {
	text       string
	byte, unit int
}

// seek moves to a unit. It gives false, wherever the cursor is then, if there is
// no such place: the text is shorter, the unit lies inside a surrogate pair or
// behind the cursor.
func (c *cursor) seek(unit int) bool {
	for c.unit < unit && c.byte < len(c.text) {
		if c.text[c.byte] < utf8.RuneSelf {
			c.byte++
			c.unit++
			continue
		}
		r, size := utf8.DecodeRuneInString(c.text[c.byte:])
		c.byte += size
		c.unit += utf16.RuneLen(r)
	}
	return c.unit == unit
}
