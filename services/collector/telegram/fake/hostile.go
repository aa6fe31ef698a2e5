package fake

import (
	"math"
	"strings"

	"github.com/gotd/td/tg"
)

// Words are what a channel's owner writes, by what it is: each stands where a post
// can have such a thing.
type Words struct {
	Text, Number, Hashtag, Phone, Mail, Address string
	Handle, Slug, FileName, Title, Name         string
}

// hostileAlbum is how many items the album of PostHostile has; Telegram's have ten.
const hostileAlbum = 200

// PostHostile posts what is made to break whoever reads it, an album among them, and
// says how many posts that are.
func (c *Channel) PostHostile(w Words) (posts int) {
	list := w.hostile()
	for _, m := range list {
		c.Post(m)
	}
	album := make([]tg.Message, hostileAlbum)
	for i := range album {
		album[i] = Text(w.Text)
	}
	c.PostAlbum(album)
	return len(list) + 1
}

// hostile are messages that are made to break whoever reads them.
func (w Words) hostile() []tg.Message {
	many := make([]tg.MessageEntityClass, 10_000)
	for i := range many {
		many[i] = &tg.MessageEntityTextURL{Offset: i % 7, Length: 1, URL: "https://" + w.Slug + ".example/" + w.Slug}
	}
	rows := make([]tg.KeyboardButtonRow, 300)
	for i := range rows {
		rows[i] = tg.KeyboardButtonRow{Buttons: []tg.KeyboardButtonClass{&tg.KeyboardButtonURL{Text: w.Text, URL: "https://[::1%25" + w.Handle + "]/\x00" + w.Slug}}}
	}
	marked := func(text string, entities ...tg.MessageEntityClass) tg.Message {
		return tg.Message{Message: text, Entities: entities}
	}
	forward := func(h tg.MessageFwdHeader) tg.Message { return tg.Message{Message: w.Text, FwdFrom: h} }
	file := &tg.Document{ID: math.MinInt64, AccessHash: -1, Date: math.MinInt32, Size: math.MaxInt64, MimeType: w.Mail, Attributes: []tg.DocumentAttributeClass{&tg.DocumentAttributeFilename{FileName: "../../" + w.FileName}}}
	return []tg.Message{
		marked(w.Text, &tg.MessageEntityURL{Offset: -5, Length: 3}, &tg.MessageEntityURL{Offset: math.MaxInt32, Length: math.MaxInt32}, &tg.MessageEntityURL{Offset: 1, Length: math.MinInt32}),
		marked("😀😀 "+w.Text, &tg.MessageEntityURL{Offset: 1, Length: 2}, &tg.MessageEntityPhone{Offset: 3, Length: 9000}),
		marked(w.Text+strings.Repeat("a", 100), many...),
		marked("\xff\xfe" + w.Phone + "\x00\u202e" + w.Mail + "\u200b\ufeff\U000e0001"),
		marked(strings.Repeat(w.Address, 3000)),
		{Message: w.Number, ReplyMarkup: &tg.ReplyInlineMarkup{Rows: rows}},
		{Message: w.Number, Date: 1},
		{Message: w.Number, Date: -1},
		{Message: w.Number, Date: math.MaxInt32},
		{Message: w.Number, EditDate: math.MinInt32, Views: math.MinInt32, Forwards: math.MaxInt32},
		{Message: w.Number, GroupedID: math.MinInt64, PostAuthor: w.Text, ViaBotID: math.MaxInt64},
		forward(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: math.MaxInt64}, ChannelPost: math.MinInt32, Date: math.MaxInt32, FromName: w.Text}),
		forward(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: -1}, Date: math.MinInt32, PostAuthor: w.Name}),
		forward(tg.MessageFwdHeader{FromID: &tg.PeerUser{UserID: math.MinInt64}}),
		{Message: w.Hashtag, Media: &tg.MessageMediaDocument{Document: file}},
		{Message: w.Hashtag, Media: &tg.MessageMediaPoll{Poll: tg.Poll{Question: tg.TextWithEntities{Text: w.Text, Entities: many[:50]}}}},
		{Message: w.Hashtag, Media: &tg.MessageMediaWebPage{Webpage: &tg.WebPage{URL: "javascript:" + w.Slug, DisplayURL: w.Slug, Title: w.Text, SiteName: w.Title}}},
	}
}
