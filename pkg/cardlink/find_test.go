package cardlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	invisibleTag = doxtrailv1.LinkDisguise_LINK_DISGUISE_INVISIBLE
	nfkcTag      = doxtrailv1.LinkDisguise_LINK_DISGUISE_NFKC
	schemeTag    = doxtrailv1.LinkDisguise_LINK_DISGUISE_SCHEME
	bracketTag   = doxtrailv1.LinkDisguise_LINK_DISGUISE_BRACKET_DOT
	halfTag      = doxtrailv1.LinkDisguise_LINK_DISGUISE_HALF_BRACKET
	backslashTag = doxtrailv1.LinkDisguise_LINK_DISGUISE_BACKSLASH_DOT
	spacedTag    = doxtrailv1.LinkDisguise_LINK_DISGUISE_SPACED_DOT
	middleTag    = doxtrailv1.LinkDisguise_LINK_DISGUISE_MIDDLE_DOT
	slashTag     = doxtrailv1.LinkDisguise_LINK_DISGUISE_BRACKET_SLASH
	embeddedTag  = doxtrailv1.LinkDisguise_LINK_DISGUISE_EMBEDDED
	userinfoTag  = doxtrailv1.LinkDisguise_LINK_DISGUISE_USERINFO
)

type disguises = []doxtrailv1.LinkDisguise

// found is what a table says about one link.
type found struct {
	url  string
	tags disguises
}

type vector struct {
	text string
	want []found
}

func plain(urls ...string) []found {
	var want []found
	for _, url := range urls {
		want = append(want, found{url: url})
	}
	return want
}

func tagged(url string, tags ...doxtrailv1.LinkDisguise) []found {
	return []found{{url, tags}}
}

func checkVectors(t *testing.T, vectors []vector) {
	t.Helper()
	checkFinder(t, New(), vectors)
}

func checkFinder(t *testing.T, f *Finder, vectors []vector) {
	t.Helper()
	var links []Link
	for _, v := range vectors {
		links = f.Text(links[:0], v.text)
		var got []found
		for _, l := range links {
			got = append(got, found{l.URL, l.Disguises})
		}
		if diff := cmp.Diff(got, v.want, cmp.AllowUnexported(found{})); diff != "" {
			t.Errorf("links of %q (-got +want):\n%s", v.text, diff)
		}
	}
}

