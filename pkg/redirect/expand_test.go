package redirect

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// expand expands the link of a new page of short.test.
func (r *rig) expand(t *testing.T, c *Client, handler http.Handler) Result {
	t.Helper()
	r.pages++
	path := fmt.Sprintf("/page/%d", r.pages)
	r.mux.Handle("short.test"+path, handler)
	got, err := c.Expand(t.Context(), "http://short.test"+path)
	if err != nil {
		t.Fatal(err)
	}
	r.untouched(t)
	return got
}

func status(code int, target string) http.HandlerFunc {
	return raw(fmt.Sprintf("HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", code, target))
}

// To a plain client t.co answers with a redirect, to a browser with a page: both as
// they are, with another target.
const (
	tcoPlain = "HTTP/1.1 301 Moved Permanently\r\ncache-control: private,max-age=300\r\nlocation: https://cards.example/card/A_b?c=1\r\nset-cookie: muc=1; Path=/\r\ncontent-length: 0\r\n\r\n"
	tcoPage  = `<head><noscript><META http-equiv="refresh" content="0;URL=https://cards.example/card/A_b?c=1"></noscript><title>https://cards.example/card/A_b?c=1</title></head>` +
		`<script>window.opener = null; location.replace("https:\/\/cards.example\/card\/A_b?c=1")</script>`
)

