package preview

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// emptyPage is the preview of a channel without posts.
const emptyPage = `<!DOCTYPE html><html><body><div class="tgme_channel_info"></div><section class="tgme_channel_history"></section></body></html>`

var readAt = time.Date(2020, 5, 2, 0, 0, 0, 0, time.UTC)

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// harbour parses testdata/harbour.html, which has one message of each kind.
func harbour(t *testing.T) Page {
	t.Helper()
	f, err := os.Open("testdata/harbour.html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, err := Parse(f, "HarbourWatch", readAt)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestPage(t *testing.T) {
	page := harbour(t)
	var ids []string
	for _, post := range page.Posts {
		ids = append(ids, post.GetPostId())
		if post.GetChannelName() != "harbourwatch" || post.HasChannelId() || post.GetCollectedAt() != readAt.UnixMilli() {
			t.Errorf("post %s: identity %q, read %d", post.GetPostId(), post.GetChannelName(), post.GetCollectedAt())
		}
	}
	diff(t, "posts", ids, []string{"102", "103", "104", "105", "106", "107", "110", "111"})
	diff(t, "listed", page.listed, []int{101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112})
	diff(t, "edited", page.Edited, []int{102})
	if page.Before != 101 || page.Audience != 1250 || page.ChannelID != "1234567" || !page.whole {
		t.Errorf("before %d, audience %d, channel %q, whole %v", page.Before, page.Audience, page.ChannelID, page.whole)
	}
}

// Names of persons, titles, quotes and file names stand in the page as CANARY.
func TestPageKeepsNoNames(t *testing.T) {
	page := harbour(t)
	for _, post := range page.Posts {
		text, err := protojson.Marshal(post)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{"canary", "cdn.example", "about.example", "pinned.example", "quote.example", "inside.example", "telegram.example"} {
			if strings.Contains(strings.ToLower(string(text)), canary) {
				t.Errorf("post %s holds %s: %s", post.GetPostId(), canary, text)
			}
		}
	}
	content, err := os.ReadFile("testdata/harbour.html")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(content), "CANARY") < 25 {
		t.Error("the page has lost its canaries")
	}
}

func link(url string, source doxtrailv1.LinkSource) *doxtrailv1.RawLink {
	return doxtrailv1.RawLink_builder{Url: &url, Source: &source, ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE.Enum()}.Build()
}

func media(kinds ...doxtrailv1.MediaKind) (all []*doxtrailv1.RawMedia) {
	for _, kind := range kinds {
		all = append(all, doxtrailv1.RawMedia_builder{Kind: &kind}.Build())
	}
	return all
}

// share takes the parts of a share in the order channel, post.
func share(kind doxtrailv1.ShareKind, parts ...string) *doxtrailv1.RawShare {
	s := doxtrailv1.RawShare_builder{Kind: &kind}.Build()
	if len(parts) == 2 {
		s.SetChannelName(parts[0])
		s.SetPostId(parts[1])
	}
	return s
}

func person() *doxtrailv1.RawShare {
	s := share(doxtrailv1.ShareKind_SHARE_KIND_FORWARD)
	s.SetIsPerson(true)
	return s
}

func views(n int64) *doxtrailv1.Counters {
	return doxtrailv1.Counters_builder{ViewCount: &n}.Build()
}

