package main

import (
	"math"
	"strings"
	"testing"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// Whoever owns a channel writes all of it. None of that stops the collector, each
// post is a row or an entry on FAILED, and nothing of it can be read afterwards.
func TestAHostileChannelIsRead(t *testing.T) {
	t.Parallel()
	people := privacytest.New(59, 1)
	p := people.Persons[0]
	s := newLive(t, liveChannel{p.Handle, p.Title}, harbours(1)[0])
	w := newLiveWatch(s, people.Canaries())
	t.Cleanup(func() { w.leaks.report(t) })
	for _, m := range hostile(p) {
		s.channels[0].Post(m)
	}
	album := make([]tg.Message, 200)
	for i := range album {
		album[i] = fake.Text(p.Chinese)
	}
	s.channels[0].PostAlbum(album)
	s.channels[1].Post(fake.Text("a post of somebody else"))
	s.mustLogin()
	stop := w.up()
	s.channels[0].Post(fake.Text("the last " + p.Chinese))
	// With the album, the last one and the other channel's.
	s.eventually("all are rows", func() bool { return len(s.rows().posts) == len(hostile(p))+3 })
	w.succeed("status", "status")
	if list := w.succeed("deadletters list", "deadletters", "list"); strings.Contains(list, "coverage") {
		t.Errorf("one post voids the report of its page:\n%s", list)
	}
	w.succeed("channels proposed", "channels", "proposed", "--all")
	w.pages()
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	w.records("streams")
}

// hostile are posts that are made to break whoever reads them.
func hostile(p privacytest.Person) []tg.Message {
	many := make([]tg.MessageEntityClass, 10_000)
	for i := range many {
		many[i] = &tg.MessageEntityTextURL{Offset: i % 7, Length: 1, URL: "https://" + p.Slug + ".example/" + p.Slug}
	}
	rows := make([]tg.KeyboardButtonRow, 300)
	for i := range rows {
		rows[i] = tg.KeyboardButtonRow{Buttons: []tg.KeyboardButtonClass{&tg.KeyboardButtonURL{Text: p.Chinese, URL: "https://[::1%25" + p.Handle + "]/\x00" + p.Slug}}}
	}
	marked := func(text string, entities ...tg.MessageEntityClass) tg.Message {
		return tg.Message{Message: text, Entities: entities}
	}
	forward := func(h tg.MessageFwdHeader) tg.Message { return tg.Message{Message: p.Chinese, FwdFrom: h} }
	file := &tg.Document{ID: math.MinInt64, AccessHash: -1, Date: math.MinInt32, Size: math.MaxInt64, MimeType: p.Mail, Attributes: []tg.DocumentAttributeClass{&tg.DocumentAttributeFilename{FileName: "../../" + p.FileName}}}
	return []tg.Message{
		marked(p.Chinese, &tg.MessageEntityURL{Offset: -5, Length: 3}, &tg.MessageEntityURL{Offset: math.MaxInt32, Length: math.MaxInt32}, &tg.MessageEntityURL{Offset: 1, Length: math.MinInt32}),
		marked("😀😀 "+p.Chinese, &tg.MessageEntityURL{Offset: 1, Length: 2}, &tg.MessageEntityPhone{Offset: 3, Length: 9000}),
		marked(p.Chinese+strings.Repeat("a", 100), many...),
		marked("\xff\xfe" + p.Phone + "\x00\u202e" + p.Mail + "\u200b\ufeff\U000e0001"),
		marked(strings.Repeat(p.Address, 3000)),
		{Message: p.HKID, ReplyMarkup: &tg.ReplyInlineMarkup{Rows: rows}},
		{Message: p.HKID, Date: 1},
		{Message: p.HKID, Date: -1},
		{Message: p.HKID, Date: math.MaxInt32},
		{Message: p.HKID, EditDate: math.MinInt32, Views: math.MinInt32, Forwards: math.MaxInt32},
		{Message: p.HKID, GroupedID: math.MinInt64, PostAuthor: p.Chinese, ViaBotID: math.MaxInt64},
		forward(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: math.MaxInt64}, ChannelPost: math.MinInt32, Date: math.MaxInt32, FromName: p.Chinese}),
		forward(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: -1}, Date: math.MinInt32, PostAuthor: p.Romanised()}),
		forward(tg.MessageFwdHeader{FromID: &tg.PeerUser{UserID: math.MinInt64}}),
		{Message: p.Hashtag, Media: &tg.MessageMediaDocument{Document: file}},
		{Message: p.Hashtag, Media: &tg.MessageMediaPoll{Poll: tg.Poll{Question: tg.TextWithEntities{Text: p.Chinese, Entities: many[:50]}}}},
		{Message: p.Hashtag, Media: &tg.MessageMediaWebPage{Webpage: &tg.WebPage{URL: "javascript:" + p.Slug, DisplayURL: p.Slug, Title: p.Chinese, SiteName: p.Title}}},
	}
}
