package normaliser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	inText    = doxtrailv1.LinkSource_LINK_SOURCE_TEXT
	entity    = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
	textLink  = doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK
	button    = doxtrailv1.LinkSource_LINK_SOURCE_BUTTON
	preview   = doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW
	quoted    = doxtrailv1.LinkSource_LINK_SOURCE_QUOTED
	roleLink  = doxtrailv1.LinkRole_LINK_ROLE_LINK
	roleQuote = doxtrailv1.LinkRole_LINK_ROLE_QUOTED
	roleOuter = doxtrailv1.LinkRole_LINK_ROLE_CARRIER
	roleInner = doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED
	roleView  = doxtrailv1.LinkRole_LINK_ROLE_PREVIEW
)

// brief is what most tests want to know of a link: keys in place of host and
// path, and where it stood.
type brief struct {
	Host, Path privacy.Key
	Role       doxtrailv1.LinkRole
	Source     doxtrailv1.LinkSource
}

func (b *bench) brief(host, path string, role doxtrailv1.LinkRole, source doxtrailv1.LinkSource) brief {
	return brief{b.keyer.Host(host), b.keyer.Path(path), role, source}
}

func (b *bench) links() []brief {
	b.t.Helper()
	var out []brief
	for _, l := range of[*doxtrailv1.Link](b.t, b.rows, bus.KindLinks) {
		host, _ := privacy.KeyFromBytes(l.GetHostKey())
		path, _ := privacy.KeyFromBytes(l.GetPathKey())
		out = append(out, brief{host, path, l.GetRole(), l.GetSource()})
	}
	return out
}

func TestALinkBecomesOneKeyedRow(t *testing.T) {
	b := newBench(t, harbour)
	k := b.keyer
	post := func(text string) *doxtrailv1.RawPost {
		return telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.Text, r.EditedAt, r.PostedPrecisionS = &text, ptr(int64(1_588_334_460_000)), ptr(uint32(60))
			r.Kind = ptr(doxtrailv1.PostKind_POST_KIND_FORWARD)
		})
	}
	want := func() doxtrailv1.Link_builder {
		return doxtrailv1.Link_builder{
			PostKey: k.Post(telegram, "4100000001", "77").Bytes(), ChannelKey: k.Channel(telegram, "4100000001").Bytes(),
			PostedAt: ptr(int64(1_588_334_400_000)), PostedPrecisionS: ptr(uint32(60)), EditedAt: ptr(int64(1_588_334_460_000)),
			PostKind: ptr(doxtrailv1.PostKind_POST_KIND_FORWARD),
			HostKey:  k.Host("harbour-leaks.example").Bytes(), SiteKey: k.Site("harbour-leaks.example").Bytes(),
			LabelKey: k.Label(cardlink.Skeleton("harbour-leaks")).Bytes(),
			PathKey:  k.Path("/model/pc/content_FongKaMing.html").Bytes(), DirKey: k.Dir("/model/pc/").Bytes(), Depth: ptr(uint32(3)),
			ExtensionClass: ptr(doxtrailv1.ExtensionClass_EXTENSION_CLASS_PAGE),
			ExpandedBy:     ptr(doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE), Role: ptr(roleLink), Source: ptr(inText),
			CanonVersion: ptr(uint32(cardlink.CanonVersion)), Generation: ptr(uint64(1)),
		}
	}
	tests := map[string]struct {
		text   string
		change func(*doxtrailv1.Link_builder)
	}{
		"plain":                 {"看 https://www.harbour-leaks.example/model/pc/content_FongKaMing.html", func(*doxtrailv1.Link_builder) {}},
		"with a tracking key":   {"http://m.harbour-leaks.example/model/pc/content_FongKaMing.html?utm_source=pier", func(*doxtrailv1.Link_builder) {}},
		"on a host of the site": {"https://docs.harbour-leaks.example/model/pc/content_FongKaMing.html", func(l *doxtrailv1.Link_builder) { l.HostKey = k.Host("docs.harbour-leaks.example").Bytes() }},
		"disguised": {"hxxps://harbour-leaks[.]example/model/pc/content_FongKaMing.html", func(l *doxtrailv1.Link_builder) {
			l.Disguises = []doxtrailv1.LinkDisguise{doxtrailv1.LinkDisguise_LINK_DISGUISE_SCHEME, doxtrailv1.LinkDisguise_LINK_DISGUISE_BRACKET_DOT}
		}},
		"a start page": {"https://harbour-leaks.example", func(l *doxtrailv1.Link_builder) {
			l.PathKey, l.DirKey, l.Depth = k.Path("/").Bytes(), k.Dir("/").Bytes(), ptr(uint32(0))
			l.ExtensionClass = ptr(doxtrailv1.ExtensionClass_EXTENSION_CLASS_NONE)
		}},
		"an address in numbers has no label": {"http://192.0.2.7/model/pc/content_FongKaMing.html", func(l *doxtrailv1.Link_builder) {
			l.HostKey, l.SiteKey, l.LabelKey = k.Host("192.0.2.7").Bytes(), k.Site("192.0.2.7").Bytes(), nil
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.mustPost(telegram, post(tc.text))
			w := want()
			tc.change(&w)
			same(t, "links", of[*doxtrailv1.Link](t, b.rows, bus.KindLinks), []*doxtrailv1.Link{w.Build()})
		})
	}
	t.Run("what the post does not say the link does not say", func(t *testing.T) {
		b.t = t
		b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.Kind, r.Text = nil, ptr("https://harbour-leaks.example/model/pc/content_FongKaMing.html")
		}))
		w := want()
		w.PostKind, w.EditedAt, w.PostedPrecisionS = nil, nil, nil
		same(t, "links", of[*doxtrailv1.Link](t, b.rows, bus.KindLinks), []*doxtrailv1.Link{w.Build()})
	})
}

