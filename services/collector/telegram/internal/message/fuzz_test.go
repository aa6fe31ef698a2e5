package message

import (
	"slices"
	"testing"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// FuzzPost reads messages as they come over the network. Whatever they hold, a
// record stays within its bounds, and what nobody said stays here.
func FuzzPost(f *testing.F) {
	photo := &tg.Message{ID: 5, PeerID: &tg.PeerChannel{ChannelID: 1111}, Date: posted, Message: "新卡 cards.example/a"}
	photo.SetMedia(&tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 7, Sizes: []tg.PhotoSizeClass{&tg.PhotoStrippedSize{Type: "i", Bytes: stripped(f, shades(40, 30))}}}})
	var b bin.Buffer
	if err := photo.Encode(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Buf)
	f.Fuzz(func(t *testing.T, data []byte) {
		items := decoded(data)
		if len(items) == 0 {
			return
		}
		canaries := map[string]string{}
		for _, m := range items {
			for value, name := range stamp(m, "", func(name string) bool { return !slices.Contains(said, name) }) {
				canaries[value] = name
			}
		}
		for _, kind := range []doxtrailv1.ChannelKind{doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL, doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP} {
			channel := invented()
			channel.Kind = kind
			for _, album := range append(Albums(items), items) {
				faults, _ := leaks(Post(channel, album, readAt()), canaries)
				for _, fault := range faults {
					t.Error(fault)
				}
				for _, source := range Sources(album) {
					if source.ID == 0 && source.Name == "" || source.ID == somebody {
						t.Errorf("source %v", source)
					}
				}
			}
		}
		for _, m := range items {
			Counters(invented(), m)
			Restrictions(m.RestrictionReason)
		}
	})
}

// maxFuzzed bounds the messages of one input.
const maxFuzzed = 20

// decoded gives the messages at the head of some bytes. What gotd cannot decode
// never comes here.
func decoded(data []byte) (items []*tg.Message) {
	b := &bin.Buffer{Buf: data}
	for len(items) < maxFuzzed {
		m := &tg.Message{}
		if err := m.Decode(b); err != nil {
			return items
		}
		items = append(items, m)
	}
	return items
}
