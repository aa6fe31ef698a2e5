package redirect_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/redirect"
	"github.com/doxtrail/doxtrail/pkg/redirect/shortlink"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// collector takes what comes again.
type collector chan haul.Haul

func (collector) Follows(*doxtrailv1.RawPost) bool { return true }

func (c collector) Again(ctx context.Context, h haul.Haul) error {
	select {
	case c <- h:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// From a post to what comes again, over servers that answer as shorteners do.
func TestAPostIsExpandedOverServers(t *testing.T) {
	const found = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
	answers := map[string]string{
		"/card":    found + "https://harbour-leaks.example/card/1\r\n\r\n",
		"/page":    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<meta http-equiv=refresh content='0;url=https://cards.example/2'>",
		"/unsafe":  found + "https://x.com/safety/unsafe_link_warning?unsafe_link=https://cards.example/3\r\n\r\n",
		"/gone":    "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
		"/inward":  found + "http://169.254.169.254/latest/\r\n\r\n",
		"/nowhere": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>short links</title>",
		"/away":    "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n",
	}
	queue, err := shortlink.New(shortlink.Config{On: true}, shortlink.Deps{
		Posts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posts"}, []string{"result"}),
		Lists: func(ctx context.Context, each func(*watchlist.Effective)) error {
			each(&watchlist.Effective{Sites: []watchlist.EffectiveSite{{Host: "harbour-leaks.example", Whole: true, Listed: true}}})
			<-ctx.Done()
			return ctx.Err()
		},
		Expander: func(cfg redirect.Config) (shortlink.Expander, error) {
			return redirect.ClientOfThisMachine(t, cfg, answers), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(ctx) }()
	var text strings.Builder
	for path := range answers {
		text.WriteString("http://short.test" + path + " ")
	}
	words, now, again := text.String(), time.Now(), make(collector, 1)
	post := doxtrailv1.RawPost_builder{Text: &words, PostedAt: new(now.UnixMilli())}.Build()
	queue.Want(haul.Haul{Lane: bus.LaneLive, LookedAt: now, Posts: []*doxtrailv1.RawPost{post}}, again)
	var h haul.Haul
	select {
	case h = <-again:
	case <-time.After(bustest.Patience):
		t.Fatal("the post does not come again")
	}
	got := map[string]string{}
	for _, l := range h.Posts[0].GetLinks() {
		got[strings.TrimPrefix(l.GetResolves(), "http://short.test")] = strings.TrimPrefix(l.GetState().String(), "LINK_STATE_") + " " + l.GetUrl()
	}
	want := map[string]string{
		"/card": "RESOLVED https://harbour-leaks.example/card/1", "/page": "RESOLVED https://cards.example/2",
		"/unsafe": "BLOCKED_BY_PLATFORM https://cards.example/3", "/gone": "GONE ", "/inward": "REFUSED ", "/nowhere": "UNRESOLVED ", "/away": "UNANSWERED ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	cancel()
	<-ended
}