func TestWhichLinksAPostHas(t *testing.T) {
	const site, card = "harbour-leaks.example", "/card/1"
	b := newBench(t, harbour)
	short := func(replaces string) *doxtrailv1.RawLink {
		l := marked("https://"+site+card, entity)
		l.SetReplaces(replaces)
		l.SetExpandedBy(doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND)
		return l
	}
	tests := map[string]struct {
		text   string
		marked []*doxtrailv1.RawLink
		want   []brief
	}{
		"the same link twice is one": {
			text: "https://harbour-leaks.example/card/1 and http://www.harbour-leaks.example/card/1/",
			want: []brief{b.brief(site, card, roleLink, inText)},
		},
		"the same path on two hosts is two": {
			text: "https://harbour-leaks.example/card/1 https://harbour-leaks.test/card/1",
			want: []brief{b.brief(site, card, roleLink, inText), b.brief("harbour-leaks.test", card, roleLink, inText)},
		},
		"the same link in two roles is two": {
			marked: []*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/1", button), marked("https://harbour-leaks.example/card/1", preview)},
			want:   []brief{b.brief(site, card, roleLink, button), b.brief(site, card, roleView, preview)},
		},
		"what the platform marked comes first, and its place is kept": {
			text:   "https://harbour-leaks.example/card/2 https://harbour-leaks.example/card/1",
			marked: []*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/1", textLink)},
			want:   []brief{b.brief(site, card, roleLink, textLink), b.brief(site, "/card/2", roleLink, inText)},
		},
		"a short link is replaced by its target": {
			text:   "look https://t.co/abc123",
			marked: []*doxtrailv1.RawLink{short("https://t.co/abc123")},
			want:   []brief{b.brief(site, card, roleLink, entity)},
		},
		"a short link without a target stays": {
			text:   "look https://t.co/abc123 https://t.co/def456",
			marked: []*doxtrailv1.RawLink{short("https://t.co/abc123")},
			want:   []brief{b.brief(site, card, roleLink, entity), b.brief("t.co", "/def456", roleLink, inText)},
		},
		"a link that the text scan cuts is covered by its entity": {
			text:   "看 https://harbour-leaks.example/card/方家明 快",
			marked: []*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/方家明", entity)},
			want:   []brief{b.brief(site, "/card/%E6%96%B9%E5%AE%B6%E6%98%8E", roleLink, entity)},
		},
		"without an entity the start of a cut link is all there is": {
			text: "看 https://harbour-leaks.example/card/方家明",
			want: []brief{b.brief(site, "/card", roleLink, inText)},
		},
		"hidden behind words a link covers none of the text": {
			text:   "https://harbour-leaks.example/card",
			marked: []*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/1", textLink)},
			want:   []brief{b.brief(site, card, roleLink, textLink), b.brief(site, "/card", roleLink, inText)},
		},
		"of a quoted post": {
			marked: []*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/1", quoted)},
			want:   []brief{b.brief(site, card, roleQuote, quoted)},
		},
		"an archive carries another link": {
			text: "https://web.archive.org/web/20200501000000/https://harbour-leaks.example/card/1",
			want: []brief{
				b.brief("web.archive.org", "/web/20200501000000/https:/harbour-leaks.example/card/1", roleOuter, inText),
				b.brief(site, card, roleInner, inText),
			},
		},
		"a mail address and a number are none": {
			text:   "fong@harbour-leaks.example 3.14",
			marked: []*doxtrailv1.RawLink{marked("mailto:fong@harbour-leaks.example", entity), marked("tel:+85255501234", entity), marked("", entity)},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			facts := b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text, r.Links = &tc.text, tc.marked }))
			if diff := cmp.Diff(b.links(), tc.want); diff != "" {
				t.Errorf("links (-got +want)\n%s", diff)
			}
			if facts.links != uint64(len(tc.want)) {
				t.Errorf("counted %d links, want %d", facts.links, len(tc.want))
			}
		})
	}
}

