package cardlink

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// checkLink asserts what holds for every link.
func checkLink(t *testing.T, l Link) {
	t.Helper()
	switch {
	case !strings.HasPrefix(l.Path, "/") || !strings.HasSuffix(l.URL, l.Path):
		t.Errorf("path %q is not the end of %q", l.Path, l.URL)
	case !strings.HasPrefix(l.Path, l.Dir) || !strings.HasSuffix(l.Dir, "/"):
		t.Errorf("folder %q is not the beginning of path %q", l.Dir, l.Path)
	case l.Host == "" || l.Site == "" || l.Registrable == "":
		t.Errorf("link without host or site: %+v", l)
	case !strings.HasSuffix(l.Host, l.Site) || !strings.HasSuffix(l.Site, l.Registrable) && l.Site != l.Host:
		t.Errorf("host %q, site %q and registrable %q are not in each other", l.Host, l.Site, l.Registrable)
	case l.Role == doxtrailv1.LinkRole_LINK_ROLE_UNSPECIFIED:
		t.Errorf("link without role: %+v", l)
	}
	again, err := Canonicalise(l.URL)
	if err != nil {
		t.Fatalf("canonical form %q is refused: %v", l.URL, err)
	}
	if len(again.Disguises) > 0 {
		t.Errorf("canonical form %q has disguises %v", l.URL, again.Disguises)
	}
	// What depends on the spelling, the scheme and the place is not kept.
	l.Label, l.Scheme, l.Disguises, l.Role = again.Label, again.Scheme, nil, again.Role
	l.Source, l.ExpandedBy, l.Start, l.End = again.Source, again.ExpandedBy, again.Start, again.End
	if diff := cmp.Diff(again, l); diff != "" {
		t.Errorf("canonical form of %q (-again +once):\n%s", l.URL, diff)
	}
}

func checkText(t *testing.T, text string) {
	t.Helper()
	checkLinks(t, text, New().Text(nil, text))
	checkLinks(t, text, NewWatching(EveryLabel()).Text(nil, text))
	links := NewWatching(watched()).Text(nil, text)
	checkLinks(t, text, links)
	for _, l := range links {
		checkSpelled(t, text, l)
	}
}

func checkLinks(t *testing.T, text string, links []Link) {
	t.Helper()
	last := 0
	for _, l := range links {
		checkLink(t, l)
		if l.Role == doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED {
			continue
		}
		if l.Start < last || l.End <= l.Start || l.End > len(text) {
			t.Fatalf("link at %d to %d, the one before ends at %d of %d", l.Start, l.End, last, len(text))
		}
		last = l.End
	}
}

func FuzzText(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkText(t, text) })
}

func FuzzCanonicalise(f *testing.F) {
	for _, url := range seeds() {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		l, err := Canonicalise(raw)
		if err != nil {
			if !errors.Is(err, ErrNoLink) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		checkLink(t, l)
	})
}

// FuzzPlainParser holds the short cut and the full parser together.
func FuzzPlainParser(f *testing.F) {
	for _, url := range seeds() {
		f.Add(url)
	}
	f.Fuzz(checkParsers)
}

func checkParsers(t *testing.T, rest string) {
	rest, _ = dropUserinfo(rest)
	for _, scheme := range []string{"http", "https"} {
		plain, ok := parsePlain(scheme, rest)
		if !ok {
			return
		}
		full, err := New().parseFully(scheme, rest)
		if err != nil {
			t.Fatalf("the short cut reads %q, the parser does not: %v", rest, err)
		}
		// The parser knows the default port of a scheme, and the canonical
		// form drops those of both.
		for _, p := range []*parts{&plain, &full} {
			if p.port == "80" || p.port == "443" {
				p.port = ""
			}
		}
		if diff := cmp.Diff(plain, full, cmp.AllowUnexported(parts{})); diff != "" {
			t.Errorf("parts of %q (-short cut +parser):\n%s", rest, diff)
		}
	}
}

// seeds are links and disguises of every kind, each a text of its own.
func seeds() []string {
	return []string{
		"https://www.mirror.example/a//b/../c/index.html?utm_source=x&b=2&a=1#frag", "mirror.example:8080/x?y=1",
		"HKLEAKS[.]ORG hkleaks (dot) org", "hXXps[:]//hkleaks[.]org/a", "h**p://mirror.example", "http__mirror.example",
		"ｈｔｔｐｓ：／／ｍｉｒｒｏｒ．ｅｘａｍｐｌｅ／ｃａｒｄ", "mirror。example。", "hk\u200Bleaks.org\u200Bjoin", "𝗵𝗸𝗹𝗲𝗮𝗸𝘀.org",
		"請看mirror.example，謝謝", "「http://mirror.test/」", `http:\\mirror.example\x`, "https:// mirror.example/card",
		"https%3A%2F%2Fmirror.example%2Fcard%3Fa%3D1", "http://0x7f.1/x", "https://[::1]:81/x", "https://user:pw@mirror.example/%%34%31",
		"https://web.archive.org/web/2020/https://mirror.example/card?x=1#/a", "https://x.test/?url=https%3A%2F%2Fmirror.example%2Fcard",
		"mirror-example.translate.goog/a?_x_tr_sl=zh&b=1", "tg://resolve?domain=somechannel&post=12", "https://t.me/s/somechannel/12",
		"http://a.example/1http://b.example/2", "http://http://mirror.example", "a@mirror.example #mirror.example @mirror.example",
		"https://mirror.example/#!/card/1", "https://mirror.example/%2e%2E/%7Ea/%e4?%2526=1&&=&a", "https://hkleakѕ.ru/ß", "xn--hkleak-nvf.ru",
		"hkleaks DOT ru/card/1 pier點example pier·com。hk", "請看hkleakѕ.ru，pier. org", `pier\.example mirror[.example[/]a mirror.]test`,
		"mirror.example/index.html/default.aspx/", "https://mirror.example/a(b)[c](d", "hkleaks【.】org（dot）hk", "https://mirror.example:0443/",
	}
}
