package preview

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// parts wraps the parts of a message into a page and returns its post.
func parts(t *testing.T, inner string) *doxtrailv1.RawPost {
	t.Helper()
	page, err := Parse(strings.NewReader(wrapped(inner)), "harbourwatch", readAt)
	if err != nil || len(page.Posts) != 1 {
		t.Fatalf("got %d posts, %v", len(page.Posts), err)
	}
	return page.Posts[0]
}

func wrapped(inner string) string {
	return `<html><body><section class="tgme_channel_history"><div class="tgme_widget_message" data-post="harbourwatch/5">` + inner +
		`<a class="tgme_widget_message_date"><time datetime="2020-05-01T12:00:00+00:00" class="time"></time></a></div></section></body></html>`
}

func TestForwardOrigins(t *testing.T) {
	for _, tc := range []struct {
		name, origin  string
		channel, post string
		id            string
		person        bool
	}{
		{"a channel's post", `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/HarbourOther/77"></a>`, "HarbourOther", "77", "", false},
		{"an item of an album", `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/HarbourOther/77?single"></a>`, "HarbourOther", "77", "", false},
		{"a private channel's post", `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/c/1234/77"></a>`, "", "77", "1234", false},
		{"a person's account", `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/harbourperson"></a>`, "", "", "", true},
		{"somebody who hides", `<span class="tgme_widget_message_forwarded_from_name">Invented</span>`, "", "", "", true},
		{"nobody", ``, "", "", "", true},
		{"elsewhere", `<a class="tgme_widget_message_forwarded_from_name" href="https://x.com/harbourother/status/77"></a>`, "", "", "", true},
		{"an invitation", `<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/+aaaaaaaaaaaa"></a>`, "", "", "", true},
		{"a broken address", `<a class="tgme_widget_message_forwarded_from_name" href="https://%zz/1"></a>`, "", "", "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			post := parts(t, `<div class="tgme_widget_message_forwarded_from">Forwarded from `+tc.origin+`</div>`)
			want := doxtrailv1.RawShare_builder{Kind: doxtrailv1.ShareKind_SHARE_KIND_FORWARD.Enum()}
			for to, value := range map[**string]string{&want.ChannelName: tc.channel, &want.PostId: tc.post, &want.ChannelId: tc.id} {
				if value != "" {
					*to = &value
				}
			}
			if tc.person {
				want.IsPerson = proto.Bool(true)
			}
			diff(t, "shares", post.GetShares(), []*doxtrailv1.RawShare{want.Build()})
			if post.GetKind() != doxtrailv1.PostKind_POST_KIND_FORWARD {
				t.Errorf("kind %v", post.GetKind())
			}
		})
	}
}