func TestWhoExpandedAShortLinkIsKept(t *testing.T) {
	b := newBench(t, harbour)
	link := marked("https://harbour-leaks.example/card/1", entity)
	link.SetExpandedBy(doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM)
	unsaid := doxtrailv1.RawLink_builder{Url: ptr("https://harbour-leaks.example/card/2")}.Build()
	b.mustPost(twitter, twitterPost(func(r *doxtrailv1.RawPost_builder) { r.Links = []*doxtrailv1.RawLink{link, unsaid} }))
	rows := of[*doxtrailv1.Link](t, b.rows, bus.KindLinks)
	if rows[0].GetExpandedBy() != doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM {
		t.Errorf("expanded by %v", rows[0].GetExpandedBy())
	}
	if rows[1].HasExpandedBy() || rows[1].HasSource() {
		t.Error("a link of which nothing is said got a source or an expansion")
	}
}

func TestALinkFromAPostToItselfIsNone(t *testing.T) {
	b := newBench(t, harbour)
	tests := map[string]struct {
		platform doxtrailv1.Platform
		raw      *doxtrailv1.RawPost
		links    int
	}{
		"the picture of a tweet":       {twitter, twitterPost(withText("https://twitter.com/pier_watch/status/1256000000000000077/photo/1")), 0},
		"under another name":           {twitter, twitterPost(withText("https://x.com/i/web/status/1256000000000000077")), 0},
		"another tweet":                {twitter, twitterPost(withText("https://x.com/pier_watch/status/1256000000000000078")), 1},
		"by the number of its channel": {telegram, telegramPost(withText("https://t.me/c/4100000001/77")), 0},
		"by the name of its channel": {telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.ChannelName, r.Text = ptr("Pier_News"), ptr("https://t.me/s/pier_news/77")
		}), 0},
		"where only the name is known": {telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.ChannelId, r.ChannelName, r.Text = nil, ptr("Pier_News"), ptr("https://t.me/pier_news/77")
		}), 0},
		"the same number elsewhere":  {telegram, telegramPost(withText("https://t.me/pier_news/77")), 1},
		"the channel itself":         {telegram, telegramPost(withText("https://t.me/c/4100000001")), 1},
		"a post of another platform": {telegram, telegramPost(withText("https://x.com/pier_watch/status/77")), 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			facts := b.mustPost(tc.platform, tc.raw)
			shares := of[*doxtrailv1.Share](t, b.rows, bus.KindShares)
			if got := len(b.links()); got != tc.links || len(shares) != tc.links || facts.links != uint64(tc.links) {
				t.Errorf("%d links, %d shares, %d counted, want %d of each", got, len(shares), facts.links, tc.links)
			}
		})
	}
}

func TestNothingOfALinkIsKeptAfterItsBatch(t *testing.T) {
	b := newBench(t, harbour)
	b.mustPost(telegram, telegramPost(withText("https://harbour-leaks.example/card/1 https://harbour-leaks.example/card/2")))
	b.mustPost(telegram, telegramPost(withText("https://harbour-leaks.example/card/3")))
	b.converter.forget()
	for i, l := range b.converter.found[:cap(b.converter.found)] {
		if l.URL != "" {
			t.Errorf("link %d is still there", i)
		}
	}
}