func TestPosts(t *testing.T) {
	const (
		entity   = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
		textLink = doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK
		photo    = doxtrailv1.MediaKind_MEDIA_KIND_PHOTO
		video    = doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	)
	want := []doxtrailv1.RawPost_builder{
		{
			PostId: proto.String("102"), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588334407000),
			Text: proto.String("新卡 🔥 看这里\n\ncard: https://cards.example/a\nbare: mirror.example/b\n字: https://cards.example/卡\n" +
				"hidden here and https://cards.example/y\nbehind a mention @harbourfriend, a mention @harbourfriend\n" +
				"#harbour post@mail.example +000 0000 0000 someone no post"),
			Links: []*doxtrailv1.RawLink{
				link("https://cards.example/a", entity), link("mirror.example/b/", entity), link("https://cards.example/%E5%8D%A1", entity),
				link("https://hidden.example/x?a=1&b=2", textLink), link("https://evil.example/y", textLink),
				link("https://disguised.example/z", textLink), link("tg://resolve?domain=harbourfriend&post=9", textLink),
			},
			Counters: views(1200),
			PersonalData: []*doxtrailv1.PersonalData{
				doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE.Enum(), Count: proto.Uint32(1)}.Build(),
				doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL.Enum(), Count: proto.Uint32(1)}.Build(),
			},
		},
		{
			PostId: proto.String("103"), Kind: doxtrailv1.PostKind_POST_KIND_FORWARD.Enum(), PostedAt: proto.Int64(1588334460000),
			Text:     proto.String("forwarded\nquoted\ntwice\nafter\ncode\nof two lines"),
			Links:    []*doxtrailv1.RawLink{link("https://preview.example/p", doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW)},
			Shares:   []*doxtrailv1.RawShare{share(doxtrailv1.ShareKind_SHARE_KIND_FORWARD, "harbourother", "77")},
			Counters: views(12_500_000),
		},
		{
			PostId: proto.String("104"), Kind: doxtrailv1.PostKind_POST_KIND_FORWARD.Enum(), PostedAt: proto.Int64(1588334520000),
			Text: proto.String("from a person"), Shares: []*doxtrailv1.RawShare{person()}, Counters: views(999),
		},
		{
			PostId: proto.String("105"), Kind: doxtrailv1.PostKind_POST_KIND_FORWARD.Enum(), PostedAt: proto.Int64(1588334580000),
			Text:   proto.String("hidden, and a reply"),
			Shares: []*doxtrailv1.RawShare{share(doxtrailv1.ShareKind_SHARE_KIND_REPLY, "harbourwatch", "102"), person()},
		},
		{
			PostId: proto.String("106"), Kind: doxtrailv1.PostKind_POST_KIND_REPLY.Enum(), PostedAt: proto.Int64(1588334640000),
			Text:     proto.String("a reply with a button"),
			Links:    []*doxtrailv1.RawLink{link("https://button.example/c", doxtrailv1.LinkSource_LINK_SOURCE_BUTTON)},
			Shares:   []*doxtrailv1.RawShare{share(doxtrailv1.ShareKind_SHARE_KIND_REPLY, "harbourother", "12")},
			Media:    media(photo),
			Counters: doxtrailv1.Counters_builder{ViewCount: proto.Int64(31), ReactionCount: proto.Int64(1125)}.Build(),
		},
		{
			PostId: proto.String("107"), ItemIds: []string{"108", "109"}, Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588334700000),
			Text: proto.String("an album"), Media: media(video, photo, photo), Counters: views(5),
		},
		{
			PostId: proto.String("110"), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588334760000),
			Media: media(doxtrailv1.MediaKind_MEDIA_KIND_POLL), Counters: views(12_345),
		},
		{
			PostId: proto.String("111"), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588334820000),
			Media: media(
				doxtrailv1.MediaKind_MEDIA_KIND_DOCUMENT, doxtrailv1.MediaKind_MEDIA_KIND_AUDIO, doxtrailv1.MediaKind_MEDIA_KIND_STICKER,
				doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION, video, doxtrailv1.MediaKind_MEDIA_KIND_AUDIO,
			),
			Counters: views(0),
			PersonalData: []*doxtrailv1.PersonalData{
				doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE.Enum(), Count: proto.Uint32(1)}.Build(),
				doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME.Enum(), Count: proto.Uint32(1)}.Build(),
			},
			Flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_VIA_BOT},
		},
	}
	page := harbour(t)
	for i, b := range want {
		if i >= len(page.Posts) {
			t.Fatalf("only %d posts", len(page.Posts))
		}
		b.ChannelName = proto.String("harbourwatch")
		b.ChannelKind = doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL.Enum()
		b.CollectedAt = proto.Int64(readAt.UnixMilli())
		diff(t, "post "+*b.PostId, page.Posts[i], b.Build())
	}
}

