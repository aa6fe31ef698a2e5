package fake

import (
	"regexp"
	"unicode/utf16"

	"github.com/gotd/td/tg"
)

// address is what Telegram marks as a link in plain text, roughly.
const address = `https?://[^\s<>"]+`

// Text is a post as Telegram stores what somebody typed: addresses in it are
// marked as links, counted in UTF-16 units.
func Text(text string) tg.Message {
	m := tg.Message{Message: text}
	for _, at := range regexp.MustCompile(address).FindAllStringIndex(text, -1) {
		m.Entities = append(m.Entities, &tg.MessageEntityURL{
			Offset: units(text[:at[0]]), Length: units(text[at[0]:at[1]]),
		})
	}
	return m
}

// Linked is a post whose whole text hides a link.
func Linked(text, url string) tg.Message {
	return tg.Message{
		Message:  text,
		Entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Length: units(text), URL: url}},
	}
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

// Forwarded is a forward of one of the channel's posts, to be posted in another:
// the same text and media, with the header that names channel, post and date. A
// forward of a forward names the first of them, as at Telegram. It is the zero
// Message if there is no such post.
func (c *Channel) Forwarded(id int) tg.Message {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if !c.up(id) {
		return tg.Message{}
	}
	m, ok := c.message(id).(*tg.Message)
	if !ok {
		return tg.Message{}
	}
	copied := own(m)
	forward := tg.Message{
		Message: copied.Message, Entities: copied.Entities, Media: copied.Media, ReplyMarkup: copied.ReplyMarkup,
		FwdFrom: copied.FwdFrom,
	}
	if copied.FwdFrom.Zero() {
		header := tg.MessageFwdHeader{Date: copied.Date}
		header.SetFromID(c.peer())
		header.SetChannelPost(id)
		forward.FwdFrom = header
	}
	forward.SetViews(max(1, copied.Views)) // a forward shows the views of the original
	return forward
}

// EditText gives a post another text and reports whether there is one.
func (c *Channel) EditText(id int, text string) bool {
	return c.Edit(id, func(m *tg.Message) {
		edited := Text(text)
		m.Message, m.Entities = edited.Message, edited.Entities
	})
}
