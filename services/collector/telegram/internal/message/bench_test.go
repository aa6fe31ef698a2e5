package message

import (
	"strings"
	"testing"

	"github.com/gotd/td/tg"
)

// BenchmarkPost measures a text of one kilobyte, plain and with what a post that
// spreads a card has.
func BenchmarkPost(b *testing.B) {
	channel := invented()
	plain := &tg.Message{ID: 5, Date: posted, Message: strings.Repeat("新卡 see here ", 60), Views: 7}
	rich := *plain
	rich.Entities = []tg.MessageEntityClass{
		&tg.MessageEntityTextURL{Offset: 7, Length: 4, URL: "https://cards.example/a"},
		&tg.MessageEntityURL{Offset: 600, Length: 4},
	}
	rich.FwdFrom = tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: 9}, ChannelPost: 4, Date: posted - 100}
	photo := rich
	photo.Media = &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 77, Sizes: []tg.PhotoSizeClass{&tg.PhotoStrippedSize{Bytes: stripped(b, shades(40, 30))}}}}
	for _, c := range []struct {
		name string
		m    *tg.Message
	}{{"plain", plain}, {"links", &rich}, {"photo", &photo}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			items := []*tg.Message{c.m}
			for b.Loop() {
				Post(channel, items, readAt())
			}
		})
	}
}