func TestOtherPages(t *testing.T) {
	const post = `<div class="tgme_widget_message" data-post="harbourelse/5"><div class="js-message_text">x</div><time datetime="2020-05-01T12:00:00+00:00"></time></div>`
	for _, tc := range []struct {
		name, content string
		want          error
	}{
		{
			"a name that is free",
			`<html><head><title>Telegram: Contact @harbourwatch</title></head><body><div class="tgme_page_wrap"><div class="tgme_body_wrap"><div class="tgme_page"><div class="tgme_page_description">If you have Telegram, you can contact @harbourwatch right away.</div></div></div></div></body></html>`,
			ErrNoPreview,
		},
		{
			"a group",
			`<html><head><title>Telegram: View @harbourwatch</title></head><body><div class="tgme_page_wrap"><div class="tgme_page"><div class="tgme_page_title"><span dir="auto">Harbour</span></div><div class="tgme_page_extra">2 835 members, 51 online</div></div></div></body></html>`,
			ErrNoPreview,
		},
		{"a card of another form", `<html><head><title>Telegram: Contact @harbourwatch</title></head><body></body></html>`, ErrNoPreview},
		{"a captcha", `<html><title>Just a moment...</title><body><div id="challenge-form">Are you a person?</div></body></html>`, ErrChallenge},
		{"too many requests", `<html><body><h1>Too Many Requests</h1></body></html>`, ErrChallenge},
		{"words", `tgme_widget_message data-post="harbourwatch/5"`, ErrChallenge},
		{"nothing", ``, ErrChallenge},
		{"nested without end", strings.Repeat("<div>", 1000), ErrChallenge},
		{"another channel", `<html><section class="tgme_channel_history">` + post + `</section></html>`, ErrOtherName},
		{"too large", strings.Repeat(" ", maxPage+1), ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			page, err := Parse(strings.NewReader(tc.content), "harbourwatch", readAt)
			if !errors.Is(err, tc.want) || len(page.Posts) > 0 || len(page.listed) > 0 {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := Parse(iotest.ErrReader(io.ErrUnexpectedEOF), "harbourwatch", readAt); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyChannel(t *testing.T) {
	page, err := Parse(strings.NewReader(emptyPage), "harbourwatch", readAt)
	if err != nil || len(page.Posts) > 0 || page.Before != 0 || page.Audience != -1 || page.ChannelID != "" {
		t.Errorf("got %+v, %v", page, err)
	}
}

// A page that breaks off gives the posts it has; one without its time is listed,
// so that it is not taken for deleted.
func TestABrokenPage(t *testing.T) {
	content, err := os.ReadFile("testdata/harbour.html")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(content), "from a person</div>")
	page, err := Parse(strings.NewReader(string(content[:at])), "harbourwatch", readAt)
	if err != nil || len(page.Posts) != 2 || page.whole {
		t.Fatalf("got %d posts, whole %v, %v", len(page.Posts), page.whole, err)
	}
	if !page.Lists(104) || page.Post(104) != nil || page.Lists(105) {
		t.Error("what is listed is not what the page shows")
	}
}

func TestPageBefore(t *testing.T) {
	const post = `<div class="tgme_widget_message" data-post="harbourwatch/50"></div>`
	for _, tc := range []struct {
		name, head, body string
		want             int
	}{
		{"from the head", `<link rel="prev" href="/s/harbourwatch?before=50">`, post, 50},
		{"from the button", ``, `<a class="tme_messages_more" data-before="49"></a>` + post, 49},
		{"from the button's address", ``, `<a class="tme_messages_more" href="/s/harbourwatch?before=48"></a>` + post, 48},
		{"the page itself", `<link rel="canonical" href="/s/harbourwatch?before=50">`, post, 0},
		{"newer posts", ``, post + `<a class="tme_messages_more" href="/s/harbourwatch?after=50" data-after="50"></a>`, 0},
		{"not further than the page", `<link rel="prev" href="/s/harbourwatch?before=90">`, post, 50},
		{"nothing before the first post", `<link rel="prev" href="/s/harbourwatch?before=1">`, post, 0},
		{"no number", `<link rel="prev" href="/s/harbourwatch?before=99999999999">`, post, 0},
		{"no posts here", `<link rel="prev" href="/s/harbourwatch?before=70">`, `<div class="tgme_channel_history"></div>`, 70},
	} {
		t.Run(tc.name, func(t *testing.T) {
			page, err := Parse(strings.NewReader("<html><head>"+tc.head+"</head><body>"+tc.body+"</body></html>"), "harbourwatch", readAt)
			if err != nil || page.Before != tc.want {
				t.Errorf("got %d, %v", page.Before, err)
			}
		})
	}
}

func TestPageChannelID(t *testing.T) {
	for _, tc := range []struct {
		name  string
		views []string
		want  string
	}{
		{"one", []string{"eyJjIjotMTIzfQ", "eyJjIjotMTIzfQ=="}, "123"},
		{"two that disagree", []string{"eyJjIjotMTIzfQ", "eyJjIjotMTI0fQ", "eyJjIjotMTIzfQ"}, ""},
		{"a person's", []string{"eyJjIjoxMjN9"}, ""},
		{"none", []string{"", "x", "e30"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b strings.Builder
			for _, view := range tc.views {
				b.WriteString(`<div class="tgme_widget_message" data-post="harbourwatch/5" data-view="` + view + `"></div>`)
			}
			page, err := Parse(strings.NewReader(b.String()), "harbourwatch", readAt)
			if err != nil || page.ChannelID != tc.want {
				t.Errorf("got %q, %v", page.ChannelID, err)
			}
		})
	}
}

func TestRounded(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "999": 999, "1.2K": 1200, "12.5M": 12_500_000, "1.25B": 1_250_000_000, "24M": 24_000_000, "55.2k": 55_200,
		"12 345": 12_345, "12\u202f345": 12_345, "12\u00a0345": 12_345, "1,234": 1234, " 7\n": 7, "4.35K": 4350,
		"": -1, "K": -1, "-5": -1, "1e9": -1, "1.2.3": -1, "NaN": -1, "x": -1, "9999999999999999": -1, "0x10": -1, "5 views": -1,
	} {
		if got := rounded(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