func TestLinksOfAText(t *testing.T) {
	const (
		entity   = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
		textLink = doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK
	)
	for _, tc := range []struct {
		name, text string
		want       []*doxtrailv1.RawLink
	}{
		{"as shown", `<a href="https://cards.example/a">https://cards.example/a</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", entity)}},
		{"with a part in bold", `<a href="https://cards.example/a">https://<b>cards</b>.example/a</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", entity)}},
		{"without a scheme", `<a href="http://cards.example/a">cards.example/a</a>`, []*doxtrailv1.RawLink{link("cards.example/a", entity)}},
		{"behind words", `<a href="https://cards.example/a">here</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", textLink)}},
		{"behind nothing", `<a href="https://cards.example/a"></a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", textLink)}},
		{"behind another address", `<a href="https://cards.example/a">https://other.example</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", textLink)}},
		{"without a protocol", `<a href="//cards.example/a">here</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a", textLink)}},
		{"with escapes of the page", `<a href="https://cards.example/a?x=1&amp;y=2">here</a>`, []*doxtrailv1.RawLink{link("https://cards.example/a?x=1&y=2", textLink)}},
		{
			"put into the page for quick reading by Telegram",
			`<a href="https://t.me/iv?url=https%3A%2F%2Fcards.example%2Fa&amp;rhash=1">https://cards.example/a</a>`,
			[]*doxtrailv1.RawLink{link("https://cards.example/a", entity)},
		},
		{
			"put into the page for quick reading by who posted",
			`<a href="https://t.me/iv?url=https%3A%2F%2Fcards.example%2Fa">here</a>`,
			[]*doxtrailv1.RawLink{link("https://t.me/iv?url=https%3A%2F%2Fcards.example%2Fa", textLink)},
		},
		{"to a post", `<a href="https://t.me/harbourother/7">here</a>`, []*doxtrailv1.RawLink{link("https://t.me/harbourother/7", textLink)}},
		{"a mention", `<a href="https://t.me/harbourother">@HarbourOther</a>`, nil},
		{"a mention that leads elsewhere", `<a href="https://t.me/harbourthird">@harbourother</a>`, []*doxtrailv1.RawLink{link("https://t.me/harbourthird", textLink)}},
		{"a hashtag", `<a href="?q=%23harbour">#harbour</a>`, nil},
		{"a person", `<a href="tg://user?id=7">somebody</a>`, nil},
		{"other schemes", `<a href="javascript:alert(1)">a</a><a href="file:///x">b</a><a href="data:text/html,x">c</a><a href="https://">d</a><a>e</a>`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			diff(t, "links", parts(t, `<div class="tgme_widget_message_text js-message_text">`+tc.text+`</div>`).GetLinks(), tc.want)
		})
	}
}

func TestPreviewIsUnwrapped(t *testing.T) {
	post := parts(t, `<a class="tgme_widget_message_link_preview" href="https://t.me/iv?url=https%3A%2F%2Fcards.example%2Fa&amp;rhash=1"></a>`)
	diff(t, "links", post.GetLinks(), []*doxtrailv1.RawLink{link("https://cards.example/a", doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW)})
}

func TestTextOfAPage(t *testing.T) {
	for _, tc := range []struct{ name, inner, want string }{
		{"breaks", `<div class="js-message_text">a<br>b<br/><br/>c</div>`, "a\nb\n\nc"},
		{"blocks", `<div class="js-message_text">a<pre>b
c</pre>d<blockquote expandable>e</blockquote><p>f</p></div>`, "a\nb\nc\nd\ne\nf"},
		{"hidden until touched", `<div class="js-message_text">a <tg-spoiler><span>b</span></tg-spoiler></div>`, "a b"},
		{"escapes", `<div class="js-message_text">a &lt;b&gt; &amp;amp; &#39;c&#39;</div>`, "a <b> &amp; 'c'"},
		{"emoji", `<div class="js-message_text"><i class="emoji" style="background-image:url('x')"><b>👩‍👧</b></i>看</div>`, "👩‍👧看"},
		{"a text within a text", `<div class="js-message_text"><div class="js-message_text">a</div></div>`, "a"},
		{"two texts", `<div class="js-message_text">a</div><div class="js-message_text">b</div>`, "a\nb"},
		{"a program", `<div class="js-message_text">a<script>b</script><style>c</style></div>`, "a"},
		{"no UTF-8", "<div class=\"js-message_text\">a\xffb</div>", "a\uFFFDb"},
		{"a quote is not the text", `<a class="tgme_widget_message_reply"><div class="tgme_widget_message_text js-message_reply_text">a</div></a>`, ""},
		{"a quote that looks like the text", `<a class="tgme_widget_message_reply"><div class="tgme_widget_message_text js-message_text">a</div></a>`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := parts(t, tc.inner).GetText(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTimesOfAPage(t *testing.T) {
	for stamp, want := range map[string]bool{
		"2020-05-01T12:00:00+00:00": true, "2020-05-01T12:00:00Z": true, "2020-05-01T20:00:00+08:00": true,
		"": false, "12:00": false, "2020-05-01": false, "1969-12-31T23:59:59Z": false, "2100-01-01T00:00:00Z": false, "1970-01-01T00:00:00+01:00": false,
	} {
		page, err := Parse(strings.NewReader(`<div class="tgme_widget_message" data-post="harbourwatch/5"><time>0:27</time><time datetime="`+stamp+`"></time></div>`), "harbourwatch", readAt)
		if err != nil || !page.Lists(5) || (page.Post(5) != nil) != want {
			t.Errorf("%q: got %v, %v", stamp, page.Post(5), err)
		}
	}
}

func TestAlbumsOfAPage(t *testing.T) {
	photo := func(href string) string {
		return `<a class="tgme_widget_message_photo_wrap grouped_media_wrap" href="` + href + `"></a>`
	}
	for _, tc := range []struct {
		name, inner, id string
		items           []string
	}{
		{"in any order", photo("https://t.me/harbourwatch/7?single") + photo("https://t.me/HarbourWatch/6?single") + photo("https://t.me/harbourwatch/5?single"), "5", []string{"6", "7"}},
		{"called by a later item", photo("https://t.me/harbourwatch/4?single") + photo("https://t.me/harbourwatch/5?single"), "4", []string{"5"}},
		{"of another channel", photo("https://t.me/harbourother/7?single"), "5", nil},
		{"no album", photo("https://t.me/harbourwatch/9"), "5", nil},
		{"no number", photo("https://t.me/harbourwatch/x?single") + photo("https://t.me/harbourwatch/0?single") + photo("%zz?single"), "5", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			post := parts(t, tc.inner)
			if post.GetPostId() != tc.id {
				t.Errorf("id %s", post.GetPostId())
			}
			diff(t, "items", post.GetItemIds(), tc.items)
		})
	}
}

func TestPostsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<div class="js-message_text">` + strings.Repeat("卡", maxText))
	for i := range 5000 {
		fmt.Fprintf(&b, `<a href="https://cards.example/%d">x</a>`, i)
	}
	b.WriteString(`</div>`)
	for i := range 500 {
		fmt.Fprintf(&b, `<a class="tgme_widget_message_photo_wrap" href="https://t.me/harbourwatch/%d?single"></a>`, i+10)
	}
	post := parts(t, b.String())
	if size := proto.Size(post); size > 256<<10 || len(post.GetLinks()) != maxLinks || len(post.GetMedia()) != maxMedia || len(post.GetItemIds()) > maxItems {
		t.Errorf("%d bytes, %d links, %d media, %d items", size, len(post.GetLinks()), len(post.GetMedia()), len(post.GetItemIds()))
	}
	if text := post.GetText(); !utf8.ValidString(text) || len(text) > maxText || len(text) < maxText-4 {
		t.Errorf("text of %d bytes", len(text))
	}
	diff(t, "flags", post.GetFlags(), []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED})
	long := parts(t, `<div class="js-message_text"><a href="https://cards.example/`+strings.Repeat("a", maxLinkBytes)+`">x</a></div>`)
	if len(long.GetLinks()) != 0 || len(long.GetFlags()) != 1 {
		t.Errorf("%d links", len(long.GetLinks()))
	}
}
