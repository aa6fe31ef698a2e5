package twitter

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// unreadable is a page of a post that has no text, no time and no author.
const unreadable = `{"data":[{"id":"1880000000000000000"}],"meta":{"result_count":1}}`

// instead gives the address of a server that answers some requests itself, and passes
// the others on to an X.
func instead(t *testing.T, x *fake.Server, which func(*http.Request) bool, answer func() string) string {
	t.Helper()
	at, err := url.Parse(x.URL())
	if err != nil {
		t.Fatal(err)
	}
	behind := httputil.NewSingleHostReverseProxy(at)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if which(req) {
			fmt.Fprint(w, answer())
			return
		}
		behind.ServeHTTP(w, req)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Each page would be paid for: pages that lead nowhere have an end, and it is a gap.
func TestATimelineWhosePagesLeadNowhereHasAnEnd(t *testing.T) {
	r := reader(t, fake.Options{}, timelineReach)
	id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
	newest := r.fake.Post("harbour_watch", "the newest")
	var token atomic.Int64
	r.cfg.APIURL = instead(t, r.fake, func(req *http.Request) bool {
		return strings.HasSuffix(req.URL.Path, "/tweets") && req.URL.Query().Get("since_id") != ""
	}, func() string {
		return fmt.Sprintf(`{"data":[{"id":"%s","author_id":"%s","text":"again","created_at":"2026-11-01T00:00:00.000Z"}],"meta":{"next_token":"t%d"}}`,
			newest, id, token.Add(1))
	})
	r.watch(onX("harbour", id, ""))
	r.start()
	r.eventually("a gap", func() bool {
		return r.coveredOf(id, spanGap, func(*doxtrailv1.RawCoverage) bool { return true }) > 0
	})
	r.stop()
}

// What X sent is paid for, also what cannot be read, and coverage does not say that it
// was had.
func TestWhatCannotBeReadOfAnAnswerIsAGap(t *testing.T) {
	t.Run("of search", func(t *testing.T) {
		r := newStreamRig(t, fake.Options{})
		r.cfg.Stream.On, r.cfg.Search.Poll = false, 50*time.Millisecond
		r.cfg.APIURL = instead(t, r.fake, func(req *http.Request) bool { return strings.HasSuffix(req.URL.Path, "/search/recent") }, func() string { return unreadable })
		r.start()
		r.eventually("a gap", func() bool { return len(r.raw.holes(spanPosts)) > 0 })
		if n := len(r.raw.whole(spanPosts)); n != 0 || r.value("rejected_total") == 0 {
			t.Errorf("%d times are taken for read", n)
		}
		if reads := r.collector.now(time.Now()).Spending.Reads; reads == 0 {
			t.Error("what cannot be read counts nothing")
		}
	})
	t.Run("of a timeline", func(t *testing.T) {
		r := reader(t, fake.Options{}, timelineReach)
		id := r.fake.Account(fake.AccountSpec{Username: "harbour_watch"})
		r.cfg.APIURL = instead(t, r.fake, func(req *http.Request) bool {
			return strings.HasSuffix(req.URL.Path, "/tweets") && strings.Contains(req.URL.Path, "/users/")
		}, func() string { return unreadable })
		r.watch(onX("harbour", id, ""))
		r.start()
		all := func(*doxtrailv1.RawCoverage) bool { return true }
		r.eventually("two gaps", func() bool { return r.coveredOf(id, spanGap, all) > 1 })
		if n := r.coveredOf(id, spanComplete, all); n != 0 {
			t.Errorf("%d times are taken for read", n)
		}
	})
}
