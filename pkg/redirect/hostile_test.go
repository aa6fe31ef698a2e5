package redirect

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// hostile is a short link that leads where nobody may be sent.
type hostile struct {
	name   string
	answer http.HandlerFunc
	want   Result
}

func refused(name, target string) hostile {
	return hostile{name, to(target), Result{Outcome: Unresolved, Reason: Refused, Hops: 1}}
}

// targets are refused as they are read, before anybody is asked about them.
func targets(port string) []hostile {
	return []hostile{
		refused("loopback", "http://127.0.0.1/"),
		refused("loopback, short", "http://127.1/"),
		refused("loopback, hexadecimal", "http://0x7f.1/"),
		refused("loopback, hexadecimal in one", "http://0x7F000001/"),
		refused("loopback, octal", "http://0177.0.0.01/"),
		refused("loopback, decimal", "http://2130706433/"),
		refused("loopback, escaped", "http://%31%32%37.0.0.1/"),
		refused("loopback, full width", "http://１２７．０．０．１/"),
		refused("loopback, ideographic dots", "http://127。0。0。1/"),
		refused("loopback, tab inside", "http://127.0\t.0.1/"),
		refused("loopback, without scheme", "//127.0.0.1/"),
		refused("loopback, backslashes", `\\127.0.0.1\x`),
		refused("loopback, version 6", "http://[::1]/"),
		refused("loopback, mapped", "http://[::ffff:127.0.0.1]/"),
		refused("loopback, NAT64", "http://[64:ff9b::127.0.0.1]/"),
		refused("loopback, 6to4", "http://[2002:7f00:1::]/"),
		refused("loopback, Teredo", "http://[2001:0:7f00:1::1]/"),
		refused("own listener", "http://127.0.0.1:"+port+"/"),
		refused("zero", "http://0/"),
		refused("unspecified", "http://0.0.0.0/"),
		refused("unspecified, version 6", "http://[::]/"),
		refused("private", "http://10.0.0.1/"),
		refused("private, 172.16", "http://172.31.255.254/"),
		refused("private, 192.168", "https://192.168.1.1/"),
		refused("private, version 6", "http://[fd00::2]/"),
		refused("link-local, version 6", "http://[fe80::1]/"),
		refused("link-local with a zone", "http://[fe80::1%25eth0]/"),
		refused("carrier-grade NAT", "http://100.64.0.1/"),
		refused("multicast", "http://224.0.0.1/"),
		refused("broadcast", "http://255.255.255.255/"),
		refused("documentation", "http://203.0.113.7/"),
		refused("benchmarking", "http://198.18.0.1/"),
		refused("metadata", "http://169.254.169.254/latest/meta-data/"),
		refused("metadata, decimal", "http://2852039166/latest/meta-data/"),
		refused("metadata, version 6", "http://[fd00:ec2::254]/latest/meta-data/"),
		refused("metadata, another cloud's", "http://100.100.100.200/latest/meta-data/"),
		refused("metadata by name", "http://metadata.google.internal/computeMetadata/v1/"),
		refused("name of one label", "http://metadata/"),
		refused("localhost", "http://localhost/"),
		refused("localhost with a dot", "http://localhost./"),
		refused("below localhost", "http://short.localhost/"),
		refused("localhost.localdomain", "http://localhost.localdomain/"),
		refused("localhost, circled letters", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/"),
		refused("printer", "http://printer.local/"),
		refused("port of SSH", "http://127.0.0.1:22/"),
		refused("port of Redis", "http://[::1]:6379/"),
		refused("shortener at another port", "http://short.test:8080/x"),
		refused("shortener at the port of the other scheme", "https://short.test:80/x"),
		refused("shortener with a trailing dot", "http://short.test./x"),
		refused("shortener with a password", "http://name:word@short.test/x"),
		refused("shortener as a name", "http://short.test@127.0.0.1/"),
		refused("shortener as a password", "http://x:short.test@127.0.0.1/"),
		refused("shortener behind a backslash", `http://127.0.0.1\@short.test/`),
		refused("file", "file:///etc/passwd"),
		refused("gopher", "gopher://127.0.0.1:6379/_INFO"),
		refused("ftp", "ftp://127.0.0.1/"),
		refused("dict", "dict://127.0.0.1:11211/stats"),
		refused("javascript", "javascript:fetch('http://127.0.0.1/')"),
		refused("data", "data:text/html,<meta http-equiv=refresh content=0;url=http://127.0.0.1/>"),
		refused("no host", "http://"),
		{"NUL", to("http://127.0.0.1\x00.short.test/"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"NUL on a page", page("<meta http-equiv=refresh content='0;url=http://127.0.0.1\x00.short.test/'>"), Result{Outcome: Unresolved, Reason: Refused, Hops: 1}},
		refused("invalid UTF-8 in the host", "http://\xff\xfe.short.test/"),
		refused("xn-- that is none", "http://xn--a.short.test/\xff"),
		refused("second Location behind CR LF", "http://short.test/x\r\nLocation: http://127.0.0.1/"),
		refused("9 KiB", "http://short.test/"+strings.Repeat("a", 9<<10)),
		{"no Location", raw("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), Result{Outcome: Unresolved, Reason: NoTarget, Hops: 1}},
		{"empty Location", to(""), Result{Outcome: Unresolved, Reason: NoTarget, Hops: 1}},
		{"Refresh", raw("HTTP/1.1 200 OK\r\nRefresh: 0;url=http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"), Result{Outcome: Unresolved, Reason: Refused, Hops: 1}},
		{"meta refresh", page(`<meta http-equiv=refresh content="0;url=http://127.0.0.1/">`), Result{Outcome: Unresolved, Reason: Refused, Hops: 1}},
		{"script", page(`<script>location.replace("http:\/\/[::1]\/")</script>`), Result{Outcome: Unresolved, Reason: Refused, Hops: 1}},
		{"watched", to("https://watched.example/a_person"), Result{URL: "https://watched.example/a_person", Outcome: Watched, Hops: 1}},
		{"watched, disguised", to(`//x@WWW.Watched.example.:8443\a_person`), Result{URL: "http://www.watched.example.:8443/a_person", Outcome: Watched, Hops: 1}},
		{"watched, on the list of shorteners", to("http://watched.test/a_person"), Result{URL: "http://watched.test/a_person", Outcome: Watched, Hops: 1}},
	}
}

// names are shorteners whose names mean addresses that are not dialled.
func names() []hostile {
	guarded := Result{Outcome: Unresolved, Reason: Guarded, Hops: 2}
	return []hostile{
		{"name means loopback", to("http://loopback.test/"), guarded},
		{"name means loopback, https", to("https://loopback.test/"), guarded},
		{"name means loopback, version 6", to("http://loopback6.test/"), guarded},
		{"name means loopback, mapped", to("http://mapped.test/"), guarded},
		{"name means loopback, NAT64", to("http://nat64.test/"), guarded},
		{"name means a private address", to("http://private.test/"), guarded},
		{"name means the metadata", to("http://metadata.test/"), guarded},
		{"name means carrier-grade NAT", to("http://shared.test/"), guarded},
		{"name means nothing", to("http://nowhere.test/"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 2}},
		{"name means something else the second time", to("http://rebinding.test/again"), Result{Outcome: Unresolved, Reason: Guarded, Hops: 3}},
		{"two addresses, the private one last", to("http://last.test/"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 2}},
		{"two addresses, the private one first", to("http://first.test/"), guarded},
	}
}

func (r *rig) hostileNames() {
	r.name("loopback.test", []string{inside})
	r.name("loopback6.test", []string{"::1"})
	r.name("mapped.test", []string{"::ffff:127.0.0.1"})
	r.name("nat64.test", []string{"64:ff9b::7f00:1"})
	r.name("private.test", []string{"10.0.0.1"})
	r.name("metadata.test", []string{"169.254.169.254"})
	r.name("shared.test", []string{"100.64.0.1"})
	r.name("nowhere.test")
	r.name("rebinding.test", []string{outside}, []string{inside})
	r.name("last.test", []string{silent, inside})
	r.name("first.test", []string{inside, silent})
	r.name("watched.test", []string{inside})
	r.mux.Handle("rebinding.test/again", to("http://rebinding.test/then"))
}

// behaviours are answers that never end, are too large or lead in circles.
func behaviours(r *rig) []hostile {
	none := Result{Outcome: Unresolved, Reason: NoTarget, Hops: 1}
	r.mux.Handle("/circle", to("http://other.test/circle2"))
	r.mux.Handle("/circle2", to("http://short.test/circle"))
	r.mux.HandleFunc("/chain/{n}", func(w http.ResponseWriter, req *http.Request) {
		n, _ := strconv.Atoi(req.PathValue("n"))
		to("/chain/"+strconv.Itoa(n+1))(w, req)
	})
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(append([]byte(`<meta http-equiv=refresh content="0;url=https://cards.example/x">`), make([]byte, 8<<20)...))
	_ = z.Close()
	header := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	return []hostile{
		{"loop", to("http://short.test/circle"), Result{Outcome: Unresolved, Reason: Loop, Hops: 3}},
		{"eleven hops", to("/chain/1"), Result{Outcome: Unresolved, Reason: TooMany, Hops: 10}},
		{"a gigabyte", endless(1 << 30), none},
		{"gzip bomb", raw(header + "Content-Encoding: gzip\r\n\r\n" + bomb.String()), none},
		{"gzip bomb that is called none", raw(header + "\r\n" + bomb.String()), none},
		{"header of a megabyte", raw("HTTP/1.1 302 Found\r\nX: " + strings.Repeat("a", 1<<20) + "\r\nLocation: https://cards.example/\r\n\r\n"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"hints without end", hints, Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"no HTTP", raw("220 ftp.short.test ready\r\n"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"no answer", raw(""), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"body that breaks off", raw(header + "Content-Length: 100\r\n\r\n<meta http-equiv=refresh content='0;url=/x'>"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}},
		{"no TLS", to("https://short.test/"), Result{Outcome: Unresolved, Reason: Unreachable, Hops: 2}},
		{"switch of protocols", raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), Result{Outcome: Unresolved, Reason: Failed, Hops: 1}},
	}
}

func endless(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.CopyN(w, zeros{}, int64(size))
		_, _ = w.Write([]byte(`<meta http-equiv=refresh content="0;url=https://cards.example/x">`))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// hints announces an answer without end.
func hints(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	for err == nil {
		_, err = conn.Write([]byte("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"))
	}
}

func watchedHost(host string) bool { return host == "watched.example" || host == "watched.test" }

func TestHostileTargetsAreRefusedAndNobodyIsAskedAboutThem(t *testing.T) {
	r := newRig(t)
	r.hostileNames()
	all := append(append(targets(r.port), names()...), behaviours(r)...)
	if len(all) < 40 {
		t.Fatalf("only %d hostile targets", len(all))
	}
	count := prometheus.NewRegistry()
	c := r.client(t, Config{Watched: watchedHost, Metrics: count})
	for i, h := range all {
		t.Run(h.name, func(t *testing.T) {
			path := fmt.Sprintf("/hostile/%d", i)
			r.mux.Handle("short.test"+path, h.answer)
			got, err := c.Expand(t.Context(), "http://short.test"+path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(h.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r.untouched(t)
		})
	}
	// Of each endless page 64 KiB were read, and of the others what they had.
	if n := metric(t, count, "doxtrail_redirect_bytes_total"); n < 64<<10 || n > 3*64<<10 {
		t.Errorf("%.0f bytes were read", n)
	}
}

// A short link as it is given is refused like one that is led to.
func TestWhatIsNoShortLinkIsNotRequested(t *testing.T) {
	r := newRig(t)
	r.hostileNames()
	c := r.client(t, Config{Watched: watchedHost})
	for _, link := range []string{
		"http://127.0.0.1/", "http://127.0.0.1:" + r.port + "/", "https://cards.example/x", "http://short.test:8080/", "http://u@short.test/x",
		"http://short.test./x", "file:///etc/passwd", "", "/x", "short.test/x", "http://sub.short.test/x",
	} {
		if got, err := c.Expand(t.Context(), link); !errors.Is(err, ErrNotShort) {
			t.Errorf("%q: %+v, %v", link, got, err)
		}
	}
	got, err := c.Expand(t.Context(), "http://watched.test/a_person")
	if diff := cmp.Diff(Result{URL: "http://watched.test/a_person", Outcome: Watched}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if len(r.passed) > 0 {
		t.Errorf("dialled: %v", r.passed)
	}
	r.untouched(t)
}

// drip writes a byte now and then until it is left.
func drip(first string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, err = conn.Write([]byte(first))
		for tick := time.NewTicker(10 * time.Millisecond); err == nil; <-tick.C {
			_, err = conn.Write([]byte(" "))
		}
	}
}

func TestTheTimeOfAllHopsIsBounded(t *testing.T) {
	r := newRig(t)
	r.mux.Handle("/header", drip("HTTP/1.1 302 Found\r\nX:"))
	r.mux.Handle("/body", drip("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"))
	r.mux.Handle("/second", to("http://other.test/header"))
	c := r.client(t, Config{Timeout: 200 * time.Millisecond})
	for _, path := range []string{"header", "body", "second"} {
		got, err := c.Expand(t.Context(), "http://short.test/"+path)
		if err != nil || got.Reason != Slow || !got.Reason.Later() {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}