func TestATargetIsToldInManyWaysAndNeverRequested(t *testing.T) {
	r := newRig(t)
	r.name("cards.example", []string{inside}) // whoever asks for it is found out
	c := r.client(t, Config{Shorteners: []string{"short.test", "other.test"}})
	r.mux.Handle("other.test/next", status(301, "https://cards.example/card/A_b?c=1"))
	for _, w := range []struct {
		name   string
		answer http.Handler
		hops   int
	}{
		{"t.co for plain clients", raw(tcoPlain), 1},
		{"t.co for browsers", page(tcoPage), 1},
		{"301", status(301, "https://cards.example/card/A_b?c=1"), 1},
		{"302", status(302, "https://cards.example/card/A_b?c=1"), 1},
		{"303", status(303, "https://cards.example/card/A_b?c=1"), 1},
		{"307", status(307, "https://cards.example/card/A_b?c=1"), 1},
		{"308", status(308, "https://cards.example/card/A_b?c=1"), 1},
		{"one Location twice", status(302, "https://cards.example/card/A_b?c=1\r\nLocation: https://cards.example/card/A_b?c=1"), 1},
		{"spelled otherwise", status(302, `HTTPS:\\Cards.Example:443\x\..\card/A_b?c=1`), 1},
		{"over another shortener", status(302, "http://other.test/next"), 2},
		{"over another shortener with www.", status(302, "//OTHER.test:80/next"), 2},
		{"Refresh", raw("HTTP/1.1 200 OK\r\nRefresh: 1; url=https://cards.example/card/A_b?c=1\r\nContent-Length: 0\r\n\r\n"), 1},
		{"script alone", page(`<html><script>window.location.href = 'https:\u002f\x2fcards.example/card/A_b?c=1';</script>`), 1},
	} {
		t.Run(w.name, func(t *testing.T) {
			want := Result{URL: "https://cards.example/card/A_b?c=1", Outcome: Resolved, Hops: w.hops}
			if diff := cmp.Diff(want, r.expand(t, c, w.answer)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestADisguisedTargetIsAnAnswer(t *testing.T) {
	r := newRig(t)
	c := r.client(t, Config{})
	for _, w := range []struct{ target, want string }{
		{"https://cards.example:8443/x", "https://cards.example:8443/x"},
		{"https://short.test@cards.example/x", "https://cards.example/x"},
		{"https://cards.example./x", "https://cards.example./x"},
		{"https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"},
		{"http://9.9.9.9/x", "http://9.9.9.9/x"},
		{"http://0x09090909:81/x", "http://9.9.9.9:81/x"},
		{"http://[2620:fe::fe]/x", "http://[2620:fe::fe]/x"},
		{"https://cards.example/\xe9", "https://cards.example/%EF%BF%BD"},
		{"https://cards.example/a%0d%0ab%00#/c", "https://cards.example/a%0d%0ab%00#/c"},
	} {
		t.Run(w.target, func(t *testing.T) {
			if diff := cmp.Diff(Result{URL: w.want, Outcome: Resolved, Hops: 1}, r.expand(t, c, to(w.target))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWarningIsABlockedLink(t *testing.T) {
	r := newRig(t)
	c := r.client(t, Config{Watched: watchedHost})
	for _, w := range []struct {
		name, want string
		answer     http.Handler
	}{
		{"Twitter", "https://cards.example/x?y&z", to("https://twitter.com/safety/unsafe_link_warning?unsafe_link=https://cards.example/x?y&z")},
		{"X, escaped", "https://cards.example/x?y", to("https://x.com/safety/unsafe_link_warning?a=b&unsafe_link=https%3A%2F%2Fcards.example%2Fx%3Fy&b=c")},
		{"Bitly", "http://watched.example/x", to("https://bitly.com/a/warning?hash=1&url=http%3a%2f%2fwatched%2eexample%2fx")},
		{"without a target", "", to("https://bitly.com/a/warning?hash=1")},
		{"with one that is none", "", to("https://bitly.com/a/warning?url=http%3A%2F%2F127.0.0.1")},
		{"with one that is broken", "", to("https://bitly.com/a/warning?url=%zz")},
		{"for legal reasons", "", status(451, "https://cards.example/")},
	} {
		t.Run(w.name, func(t *testing.T) {
			if diff := cmp.Diff(Result{URL: w.want, Outcome: Blocked, Hops: 1}, r.expand(t, c, w.answer)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestALinkThatLeadsNowhere(t *testing.T) {
	r := newRig(t)
	c := r.client(t, Config{})
	for _, w := range []struct {
		name   string
		answer http.Handler
		want   Reason
	}{
		{"404", status(404, "https://cards.example/"), Gone},
		{"410", status(410, "https://cards.example/"), Gone},
		{"429", status(429, ""), Paused},
		{"500", status(500, ""), Paused},
		{"403", status(403, ""), Failed},
		{"204", status(204, "https://cards.example/"), Failed},
		{"304", status(304, "https://cards.example/"), Failed},
		{"a picture", raw("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + tcoPage), NoTarget},
		{"a page", page("<title>short links</title>"), NoTarget},
	} {
		t.Run(w.name, func(t *testing.T) {
			if diff := cmp.Diff(Result{Outcome: Unresolved, Reason: w.want, Hops: 1}, r.expand(t, c, w.answer)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestARequestSaysNothingOfWhoAsks(t *testing.T) {
	r := newRig(t)
	var seen []http.Header
	r.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		header := req.Header.Clone()
		header.Set("*", req.Method+" "+req.Proto+" "+req.Host+req.URL.String())
		seen = append(seen, header)
		w.Header().Set("Set-Cookie", "a=b; Path=/; Domain=test")
		http.Redirect(w, req, "http://other.test/%C3%A4|x?b=1&a=%zz#f", http.StatusFound)
	})
	c := r.client(t, Config{Hops: 2})
	if transport, ok := c.transport.(*http.Transport); !ok || transport.Proxy != nil {
		t.Error("there is a proxy") // that of the environment is read once a process, so it cannot be set here
	}
	if got, err := c.Expand(t.Context(), "http://www.short.test/A?#secret"); err != nil || got.Outcome != Unresolved {
		t.Fatalf("%+v, %v", got, err)
	}
	want := []http.Header{
		{"User-Agent": {userAgent}, "Accept": {"text/html"}, "Connection": {"close"}, "*": {"GET HTTP/1.1 www.short.test/A?"}},
		{"User-Agent": {userAgent}, "Accept": {"text/html"}, "Connection": {"close"}, "*": {"GET HTTP/1.1 other.test/%C3%A4%7Cx?b=1&a=%zz"}},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.untouched(t)
}

func TestCertificatesAreChecked(t *testing.T) {
	r := newRig(t)
	server := httptest.NewUnstartedServer(to("https://cards.example/x"))
	server.Listener.Close()
	server.Listener = listen(t, outside+":0")
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS() // its certificate is for example.com
	t.Cleanup(server.Close)
	r.name("example.com", []string{outside})
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	r.wiring.ports = map[string]string{"443": port}
	r.wiring.exempt = func(at netip.AddrPort) bool { return at.String() == server.Listener.Addr().String() }
	expand := func(link string) Result {
		got, err := r.client(t, Config{}).Expand(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := expand("https://example.com/x"); got.Reason != Unreachable {
		t.Errorf("a certificate that nobody vouches for: %+v", got)
	}
	r.wiring.roots = x509.NewCertPool()
	r.wiring.roots.AddCert(server.Certificate())
	if got := expand("https://example.com/x"); got.Outcome != Resolved {
		t.Errorf("a good certificate: %+v", got)
	}
	if got := expand("https://short.test/x"); got.Reason != Unreachable {
		t.Errorf("a certificate of another name: %+v", got)
	}
}

// Of two addresses the one that may be dialled is, whichever comes first.
func TestANameWithAGoodAddressIsAskedThere(t *testing.T) {
	r := newRig(t)
	r.name("first.test", []string{inside, "::1", outside})
	r.name("last.test", []string{outside, inside})
	r.mux.Handle("/x", to("https://cards.example/x"))
	c := r.client(t, Config{})
	for _, host := range []string{"first.test", "last.test"} {
		got, err := c.Expand(t.Context(), "http://"+host+"/x")
		if err != nil || got.Outcome != Resolved {
			t.Errorf("%s: %+v, %v", host, got, err)
		}
	}
	r.untouched(t)
}

func TestAHostIsAskedOneThingAtATimeAndTheOthersNextToIt(t *testing.T) {
	r := newRig(t)
	var mu sync.Mutex
	under, most, release := map[string]int{}, map[string]int{}, make(chan struct{})
	both := make(chan string, 2)
	r.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		host := strings.TrimPrefix(req.Host, "www.")
		mu.Lock()
		under[host]++
		most[host] = max(most[host], under[host])
		mu.Unlock()
		select {
		case both <- host:
		default:
		}
		<-release
		mu.Lock()
		under[host]--
		mu.Unlock()
		to("https://cards.example/x")(w, req)
	})
	c := r.client(t, Config{})
	var done sync.WaitGroup
	for i := range 12 {
		host := []string{"short.test", "other.test", "www.short.test"}[i%3]
		done.Go(func() {
			if got, err := c.Expand(t.Context(), fmt.Sprintf("http://%s/%d", host, i)); err != nil || got.Outcome != Resolved {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if a, b := <-both, <-both; a == b {
		t.Errorf("%s is asked twice at a time", a)
	}
	close(release)
	done.Wait()
	if diff := cmp.Diff(map[string]int{"short.test": 1, "other.test": 1}, most); diff != "" {
		t.Errorf("at a time (-want +got):\n%s", diff)
	}
}

func TestTheContextEndsARequest(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.mux.HandleFunc("/", func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	})
	c := r.client(t, Config{})
	if got, err := c.Expand(ctx, "http://short.test/x"); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "short") {
		t.Errorf("%+v, %v", got, err)
	}
}
