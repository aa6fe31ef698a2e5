package cardlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestMarked(t *testing.T) {
	for _, test := range []struct {
		url  string
		want []found
	}{
		{"https://mirror.example/card", plain("mirror.example/card")},
		{"mirror.example", plain("mirror.example/")},
		{"  https://mirror.example/card\n", plain("mirror.example/card")},
		{"x.unknown/foo", plain("x.unknown/foo")},
		{"HTTP://MIRROR.EXAMPLE", plain("mirror.example/")},
		// The platform says where it ends, so nothing is cut.
		{"https://mirror.example/卡/陳.html", plain("mirror.example/%E5%8D%A1/%E9%99%B3.html")},
		{"https://mirror.example/a.", plain("mirror.example/a.")},
		{"https://mirror.example/a b", plain("mirror.example/a%20b")},
		{"https://mir\u200Bror.example/\u00ADa", tagged("mirror.example/a", invisibleTag)},
		{"https://ｍｉｒｒｏｒ。example/a", tagged("mirror.example/a", nfkcTag)},
		{"https://me:secret@mirror.example/a", tagged("mirror.example/a", userinfoTag)},
		{"hxxps[:]//mirror[.]example/a", tagged("mirror.example/a", schemeTag, bracketTag)},
		{"tg://privatepost?channel=1234567890&post=7", plain("t.me/c/1234567890/7")},
		{"tg:join?invite=AbC-d_E", plain("t.me/+AbC-d_E")},
		{"mailto:someone@mirror.example", nil},
		{"tel:+85212345678", nil},
		{"javascript:void(0)", nil},
		{"not a link", nil},
		{"", nil},
	} {
		var got []found
		for _, l := range New().Marked(nil, test.url, doxtrailv1.LinkSource_LINK_SOURCE_BUTTON, doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE) {
			got = append(got, found{l.URL, l.Disguises})
			if l.Start != 0 || l.End != len(test.url) {
				t.Errorf("place in %q is %d to %d", test.url, l.Start, l.End)
			}
		}
		if diff := cmp.Diff(got, test.want, cmp.AllowUnexported(found{})); diff != "" {
			t.Errorf("marked %q (-got +want):\n%s", test.url, diff)
		}
	}
}

func TestMarkedKeepsWhereItStood(t *testing.T) {
	for source, role := range map[doxtrailv1.LinkSource]doxtrailv1.LinkRole{
		doxtrailv1.LinkSource_LINK_SOURCE_ENTITY:    doxtrailv1.LinkRole_LINK_ROLE_LINK,
		doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK: doxtrailv1.LinkRole_LINK_ROLE_LINK,
		doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW:   doxtrailv1.LinkRole_LINK_ROLE_PREVIEW,
		doxtrailv1.LinkSource_LINK_SOURCE_QUOTED:    doxtrailv1.LinkRole_LINK_ROLE_QUOTED,
	} {
		links := New().Marked(nil, "https://mirror.example/a", source, doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND)
		if len(links) != 1 {
			t.Fatalf("%d links, want 1", len(links))
		}
		l := links[0]
		if l.Source != source || l.Role != role || l.ExpandedBy != doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND {
			t.Errorf("%v: source %v, role %v, expanded by %v", source, l.Source, l.Role, l.ExpandedBy)
		}
	}
}

func TestTextSaysWhereItStood(t *testing.T) {
	links := New().Text(nil, "https://mirror.example/a")
	if len(links) != 1 {
		t.Fatalf("%d links, want 1", len(links))
	}
	l := links[0]
	if l.Source != doxtrailv1.LinkSource_LINK_SOURCE_TEXT || l.Role != doxtrailv1.LinkRole_LINK_ROLE_LINK ||
		l.ExpandedBy != doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE || l.Scheme != "https" {
		t.Errorf("link %+v", l)
	}
}