func TestVectors(t *testing.T) {
	checkVectors(t, []vector{
		{"HKLEAKS[.]ORG", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks[dot]org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks (dot) org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks{.}pk", tagged("hkleaks.pk/", bracketTag)},
		{"hkleaks[.org", tagged("hkleaks.org/", halfTag)},
		{"hkleaks.]org", tagged("hkleaks.org/", halfTag)},
		{`hkleaks\.org`, tagged("hkleaks.org/", backslashTag)},
		{"http://hkleaks.org[/]card", tagged("hkleaks.org/card", slashTag)},
		{"hk1eaks.org hk-leaks.org", plain("hk1eaks.org/", "hk-leaks.org/")},
		{"hkleaks【.】org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks．org", tagged("hkleaks.org/", nfkcTag)},
		{"hkleaks。org", tagged("hkleaks.org/", nfkcTag)},
		{"ｈｋｌｅａｋｓ．ｏｒｇ", tagged("hkleaks.org/", nfkcTag)},
		{"𝗵𝗸𝗹𝗲𝗮𝗸𝘀.org", tagged("hkleaks.org/", nfkcTag)},
		{"hxxp://hkleaks.org/a", tagged("hkleaks.org/a", schemeTag)},
		{"h**p://hkleaks.org/a", tagged("hkleaks.org/a", schemeTag)},
		{"h__ps://hkleaks.org/a", tagged("hkleaks.org/a", schemeTag)},
		{"hXXps[:]//hkleaks[.]org/a", tagged("hkleaks.org/a", schemeTag, bracketTag)},
		{"hxxps[://]hkleaks[.]ru", tagged("hkleaks.ru/", schemeTag, bracketTag)},
		{`http:\\hkleaks.org\x`, tagged("hkleaks.org/x", schemeTag)},
		{"https:// hkleaks.org/card", tagged("hkleaks.org/card", schemeTag)},
		{"hk\u200Bleaks.org", tagged("hkleaks.org/", invisibleTag)},
		{"h\u2060k\u00ADleaks\u200D.org", tagged("hkleaks.org/", invisibleTag)},
		{"請看hkleaks.org，謝謝", plain("hkleaks.org/")},
		{"https://hkleaks.org/card/123。快看", plain("hkleaks.org/card/123")},
		{"「http://hkleaks.ru/」", plain("hkleaks.ru/")},
		{"https://t.co/AbC123…", plain("t.co/AbC123")},
		{"(hkleaks.org)", plain("hkleaks.org/")},
		{"see hkleaks.org. Next", plain("hkleaks.org/")},
		{"hkleaks.org:8080/x?y=1", plain("hkleaks.org:8080/x?y=1")},
		{"hkleaks.com.hk", plain("hkleaks.com.hk/")},
		{"a@hkleaks.org", nil},
		{"#hkleaks.org", nil},
		{"@hkleaks.org", nil},
		{"v1.2.3 and file.doc", nil},
		{"192.168.0.1/x", nil},
		{"h k l e a k s . o r g", nil},
	})
}

// TestDisguisesNotReadYet lists the disguises that nothing undoes so far, with
// what is found instead. A row that a later step breaks moves to TestVectors.
func TestDisguisesNotReadYet(t *testing.T) {
	checkVectors(t, []vector{
		// The link is found, the tag scheme is missing.
		{"h××p://hkleaks.org/a", plain("hkleaks.org/a")},
	})
}

// TestSpelledDotsNeedAWatchedLabel says what a Finder that watches nothing
// leaves alone.
func TestSpelledDotsNeedAWatchedLabel(t *testing.T) {
	checkVectors(t, []vector{
		{"hkleaks dot org", nil},
		{"hkleaks DOT ru/card/1", nil},
		{"hkleaks 點 org", nil},
		{"hkleaks點org", nil},
		{"hkleaks·org", nil},
		{"hkleaks. org", nil},
		{"hkleaks .org", nil},
		{"hkleakѕ.ru", nil},
		{"һkleaks.org", nil},
		{"the dot me and dot is fine", nil},
		{"connect the dots dot com", nil},
	})
}

func TestBracketedDots(t *testing.T) {
	checkVectors(t, []vector{
		{"hkleaks(.)org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks(dot)org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks{dot}org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks【.】org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks〔.〕org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks[點]org", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks [ DOT ] org", tagged("hkleaks.org/", bracketTag)},
		{"www[.]hkleaks (dot) com[.]hk/card/1", tagged("www.hkleaks.com.hk/card/1", bracketTag)},
		{"https://hkleaks[.]org/card", tagged("hkleaks.org/card", bracketTag)},
		{"hk\u200Bleaks[\u200B.\u200B]org", tagged("hkleaks.org/", invisibleTag, bracketTag)},
		{"見hkleaks[.]org，謝謝", tagged("hkleaks.org/", bracketTag)},
		{"hkleaks \u200B[d\u200Bo\u200Bt]\u200B org", tagged("hkleaks.org/", invisibleTag, bracketTag)},
		{"(.) [dot] hello (dot)", nil},
		{"array[.5] f(.) x{.y}", nil},
		{"hkleaks[.)org", nil},
	})
}

func TestSchemes(t *testing.T) {
	checkVectors(t, []vector{
		{"HTTPS://Mirror.Example/Card", plain("mirror.example/Card")},
		{"hxxps://mirror.example", tagged("mirror.example/", schemeTag)},
		{"h++p://mirror.example", tagged("mirror.example/", schemeTag)},
		{"http[:]//mirror.example", tagged("mirror.example/", schemeTag)},
		{"http__mirror.example/x", tagged("mirror.example/x", schemeTag)},
		{"hxxps__mirror.example/x", tagged("mirror.example/x", schemeTag)},
		{"https：／／mirror.example/x", tagged("mirror.example/x", nfkcTag)},
		{"ｈｔｔｐｓ：／／ｍｉｒｒｏｒ．ｅｘａｍｐｌｅ／ｃａｒｄ", tagged("mirror.example/card", nfkcTag)},
		{"https%3A%2F%2Fmirror.example%2Fcard%3Fa%3D1", tagged("mirror.example/card?a=1", schemeTag)},
		{"https:// mirror[.]example/x", tagged("mirror.example/x", schemeTag, bracketTag)},
		{"https:// then nothing, http://", nil},
		{"club__me.com help__me.com", nil},
		{"ftp://mirror.example/a", plain("mirror.example/a")},
		{"http:mirror.example http:/mirror.test", plain("mirror.example/", "mirror.test/")},
		{"//mirror.example/a", plain("mirror.example/a")},
		{"http://http://mirror.example/a", plain("mirror.example/a")},
		{"tg://resolve?domain=somechannel&post=12", plain("t.me/somechannel/12")},
		{"tg://settings mailto:a@mirror.example javascript:void(0)", nil},
	})
}

func TestNeighbours(t *testing.T) {
	checkVectors(t, []vector{
		{"myhkleaksfan.org", plain("myhkleaksfan.org/")},
		{"今日睇https://mirror.example/card/1謝謝", plain("mirror.example/card/1")},
		{"網址：mirror.example；下一個mirror.test！", plain("mirror.example/", "mirror.test/")},
		{"カードはmirror.exampleです", plain("mirror.example/")},
		{"카드mirror.example입니다", plain("mirror.example/")},
		{"မြန်မာmirror.example។ខ្មែរ", plain("mirror.example/")},
		{"𠮷mirror.exampleｶｰﾄﾞ", plain("mirror.example/")},
		{"ดูที่mirror.exampleนะ", plain("mirror.example/")},
		// Letters that can be look-alikes are no boundary.
		{"смотритеmirror.example", nil},
		{"ämirror.example", nil},
		{"смотрите: mirror.example/карта", plain("mirror.example/%D0%BA%D0%B0%D1%80%D1%82%D0%B0")},
		{"http://a.example/1http://b.example/2", plain("a.example/1", "b.example/2")},
		{"https://a.examplehttps://b.example", plain("a.example/", "b.example/")},
		{"a.example/1https://b.example/2", plain("a.example/1", "b.example/2")},
		{"https://a.example/1,https://b.example/2", plain("a.example/1", "b.example/2")},
		{"a.example,b.example;c.example", plain("a.example/", "b.example/", "c.example/")},
		{"【mirror.example】（https://mirror.test/a(b)）", plain("mirror.example/", "mirror.test/a(b)")},
		{"《https://mirror.example/a》", plain("mirror.example/a")},
		{"\u200Fmirror.example\u200F \u202Ahttps://mirror.test/a\u202C", plain("mirror.example/", "mirror.test/a")},
		{"mirror.example\u200BJoin us", plain("mirror.example/")},
		{"🔥mirror.example🔥 👉🏻https://mirror.test/x👈🏻", plain("mirror.example/", "mirror.test/x")},
		{"mirror.example\uFE0F", plain("mirror.example/")},
		{"①mirror.example ②mirror.test", plain("mirror.example/", "mirror.test/")},
		{"**mirror.example** _mirror.test_ ~mirror.invalid~", plain("mirror.example/", "mirror.test/", "mirror.invalid/")},
		{"[card](https://mirror.example/card) <https://mirror.test/a>", plain("mirror.example/card", "mirror.test/a")},
		{"[https://a.example](https://b.example/x)", plain("a.example/", "b.example/x")},
		{"see...mirror.example... -mirror.test", plain("mirror.example/", "mirror.test/")},
		{"https://mirror.example/a_(b) (https://mirror.example/a_(b))", plain("mirror.example/a_(b)", "mirror.example/a_(b)")},
		{"https://mirror.example/it's 'https://mirror.example/b'", plain("mirror.example/it's", "mirror.example/b")},
		{"https://mirror.example/a?b[]=1 https://mirror.example/a]b", plain("mirror.example/a?b[]=1", "mirror.example/a")},
		{"https://mirror.example! https://mirror.example? https://mirror.example...", plain("mirror.example/", "mirror.example/", "mirror.example/")},
		{"https://mirror.example:abc/ mirror.example:8080abc", plain("mirror.example/", "mirror.example/")},
		{"\"https://mirror.example/a\", `mirror.test/b` | mirror.invalid/c", plain("mirror.example/a", "mirror.test/b", "mirror.invalid/c")},
		{"https://mirror.example/a\u00A0b https://mirror.example/c\td", plain("mirror.example/a", "mirror.example/c")},
	})
}

func TestFullStops(t *testing.T) {
	checkVectors(t, []vector{
		{"我看了mirror.example。然後", plain("mirror.example/")},
		{"「mirror.example。」", plain("mirror.example/")},
		{"mirror.example。mirror.test也是", plain("mirror.example/", "mirror.test/")},
		{"www。mirror｡example/card。快看", tagged("www.mirror.example/card", nfkcTag)},
		{"https://mirror.example/card．快看 mirror.test．", plain("mirror.example/card", "mirror.test/")},
		{"mirror.com。hk", tagged("mirror.com.hk/", nfkcTag)},
		{"我買了iPhone。So good", nil},
		{"https://mirror.example/card123。Next", plain("mirror.example/card123")},
		{"see mirror.com.Please read", plain("mirror.com/")},
		{"see https://mirror.com.Please read", plain("mirror.com/")},
		{"Mirror.Com.Hk", plain("mirror.com.hk/")},
		{"mirror․example mirror﹒test", []found{{"mirror.example/", disguises{nfkcTag}}, {"mirror.test/", disguises{nfkcTag}}}},
	})
}

func TestNoLinks(t *testing.T) {
	checkVectors(t, []vector{
		{"first.last@mirror.example a@mail.mirror.example mirror.example@home", nil},
		{"＠mirror.example ＃mirror.example a＠mirror.example", nil},
		{"@some.mirror.example #tag.mirror.example", nil},
		{"e.g. i.e. U.S.A. 3.14 10:45 a.m. 1.2.3.4 v1.2.3-rc.1 file.tar.gz 圖.jpg photo.jpg", nil},
		{"co.uk com.hk example", nil},
		{"foo_bar.com x.unknown mirror..example", nil},
		{"10.0.0.1:8080/x 256.1.2.3", nil},
		{"http:// http://. http://- https://[ https://[::g]/ http:///", nil},
		{"", nil},
		{"今天天氣很好。我們去吃飯吧！（真的）", nil},
	})
}

func TestHostsWithoutKnownSuffixNeedAScheme(t *testing.T) {
	checkVectors(t, []vector{
		{"https://x.unknown/foo", plain("x.unknown/foo")},
		{"http://localhost:3000/a http://intranet", plain("localhost:3000/a", "intranet/")},
		{"http://192.168.0.1/x http://0x7f.1 https://[::1]/y", plain("192.168.0.1/x", "127.0.0.1/", "[::1]/y")},
		{"abc.onion/x a.test b.invalid c.localhost d.example", plain("abc.onion/x", "a.test/", "b.invalid/", "c.localhost/", "d.example/")},
		{"http://hkleakѕ.ru https://һkleaks.org", plain("xn--hkleak-nvf.ru/", "xn--kleaks-vgg.org/")},
		{"a_b.mirror.example https://a_b.example", plain("a_b.mirror.example/", "a_b.example/")},
	})
}

func TestPlaceOfALink(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"請看https://mirror.example/card，謝謝", "https://mirror.example/card"},
		{"(see mirror.example:80/a.)", "mirror.example:80/a"},
		{"去 hxxps[:]// mirror (dot) example/a 看", "hxxps[:]// mirror (dot) example/a"},
		{"\u200Bmir\u200Bror.example\u200B", "mir\u200Bror.example"},
		{"ｍｉｒｒｏｒ．ｅｘａｍｐｌｅ！", "ｍｉｒｒｏｒ．ｅｘａｍｐｌｅ"},
		{"go: https://web.archive.org/web/2020/https://mirror.example/ ok", "https://web.archive.org/web/2020/https://mirror.example/"},
	} {
		links := New().Text(nil, test.text)
		if len(links) == 0 {
			t.Errorf("no link in %q", test.text)
		}
		for _, l := range links {
			if got := test.text[l.Start:l.End]; got != test.want {
				t.Errorf("place of the link in %q is %q, want %q", test.text, got, test.want)
			}
		}
	}
}

func TestTagsBelongToTheirLink(t *testing.T) {
	links := New().Text(nil, "hxxp://a.example,https://b.example,\u200Bc[.]example/d,e.exa\u200Bmple")
	var got []found
	for _, l := range links {
		got = append(got, found{l.URL, l.Disguises})
	}
	want := []found{
		{"a.example/", disguises{schemeTag}},
		{"b.example/", nil},
		{"c.example/d,e.example", disguises{invisibleTag, bracketTag}},
	}
	if diff := cmp.Diff(got, want, cmp.AllowUnexported(found{})); diff != "" {
		t.Errorf("links (-got +want):\n%s", diff)
	}
}
