package cardlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestCarriers(t *testing.T) {
	const (
		link     = doxtrailv1.LinkRole_LINK_ROLE_LINK
		carrier  = doxtrailv1.LinkRole_LINK_ROLE_CARRIER
		embedded = doxtrailv1.LinkRole_LINK_ROLE_EMBEDDED
	)
	type row struct {
		Host, Path string
		Role       doxtrailv1.LinkRole
	}
	for _, test := range []struct {
		url  string
		want []row
	}{
		{"https://web.archive.org/web/20200101000000/https://mirror.example/card?x=1", []row{
			{"web.archive.org", "/web/20200101000000/https:/mirror.example/card?x=1", carrier}, {"mirror.example", "/card?x=1", embedded},
		}},
		{"https://web.archive.org/web/2020id_/mirror.example/card", []row{
			{"web.archive.org", "/web/2020id_/mirror.example/card", carrier}, {"mirror.example", "/card", embedded},
		}},
		{"https://web.archive.org/web/*/mirror.example", []row{
			{"web.archive.org", "/web/*/mirror.example", carrier}, {"mirror.example", "/", embedded},
		}},
		{"https://web.archive.org/web/https:/mirror.example/a", []row{
			{"web.archive.org", "/web/https:/mirror.example/a", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://archive.ph/2020.01.01-000000/https://mirror.example/a", []row{
			{"archive.ph", "/2020.01.01-000000/https:/mirror.example/a", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://archive.today/newest/mirror.example/a", []row{
			{"archive.today", "/newest/mirror.example/a", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://archive.is/o/AbC12/mirror.example/a", []row{
			{"archive.is", "/o/AbC12/mirror.example/a", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://archive.ph/AbC12", []row{{"archive.ph", "/AbC12", link}}},
		{"https://translate.google.com/translate?sl=zh&u=https%3A%2F%2Fmirror.example%2Fa", []row{
			{"translate.google.com", "/translate?sl=zh&u=https%3A%2F%2Fmirror.example%2Fa", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://translate.google.com.hk/translate?u=mirror.example/a", []row{
			{"translate.google.com.hk", "/translate?u=mirror.example/a", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://my--mirror-example.translate.goog/a?_x_tr_sl=zh&b=1", []row{
			{"my--mirror-example.translate.goog", "/a?_x_tr_sl=zh&b=1", carrier}, {"my-mirror.example", "/a?b=1", embedded},
		}},
		{"https://l.facebook.com/l.php?h=x&u=https%3A%2F%2Fmirror.example%2Fa%3Fb%3D1%26fbclid%3Dz", []row{
			{"l.facebook.com", "/l.php?h=x&u=https%3A%2F%2Fmirror.example%2Fa%3Fb%3D1%26fbclid%3Dz", carrier}, {"mirror.example", "/a?b=1", embedded},
		}},
		{"https://any.example/go?url=https%253A%252F%252Fmirror.example%252Fa", []row{
			{"any.example", "/go?url=https%253A%252F%252Fmirror.example%252Fa", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://any.example/go?url=//not-a-host", []row{{"any.example", "/go?url=//not-a-host", link}}},
		{"https://any.example/go?next=https://mirror.example", []row{{"any.example", "/go?next=https://mirror.example", link}}},
		{"https://www.google.com/url?q=https://mirror.example/", []row{
			{"google.com", "/url?q=https://mirror.example/", carrier}, {"mirror.example", "/", embedded},
		}},
		{"https://relay.example/https%3A%2F%2Fmirror.example%2Fa", []row{
			{"relay.example", "/https%3A%2F%2Fmirror.example%2Fa", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://news.example/httpd/http-errors", []row{{"news.example", "/httpd/http-errors", link}}},
		{"https://news.example/http.cat/404", []row{{"news.example", "/http.cat/404", link}}},
		{"https://relay.example/x/HTTPS%253A%252F%252Fmirror.example%252Fa", []row{
			{"relay.example", "/x/HTTPS%253A%252F%252Fmirror.example%252Fa", carrier}, {"mirror.example", "/a", embedded},
		}},
		{"https://web.archive.org/web/2020/https://l.facebook.com/l.php?u=https%3A%2F%2Fmirror.example%2Fa", []row{
			{"web.archive.org", "/web/2020/https:/l.facebook.com/l.php?u=https%3A%2F%2Fmirror.example%2Fa", carrier},
			{"l.facebook.com", "/l.php?u=https%3A%2F%2Fmirror.example%2Fa", embedded},
			{"mirror.example", "/a", embedded},
		}},
		{"https://web.archive.org/web/2020/https://any.example/?url=https%3A%2F%2Fmirror.example%2Fa", []row{
			{"web.archive.org", "/web/2020/https:/any.example?url=https%3A%2F%2Fmirror.example%2Fa", carrier},
			{"any.example", "/?url=https%3A%2F%2Fmirror.example%2Fa", embedded},
			{"mirror.example", "/a", embedded},
		}},
	} {
		f := New()
		for name, links := range map[string][]Link{
			"text":   f.Text(nil, "看"+test.url+" 看"),
			"marked": f.Marked(nil, test.url, doxtrailv1.LinkSource_LINK_SOURCE_ENTITY, doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM),
		} {
			var got []row
			for _, l := range links {
				got = append(got, row{l.Host, l.Path, l.Role})
				tagged := len(l.Disguises) == 1 && l.Disguises[0] == embeddedTag
				if tagged != (l.Role == embedded) {
					t.Errorf("%q of %s has role %v and disguises %v", l.URL, test.url, l.Role, l.Disguises)
				}
				checkLink(t, l)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("%s: links of %q (-got +want):\n%s", name, test.url, diff)
			}
		}
	}
}

func TestRedirectors(t *testing.T) {
	for _, url := range []string{
		"https://lm.facebook.com/l.php?u=https%3A%2F%2Fmirror.example%2Fa",
		"https://m.facebook.com/l.php?u=https%3A%2F%2Fmirror.example%2Fa",
		"https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fmirror.example%2Fa",
		"https://l.instagram.com/?u=https%3A%2F%2Fmirror.example%2Fa",
		"https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fmirror.example%2Fa",
		"https://vk.com/away.php?to=https%3A%2F%2Fmirror.example%2Fa",
		"https://t.umblr.com/redirect?z=https%3A%2F%2Fmirror.example%2Fa",
		"https://link.zhihu.com/?target=https%3A%2F%2Fmirror.example%2Fa",
		"https://c.pc.qq.com/middlem.html?pfurl=https%3A%2F%2Fmirror.example%2Fa",
		"https://weibo.cn/sinaurl?u=https%3A%2F%2Fmirror.example%2Fa",
		"https://t.me/iv?url=https%3A%2F%2Fmirror.example%2Fa&rhash=1",
	} {
		links := New().Text(nil, url)
		if len(links) != 2 || links[1].URL != "mirror.example/a" {
			t.Errorf("%d links in %q", len(links), url)
		}
	}
}

func TestLinksInLinksEnd(t *testing.T) {
	url := "https://mirror.example/a"
	for range 3 * maxNested {
		url = "https://any.example/" + url
	}
	links := New().Text(nil, url)
	if len(links) != maxNested {
		t.Errorf("%d links, want %d", len(links), maxNested)
	}
}
