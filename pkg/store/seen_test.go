package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// whereSeen asks for a page of a host below a site.
func (w *world) whereSeen(host, site, path string) store.Seen {
	w.t.Helper()
	seen, err := w.store.Seen(w.t.Context(), store.Page{
		Host: privacy.Key(w.key("host " + host)), Site: privacy.Key(w.key("site " + site)), Path: privacy.Key(w.key("path " + path)),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return seen
}

func TestWhereACardWasSeen(t *testing.T) {
	w := smallWorld(t)
	// A host of its own family below a site of another one.
	w.site(site{host: "own.four", family: "green", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, generation: 3})
	w.post(post{name: "p8", channel: "B", at: "01-09 00:00:00", platform: telegram, links: []string{"own.four /c1"}})
	w.insert()
	day := func(date string) time.Time { return time.UnixMilli(at(t, date)).UTC() }
	for _, tc := range []struct {
		host, site, path string
		want             store.Seen
	}{
		{"one", "one", "/c1", store.Seen{Places: 3, Posts: 3, Up: 3, Since: day("01-01 10:00:00"), Watched: true}},
		{"mirror.two", "two", "/c1", store.Seen{Places: 3, Posts: 3, Up: 3, Since: day("01-01 10:00:00"), Watched: true}},
		{"sub.three", "three", "/c2", store.Seen{Places: 3, Posts: 3, Up: 3, Since: day("01-02 09:00:00"), Watched: true}},
		{"other.two", "two", "/c1", store.Seen{Places: 1, Posts: 1, Up: 1, Since: day("01-08 01:00:00")}},
		{"four", "four", "/c1", store.Seen{Places: 1, Posts: 1, Up: 1, Since: day("01-08 00:00:00"), Watched: true}},
		{"own.four", "four", "/c1", store.Seen{Places: 1, Posts: 1, Up: 1, Since: day("01-09 00:00:00"), Watched: true}},
		{"one", "one", "/c9", store.Seen{Watched: true}},
		{"six", "six", "/c1", store.Seen{}},
	} {
		if diff := cmp.Diff(tc.want, w.whereSeen(tc.host, tc.site, tc.path)); diff != "" {
			t.Errorf("%s%s (-want +got):\n%s", tc.host, tc.path, diff)
		}
	}
}
