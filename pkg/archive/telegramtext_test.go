package archive

import (
	"strings"
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func textMessage(members string) string {
	return channelExport(`{"id": 1, "type": "message", "date_unixtime": "1588334400", ` + members + `}`)
}

func TestTelegramText(t *testing.T) {
	for _, tc := range []struct {
		name, members, text string
		links               []string
	}{
		{"plain string", `"text": "hello"`, "hello", nil},
		{"empty", `"text": ""`, "", nil},
		{"missing", `"photo": "x"`, "", nil},
		{"mixed array", `"text": ["a ", {"type": "bold", "text": "b"}, " c"]`, "a b c", nil},
		{"entities win over text", `"text": "old", "text_entities": [{"type": "plain", "text": "new"}]`, "new", nil},
		{"empty entities leave the text", `"text": "old", "text_entities": [ ]`, "old", nil},
		{"entities before text", `"text_entities": [{"type": "link", "text": "a.example"}], "text": "x"`, "a.example", []string{"a.example"}},
		{
			"a link cut by bold is left to the text",
			`"text_entities": [{"type": "link", "text": "https://cards.ex"}, {"type": "bold", "text": "ample/x"}]`,
			"https://cards.example/x", nil,
		},
		{
			"a link cut into links is left to the text",
			`"text_entities": [{"type": "link", "text": "https://cards.ex"}, {"type": "link", "text": "ample/x"}]`,
			"https://cards.example/x", nil,
		},
		{
			"a bold word after a space does not cut",
			`"text_entities": [{"type": "link", "text": "https://cards.example/x"}, {"type": "bold", "text": " bold"}]`,
			"https://cards.example/x bold",
			[]string{"https://cards.example/x"},
		},
		{
			"Chinese beside a link does not cut",
			`"text_entities": [{"type": "bold", "text": "看"}, {"type": "link", "text": "https://cards.example/x"}]`,
			"看https://cards.example/x",
			[]string{"https://cards.example/x"},
		},
		{
			"a hidden link",
			`"text_entities": [{"type": "text_link", "text": "here", "href": "https:\/\/cards.example\/x"}]`,
			"here",
			[]string{"https://cards.example/x"},
		},
		{"control character as Telegram writes it", `"text": "a\x0Bb"`, "a\vb", nil},
		{"an escaped backslash before x", `"text": "a\\x0Bb"`, `a\x0Bb`, nil},
		{"both", `"text": "\\\x1F\\x1F"`, "\\\x1f\\x1F", nil},
		{"lone surrogate", `"text": "a\ud83db"`, "a\uFFFDb", nil},
		{"pair of surrogates", `"text": "\ud83d\ude00"`, "😀", nil},
		{"text of the wrong type", `"text": 5`, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, textMessage(tc.members), Options{})
			if len(r.posts) != 1 || len(result.Faults) > 0 {
				t.Fatalf("got %d posts, faults %v", len(r.posts), result.Faults)
			}
			if got := r.posts[0].GetText(); got != tc.text {
				t.Errorf("text %q, want %q", got, tc.text)
			}
			var links []string
			for _, l := range r.posts[0].GetLinks() {
				links = append(links, l.GetUrl())
			}
			diff(t, "links", links, tc.links)
		})
	}
}

func TestTelegramMendsEncoding(t *testing.T) {
	r, result := read(t, textMessage("\"text\": \"a\xffb\""), Options{})
	if got := r.posts[0].GetText(); got != "a\uFFFDb" {
		t.Errorf("text %q", got)
	}
	diff(t, "faults", classes(result), []Class{ClassMendedText})
}

func TestTelegramMedia(t *testing.T) {
	for _, tc := range []struct {
		name, members string
		kind          doxtrailv1.MediaKind
		size          int64
	}{
		{"photo", `"photo": "photos/secret_name.jpg", "photo_file_size": 5`, doxtrailv1.MediaKind_MEDIA_KIND_PHOTO, 5},
		{"file without a type", `"file": "files/secret_name.pdf", "file_name": "secret_name.pdf", "file_size": 6`, doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT, 6},
		{"sticker", `"file": "x", "media_type": "sticker"`, doxtrailv1.MediaKind_MEDIA_KIND_STICKER, 0},
		{"voice", `"file": "x", "media_type": "voice_message"`, doxtrailv1.MediaKind_MEDIA_KIND_AUDIO, 0},
		{"round film", `"file": "x", "media_type": "video_message"`, doxtrailv1.MediaKind_MEDIA_KIND_VIDEO, 0},
		{"animation", `"file": "x", "media_type": "animation"`, doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION, 0},
		{"poll", `"poll": {"question": "secret_name?", "answers": []}`, doxtrailv1.MediaKind_MEDIA_KIND_POLL, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _ := read(t, textMessage(tc.members), Options{})
			m := r.posts[0].GetMedia()
			if len(m) != 1 || m[0].GetKind() != tc.kind || m[0].GetSizeBytes() != tc.size || m[0].HasMediaId() {
				t.Errorf("got %v", m)
			}
			if strings.Contains(r.posts[0].String(), "secret_name") {
				t.Error("a file name got through")
			}
		})
	}
}

func TestTelegramContactIsCountedNotRead(t *testing.T) {
	r, _ := read(t, textMessage(`"contact_information": {"first_name": "secret_name", "phone_number": "+000"}`), Options{})
	if len(r.posts[0].GetPersonalData()) != 2 || strings.Contains(r.posts[0].String(), "secret_name") {
		t.Errorf("got %v", r.posts[0])
	}
}

func TestTelegramGroupAuthors(t *testing.T) {
	for _, tc := range []struct{ name, from, want string }{
		{"a person", `"user7"`, "7"},
		{"the group itself", `"channel1111"`, ""},
		{"another channel", `"channel7"`, "channel7"},
		{"nobody", `null`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			export := strings.Replace(textMessage(`"from": "P", "from_id": `+tc.from), "public_channel", "public_supergroup", 1)
			r, _ := read(t, export, Options{Groups: true})
			if got := r.posts[0].GetAccountId(); got != tc.want {
				t.Errorf("account %q, want %q", got, tc.want)
			}
			if got := r.posts[0].GetChannelKind(); got != doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP {
				t.Errorf("kind %v", got)
			}
		})
	}
}
