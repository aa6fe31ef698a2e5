package cardlink

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func canonical(t *testing.T, raw string) Link {
	t.Helper()
	l, err := Canonicalise(raw)
	if err != nil {
		t.Fatalf("canonical form of %q: %v", raw, err)
	}
	return l
}

func TestCanonicalForm(t *testing.T) {
	for _, test := range []struct{ why, raw, want string }{
		{"scheme dropped, root has a slash", "https://mirror.example", "mirror.example/"},
		{"host in lower case, path as it is", "http://MIRROR.Example/Card/A", "mirror.example/Card/A"},
		{"trailing dot of the host", "https://mirror.example./a", "mirror.example/a"},
		{"user information", "https://a:b@c@mirror.example/a", "mirror.example/a"},
		{"default port", "https://mirror.example:443/a", "mirror.example/a"},
		{"the other default port", "https://mirror.example:80/a", "mirror.example/a"},
		{"other port", "http://mirror.example:08080/a", "mirror.example:8080/a"},
		{"leading labels stay in the address", "https://www.mirror.example/", "www.mirror.example/"},
		{"internationalised host", "https://Bücher.example/", "xn--bcher-kva.example/"},
		{"address in hexadecimal", "http://0xC0.0250.01/x", "192.168.0.1/x"},
		{"escaped host", "http://mirr%6Fr%2Eexample/x", "mirror.example/x"},
		{"dots in the path", "https://mirror.example/a/./b/../c", "mirror.example/a/c"},
		{"escaped dots in the path", "https://mirror.example/a/%2e%2E/c", "mirror.example/c"},
		{"backslashes", `https:\\mirror.example\a\b`, "mirror.example/a/b"},
		{"repeated and trailing slashes", "https://mirror.example//a///b//", "mirror.example/a/b"},
		{"escapes of plain characters", "https://mirror.example/%7e%41%2d%5F", "mirror.example/~A-_"},
		{"escapes of others", "https://mirror.example/a%2fb%c3%a4", "mirror.example/a%2Fb%C3%A4"},
		{"percent sign without meaning", "https://mirror.example/100%", "mirror.example/100%25"},
		{"escape made by reading one", "https://mirror.example/%%34%31", "mirror.example/%2541"},
		{"non-ASCII path", "https://mirror.example/ä?ö=ü", "mirror.example/%C3%A4?%C3%B6=%C3%BC"},
		{"index", "https://mirror.example/a/index.html", "mirror.example/a"},
		{"index at the root with a query", "https://mirror.example/Index.php?id=5", "mirror.example/?id=5"},
		{"default", "https://mirror.example/Default.aspx", "mirror.example/"},
		{"index in an index", "https://mirror.example/index.html/default.asp/", "mirror.example/"},
		{"no index", "https://mirror.example/index", "mirror.example/index"},
		{"picture called index", "https://mirror.example/index.jpg", "mirror.example/index.jpg"},
		{"page below an index", "https://mirror.example/index.php/a", "mirror.example/index.php/a"},
		{"query sorted by key only", "https://mirror.example/?b=2&a=2&a=1&c", "mirror.example/?a=2&a=1&b=2&c"},
		{"empty parameters", "https://mirror.example/?&&a=&", "mirror.example/?a="},
		{"tracking keys", "https://mirror.example/?utm_source=a&UTM_Medium=b&Utm_Campaign=m&fbclid=c&gclid=d&dclid=e&igshid=f&mibextid=g&" +
			"twclid=h&mc_cid=i&mc_eid=j&si=k&spm=l&feature=m&id=5", "mirror.example/?id=5"},
		{"only tracking keys", "https://mirror.example/a?utm_source=x", "mirror.example/a"},
		{"escaped tracking key", "https://mirror.example/a?%75tm_source=x", "mirror.example/a"},
		{"ref of a platform", "https://mirror.example/?ref=Telegram&a=1", "mirror.example/?a=1"},
		{"ref of something else", "https://mirror.example/?ref=123", "mirror.example/?ref=123"},
		{"s and t on twitter", "https://mobile.twitter.com/a/status/1?s=20&t=x", "mobile.twitter.com/a/status/1"},
		{"s and t elsewhere", "https://mirror.example/?t=1&s=2", "mirror.example/?s=2&t=1"},
		{"fragment", "https://mirror.example/a#b", "mirror.example/a"},
		{"route", "https://mirror.example/#/card/%41", "mirror.example/#/card/A"},
		{"route with a mark", "https://mirror.example/a?b=1#!card", "mirror.example/a?b=1#!card"},
		{"route of the start page", "https://mirror.example/#!/", "mirror.example/"},
		{"without scheme", "mirror.example:8080/a", "mirror.example:8080/a"},
		{"without scheme but slashes", "//mirror.example/a", "mirror.example/a"},
		{"telegram's own scheme", "tg://resolve?domain=some_channel", "t.me/some_channel"},
	} {
		t.Run(test.why, func(t *testing.T) {
			l := canonical(t, test.raw)
			if l.URL != test.want {
				t.Errorf("canonical form of %q is %q, want %q", test.raw, l.URL, test.want)
			}
			checkLink(t, l)
		})
	}
}

