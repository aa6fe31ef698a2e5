package message

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// TestReadLiveOrFromAnExport reads one post both ways and compares all that an
// export knows of it.
func TestReadLiveOrFromAnExport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]doxtrailv1.ChannelKind{
			doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL, doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP,
		}).Draw(t, "kind")
		m := &tg.Message{ID: rapid.IntRange(1, 1<<31-1).Draw(t, "id"), Date: posted}
		exported := map[string]any{"id": m.ID, "type": "message", "date_unixtime": strconv.Itoa(m.Date)}
		for _, draw := range []func(*rapid.T, *tg.Message, map[string]any){drawText, drawAuthor, drawShares, drawFile, drawRest} {
			draw(t, m, exported)
		}
		if kind == doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL {
			// There the export names who signed, which is not kept of a live post.
			m.FromID = nil
			exported["from_id"] = "channel1111"
		}
		channel := invented()
		channel.Kind = kind
		live := Post(channel, []*tg.Message{m}, readAt())
		forgetWhatExportsLack(live, m)
		if d := cmp.Diff(readExport(t, kind, exported), live, protocmp.Transform()); d != "" {
			t.Fatalf("export -, live +:\n%s", d)
		}
	})
}

// forgetWhatExportsLack takes away what Telegram Desktop leaves out.
func forgetWhatExportsLack(live *doxtrailv1.RawPost, m *tg.Message) {
	live.ClearCollectedAt()
	for _, s := range live.GetShares() {
		if s.GetKind() != doxtrailv1.ShareKind_SHARE_KIND_FORWARD {
			continue
		}
		s.ClearPostId()
		s.ClearPostedAt()
		if m.FwdFrom.FromID == nil {
			// A name without an id is a person live; in exports of before 2021
			// channels have none either.
			s.ClearIsPerson()
		}
	}
	for _, f := range live.GetMedia() {
		f.ClearMediaId()
	}
}

// readExport reads the one message of an export.
func readExport(t *rapid.T, kind doxtrailv1.ChannelKind, message map[string]any) *doxtrailv1.RawPost {
	public := "public_channel"
	if kind == doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP {
		public = "public_supergroup"
	}
	record, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf(`{"name": "Invented", "type": %q, "id": 1111, "messages": [%s]}`, public, record)
	var only onlyPost
	for source, err := range archive.Open([]string{"-"}, strings.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Read(context.Background(), source, archive.Options{Groups: true}, &only); err != nil {
			t.Fatal(err)
		}
	}
	if only.post == nil {
		t.Fatalf("the export was not read: %s", file)
	}
	return only.post
}

// onlyPost keeps the one post of a file.
type onlyPost struct{ post *doxtrailv1.RawPost }

func (o *onlyPost) Look(archive.Look) error              { return nil }
func (o *onlyPost) Channel(*doxtrailv1.RawChannel) error { return nil }
func (o *onlyPost) Post(_ uint64, post *doxtrailv1.RawPost) error {
	o.post = proto.CloneOf(post)
	return nil
}

// drawText draws a text in pieces, as an export writes it.
func drawText(t *rapid.T, m *tg.Message, exported map[string]any) {
	pieces := []any{}
	for range rapid.IntRange(0, 6).Draw(t, "pieces") {
		words := rapid.SampledFrom([]string{"新卡 ", "see", " ", "😀", "cards.example/a", "https://x.example", "+000 0000", "。"}).Draw(t, "words")
		kind := rapid.SampledFrom([]string{"plain", "bold", "link", "text_link", "phone", "email", "bank_card", "mention", "mention_name"}).Draw(t, "entity")
		offset, length := len(utf16.Encode([]rune(m.Message))), len(utf16.Encode([]rune(words)))
		m.Message += words
		piece := map[string]any{"type": kind, "text": words}
		switch kind {
		case "bold":
			m.Entities = append(m.Entities, &tg.MessageEntityBold{Offset: offset, Length: length})
		case "link":
			m.Entities = append(m.Entities, &tg.MessageEntityURL{Offset: offset, Length: length})
		case "text_link":
			m.Entities = append(m.Entities, &tg.MessageEntityTextURL{Offset: offset, Length: length, URL: "https://hidden.example/新"})
			piece["href"] = "https://hidden.example/新"
		case "phone":
			m.Entities = append(m.Entities, &tg.MessageEntityPhone{Offset: offset, Length: length})
		case "email":
			m.Entities = append(m.Entities, &tg.MessageEntityEmail{Offset: offset, Length: length})
		case "bank_card":
			m.Entities = append(m.Entities, &tg.MessageEntityBankCard{Offset: offset, Length: length})
		case "mention":
			m.Entities = append(m.Entities, &tg.MessageEntityMention{Offset: offset, Length: length})
		case "mention_name":
			m.Entities = append(m.Entities, &tg.MessageEntityMentionName{Offset: offset, Length: length, UserID: 42})
			piece["user_id"] = 42
		}
		pieces = append(pieces, piece)
	}
	exported["text"], exported["text_entities"] = m.Message, pieces
}

// drawPeer draws who somebody is, and how an export writes it.
func drawPeer(t *rapid.T, what string) (tg.PeerClass, string) {
	id := rapid.Int64Range(1, 1<<40).Draw(t, what)
	switch rapid.SampledFrom([]string{"user", "channel", "chat"}).Draw(t, what) {
	case "user":
		return &tg.PeerUser{UserID: id}, fmt.Sprintf("user%d", id)
	case "chat":
		return &tg.PeerChat{ChatID: id}, fmt.Sprintf("chat%d", id)
	default:
		return &tg.PeerChannel{ChannelID: id}, fmt.Sprintf("channel%d", id)
	}
}

