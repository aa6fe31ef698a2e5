package cardlink

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolveReadsWhatABrowserWouldRead(t *testing.T) {
	const base = "https://short.example/a/b?c=d"
	for _, c := range []struct{ ref, want string }{
		{"https://cards.example/A/b?z=1&utm_source=x#/f", "https://cards.example/A/b?z=1&utm_source=x#/f"},
		{"//cards.example/x", "https://cards.example/x"},
		{`/\cards.example/x`, "https://cards.example/x"},
		{`\\cards.example\x`, "https://cards.example/x"},
		{"https:cards", "https://short.example/a/cards"},
		{"http:cards.example", "http://cards.example/"},
		{"https:///cards.example/x", "https://cards.example/x"},
		{"/x", "https://short.example/x"},
		{"x", "https://short.example/a/x"},
		{"?x", "https://short.example/a/b?x"},
		{"", "https://short.example/a/b?c=d"},
		{" \thttps://cards.exa\nmple/x\r\n", "https://cards.example/x"},
		{"HTTPS://Cards.Example:443/x", "https://cards.example/x"},
		{"http://cards.example:8080/x", "http://cards.example:8080/x"},
		{"http://name:word@cards.example/x", "http://cards.example/x"},
		{"https://short.example@cards.example/x", "https://cards.example/x"},
		{`https://cards.example\@short.example/x`, "https://cards.example/@short.example/x"},
		{"http://0x7f.1/", "http://127.0.0.1/"},
		{"http://2130706433/", "http://127.0.0.1/"},
		{"http://１２７。0。0。1/", "http://127.0.0.1/"},
		{"http://bücher.example/", "http://xn--bcher-kva.example/"},
		{"https://cards.example/\xff/名", "https://cards.example/%EF%BF%BD/%E5%90%8D"},
		{"https://cards.example./x", "https://cards.example./x"},
	} {
		got, err := Resolve(base, c.ref)
		if err != nil || got.URL != c.want {
			t.Errorf("%q: %q, %v; want %q", c.ref, got.URL, err, c.want)
			continue
		}
		again, err := Resolve("", got.URL)
		got.Userinfo = false
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("%q: read again (-once +again): %v\n%s", c.ref, err, diff)
		}
	}
}

func TestResolveTellsWhatAnAddressIs(t *testing.T) {
	for _, c := range []struct {
		ref  string
		want Address
	}{
		{"https://u@cards.example/x?y", Address{URL: "https://cards.example/x?y", Scheme: "https", Host: "cards.example", Path: "/x", Query: "y", Userinfo: true, Public: true}},
		{"http://[::ffff:127.0.0.1]:8/", Address{URL: "http://[::ffff:7f00:1]:8/", Scheme: "http", Host: "[::ffff:7f00:1]", Port: "8", Path: "/", IP: true}},
		{"http://printer/", Address{URL: "http://printer/", Scheme: "http", Host: "printer", Path: "/"}},
		{"http://metadata.corp.internal/", Address{URL: "http://metadata.corp.internal/", Scheme: "http", Host: "metadata.corp.internal", Path: "/"}},
	} {
		got, err := Resolve("", c.ref)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", c.ref, err, diff)
		}
	}
}

func TestResolveRefusesWhatIsNoWebPage(t *testing.T) {
	for _, ref := range []string{
		"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://cards.example/", "gopher://cards.example/", "mailto:a@cards.example",
		"http://", "http://[::1/", "http://a b.example/", "http://cards.example:99999/", "http://1.2.3.256/", "http://cards..example/",
		"https://cards.example/" + strings.Repeat("a", maxURL),
	} {
		if got, err := Resolve("https://short.example/", ref); !errors.Is(err, ErrNoLink) {
			t.Errorf("%.40q: %+v, %v", ref, got, err)
		} else if strings.Contains(err.Error(), "cards") {
			t.Errorf("%.40q: the error quotes it", ref)
		}
	}
	if _, err := Resolve("", "/x"); !errors.Is(err, ErrNoLink) {
		t.Errorf("half an address without the other half: %v", err)
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("https://short.example/a", `/\cards.example`)
	f.Add("", "http://u:p@[64:ff9b::7f00:1]:80/%zz?#")
	f.Add("http://short.example/", "//０x7f。1/../\x00")
	f.Fuzz(func(t *testing.T, base, ref string) {
		a, err := Resolve(base, ref)
		if err != nil {
			return
		}
		again, err := Resolve("", a.URL)
		a.Userinfo = false
		if diff := cmp.Diff(a, again); (err != nil || diff != "") && len(a.URL) <= maxURL {
			t.Errorf("%q from %q, read again: %v (-once +again):\n%s", ref, base, err, diff)
		}
	})
}