func TestNoAddress(t *testing.T) {
	for _, raw := range []string{
		"", "   ", "http://", "https:///", "http://a..b/", "http://.example", "http://a b.example/", "http://a!b.example",
		"mailto:a@b.example", "ftp://mirror.example", "javascript:alert(1)", "tg://settings", "tg://resolve?phone=85212345678",
		"http://mirror.example:99999/", "http://1.2.3.4.5/", "http://[::g]/", "https://https:443/", "/just/a/path", "a b", "user:pw@mirror.example",
		"http://" + strings.Repeat("a", 64) + ".example", "http://" + strings.Repeat("a.", 130) + "example",
		"http://mirror.example/" + strings.Repeat("ä", maxCanonical/2),
	} {
		l, err := Canonicalise(raw)
		if !errors.Is(err, ErrNoLink) {
			t.Errorf("%.40q gives %.40q and error %v, want ErrNoLink", raw, l.URL, err)
		}
		if err != nil && len(raw) > 8 && strings.Contains(err.Error(), raw[7:]) {
			t.Errorf("error for %.40q holds it", raw)
		}
	}
}

func TestDomains(t *testing.T) {
	for _, test := range []struct{ raw, host, site, registrable, label string }{
		{"https://www.hkleaks.org/a", "hkleaks.org", "hkleaks.org", "hkleaks.org", "hkleaks"},
		{"https://m.hkleaks.com.hk", "hkleaks.com.hk", "hkleaks.com.hk", "hkleaks.com.hk", "hkleaks"},
		{"https://amp.www.a.hkleaks.ru", "a.hkleaks.ru", "hkleaks.ru", "hkleaks.ru", "hkleaks"},
		{"https://mobile.mirror.example", "mirror.example", "mirror.example", "mirror.example", "mirror"},
		{"https://hkleaks.pages.dev", "hkleaks.pages.dev", "hkleaks.pages.dev", "pages.dev", "hkleaks"},
		{"https://www.foo.github.io", "foo.github.io", "foo.github.io", "github.io", "foo"},
		{"https://github.io", "github.io", "github.io", "github.io", "github"},
		{"https://x.eu.org", "x.eu.org", "x.eu.org", "eu.org", "x"},
		// Nothing is taken off that belongs to the site.
		{"https://www.github.io", "www.github.io", "www.github.io", "github.io", "www"},
		{"https://m.example", "m.example", "m.example", "m.example", "m"},
		{"https://hkleaks.onion", "hkleaks.onion", "hkleaks.onion", "hkleaks.onion", "hkleaks"},
		{"https://a.b.unknown", "a.b.unknown", "b.unknown", "b.unknown", "b"},
		{"https://localhost", "localhost", "localhost", "localhost", "localhost"},
		{"https://co.uk", "co.uk", "co.uk", "co.uk", "co"},
		{"http://192.168.0.1/", "192.168.0.1", "192.168.0.1", "192.168.0.1", ""},
		{"http://[2001:DB8::1]:81/", "[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]", ""},
		{"https://hkIeaks.org", "hkieaks.org", "hkieaks.org", "hkieaks.org", "hkleaks"},
		{"https://WWW.HKDIARY.ORG", "hkdiary.org", "hkdiary.org", "hkdiary.org", "hkdiary"},
		{"https://hkleakѕ.ru", "xn--hkleak-nvf.ru", "xn--hkleak-nvf.ru", "xn--hkleak-nvf.ru", "hkleaks"},
		{"https://xn--kleaks-vgg.org", "xn--kleaks-vgg.org", "xn--kleaks-vgg.org", "xn--kleaks-vgg.org", "hkleaks"},
		{"https://hkIeakѕ。ru.", "xn--hkieak-nvf.ru", "xn--hkieak-nvf.ru", "xn--hkieak-nvf.ru", "hkleaks"},
	} {
		l := canonical(t, test.raw)
		got := []string{l.Host, l.Site, l.Registrable, l.Label}
		want := []string{test.host, test.site, test.registrable, test.label}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("host, site, registrable, label of %q (-got +want):\n%s", test.raw, diff)
		}
	}
}

func TestPaths(t *testing.T) {
	const (
		none     = doxtrailv1.ExtensionClass_EXTENSION_CLASS_NONE
		page     = doxtrailv1.ExtensionClass_EXTENSION_CLASS_PAGE
		image    = doxtrailv1.ExtensionClass_EXTENSION_CLASS_IMAGE
		video    = doxtrailv1.ExtensionClass_EXTENSION_CLASS_VIDEO
		document = doxtrailv1.ExtensionClass_EXTENSION_CLASS_DOCUMENT
		other    = doxtrailv1.ExtensionClass_EXTENSION_CLASS_OTHER
	)
	for _, test := range []struct {
		raw, path, dir string
		depth          uint32
		class          doxtrailv1.ExtensionClass
	}{
		{"mirror.example", "/", "/", 0, none},
		{"mirror.example/?a=b/c.jpg", "/?a=b/c.jpg", "/", 1, none},
		{"mirror.example/?utm_source=x#top", "/", "/", 0, none},
		{"mirror.example/#!card", "/#!card", "/", 1, none},
		{"mirror.example/model/pc/content_1.html", "/model/pc/content_1.html", "/model/pc/", 3, page},
		{"mirror.example/a/", "/a", "/", 1, none},
		{"mirror.example/a/B.JPG?x=1", "/a/B.JPG?x=1", "/a/", 2, image},
		{"mirror.example/a.mp4", "/a.mp4", "/", 1, video},
		{"mirror.example/a.pdf", "/a.pdf", "/", 1, document},
		{"mirror.example/a.exe", "/a.exe", "/", 1, other},
		{"mirror.example/.hidden", "/.hidden", "/", 1, none},
		{"mirror.example/version1.2.something", "/version1.2.something", "/", 1, none},
		{"mirror.example/a/#/b/c", "/a#/b/c", "/", 3, none},
	} {
		l := canonical(t, test.raw)
		if l.Path != test.path || l.Dir != test.dir || l.Depth != test.depth || l.Extension != test.class {
			t.Errorf("%q: path %q, folder %q, depth %d, class %v", test.raw, l.Path, l.Dir, l.Depth, l.Extension)
		}
	}
}