func drawAuthor(t *rapid.T, m *tg.Message, exported map[string]any) {
	m.FromID, exported["from_id"] = &tg.PeerChannel{ChannelID: 1111}, "channel1111"
	if rapid.Bool().Draw(t, "author") {
		m.FromID, exported["from_id"] = drawPeer(t, "from")
	}
	exported["from"] = "Some Name"
	m.PostAuthor, exported["author"] = "Some Name", "Some Name"
}

func drawShares(t *rapid.T, m *tg.Message, exported map[string]any) {
	switch rapid.SampledFrom([]string{"none", "known", "hidden"}).Draw(t, "forward") {
	case "known":
		from, written := drawPeer(t, "origin")
		m.FwdFrom = tg.MessageFwdHeader{FromID: from, ChannelPost: 5, Date: posted - 60}
		exported["forwarded_from"], exported["forwarded_from_id"] = "Some Title", written
	case "hidden":
		m.FwdFrom = tg.MessageFwdHeader{FromName: "Some Name", Date: posted - 60}
		exported["forwarded_from"] = "Some Name"
	}
	if !rapid.Bool().Draw(t, "reply") {
		return
	}
	reply := &tg.MessageReplyHeader{ReplyToMsgID: rapid.IntRange(1, 1<<31-1).Draw(t, "reply to")}
	exported["reply_to_message_id"] = reply.ReplyToMsgID
	if rapid.Bool().Draw(t, "elsewhere") {
		reply.ReplyToPeerID, exported["reply_to_peer_id"] = drawPeer(t, "where")
	}
	m.ReplyTo = reply
}

func drawFile(t *rapid.T, m *tg.Message, exported map[string]any) {
	size := rapid.Int64Range(1, 1<<30).Draw(t, "size")
	file := func(kind string, attributes ...tg.DocumentAttributeClass) {
		m.Media = &tg.MessageMediaDocument{Document: &tg.Document{ID: 7, Size: size, MimeType: "x/y", Attributes: append(attributes, &tg.DocumentAttributeFilename{FileName: "some_name.pdf"})}}
		exported["file"], exported["file_name"], exported["file_size"] = "(File not included.)", "some_name.pdf", size
		if kind != "" {
			exported["media_type"] = kind
		}
	}
	switch rapid.SampledFrom([]string{"none", "photo", "file", "sticker", "round", "voice", "animation", "video", "audio", "poll", "contact"}).Draw(t, "file") {
	case "photo":
		m.Media = &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: 7, Sizes: []tg.PhotoSizeClass{&tg.PhotoSize{Size: 1}, &tg.PhotoSizeProgressive{Sizes: []int{1, int(size)}}}}}
		exported["photo"], exported["photo_file_size"] = "(File not included.)", size
	case "file":
		file("")
	case "sticker":
		file("sticker", &tg.DocumentAttributeSticker{Alt: "x"})
	case "round":
		file("video_message", &tg.DocumentAttributeVideo{RoundMessage: true})
	case "voice":
		file("voice_message", &tg.DocumentAttributeAudio{Voice: true})
	case "animation":
		file("animation", &tg.DocumentAttributeVideo{}, &tg.DocumentAttributeAnimated{})
	case "video":
		file("video_file", &tg.DocumentAttributeVideo{})
	case "audio":
		file("audio_file", &tg.DocumentAttributeAudio{Title: "x", Performer: "Some Name"})
	case "poll":
		// Its words come on top live; an export's are not read.
		m.Media = &tg.MessageMediaPoll{}
		exported["poll"] = map[string]any{"question": "", "answers": []any{}}
	case "contact":
		m.Media = &tg.MessageMediaContact{FirstName: "Some", LastName: "Name", PhoneNumber: "+000", UserID: 42}
		exported["contact_information"] = map[string]any{"first_name": "Some", "last_name": "Name", "phone_number": "+000"}
	}
}

func drawRest(t *rapid.T, m *tg.Message, exported map[string]any) {
	if rapid.Bool().Draw(t, "edited") {
		m.EditDate = posted + rapid.IntRange(-2, 60).Draw(t, "after")
		exported["edited_unixtime"] = strconv.Itoa(m.EditDate)
	}
	if rapid.Bool().Draw(t, "via a bot") {
		m.ViaBotID, exported["via_bot"] = 42, "@inventedbot"
	}
	if rapid.Bool().Draw(t, "buttons") {
		m.ReplyMarkup = &tg.ReplyInlineMarkup{Rows: []tg.KeyboardButtonRow{{Buttons: []tg.KeyboardButtonClass{
			&tg.KeyboardButtonURL{URL: "https://a.example"}, &tg.KeyboardButtonCallback{Data: []byte("x")}, &tg.KeyboardButtonURLAuth{URL: "https://b.example"},
			&tg.KeyboardButtonWebView{URL: "https://c.example"}, &tg.KeyboardButtonSimpleWebView{URL: "https://d.example"},
		}}}}
		exported["inline_bot_buttons"] = []any{[]any{
			map[string]any{"type": "url", "data": "https://a.example"},
			map[string]any{"type": "callback", "data": "x"},
			map[string]any{"type": "auth", "data": "https://b.example"},
			map[string]any{"type": "web_view", "data": "https://c.example"},
			map[string]any{"type": "simple_web_view", "data": "https://d.example"},
		}}
	}
	if n := rapid.IntRange(0, 5).Draw(t, "reactions"); n > 0 {
		m.Reactions = tg.MessageReactions{Results: []tg.ReactionCount{{Count: n}, {Count: 1}}}
		exported["reactions"] = []any{map[string]any{"type": "emoji", "count": n, "emoji": "x"}, map[string]any{"type": "paid", "count": 1}}
	}
}
