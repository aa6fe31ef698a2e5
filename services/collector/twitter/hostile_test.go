package twitter

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// Whoever posts writes all of a post, and a server that is not X's may write anything.

// person is nobody.
var person = fake.Naming{Name: "Invented Quayside", Handle: "inventedquay", Phone: "+852 5550 0199", Mail: "quay@mail.example", Slug: "inventedslug"}

// namesNobody says whether the log holds the person.
func (r *streamRig) namesNobody() {
	r.t.Helper()
	for _, secret := range []string{"Invented", "Quayside", person.Handle, "5550", person.Mail, person.Slug} {
		if strings.Contains(r.log.String(), secret) {
			r.t.Errorf("the log holds %q", secret)
		}
	}
}

func TestMessagesThatAreMeantToHarmAreRead(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.open()
	post := func(id, more string) string {
		return `{"data":{"id":` + id + `,"text":"` + person.Name + `","author_id":"7"` + more + `}}`
	}
	id := strconv.FormatInt(r.fake.NewID(), 10)
	quoted := strconv.Quote(id)
	for name, line := range map[string]string{
		"a name in every field": person.Line(r.fake.NewID(), "4711"),
		"a problem with a name": person.Problem(),
		"an id that is none":    post(strconv.Quote(person.Name), ""),
		"an id below zero":      post(`"-5"`, ""),
		"an id out of range":    post(`"99999999999999999999999999"`, ""),
		"the highest id":        post(`"18446744073709551615"`, ""),
		"an id that is nought":  post(`"0"`, ""),
		"an id that is a list":  post(`[1]`, ""),
		"the year 1970":         post(quoted, `,"created_at":"1970-01-01T00:00:00.000Z"`),
		"the year 2100":         post(quoted, `,"created_at":"2100-01-01T00:00:00.000Z"`),
		"a time that is none":   post(quoted, `,"created_at":"`+person.Name+`"`),
		"many entities": post(quoted, `,"entities":{"urls":[`+strings.TrimSuffix(
			strings.Repeat(`{"start":0,"end":1,"url":"https://t.co/a","expanded_url":"https://harbour-leaks.example/`+person.Slug+`"},`, 10_000), ",")+`]}`),
		"entities out of range": post(quoted, `,"entities":{"urls":[{"start":-1,"end":99999999,"expanded_url":"https://harbour-leaks.example/a"}]}`),
		"deep":                  strings.Repeat(`{"data":`, 100_000) + strings.Repeat("}", 100_000),
		"deep lists":            post(quoted, `,"entities":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)),
		"not UTF-8":             post(quoted, `,"lang":"`+"\xff\xfe"+`"`),
		"somebody else's rule":  strings.TrimSuffix(post(quoted, ""), "}") + `,"matching_rules":[{"id":"1","tag":"` + person.Name + `"}]}`,
		"a tag like ours":       strings.TrimSuffix(post(quoted, ""), "}") + `,"matching_rules":[{"id":"1","tag":"wl:` + person.Slug + `:v1"}]}`,
	} {
		r.fake.Line(line)
		after := r.fake.Post("invented_a", seenAt+" after "+name)
		r.arrives(after)
	}
	r.closed(1)
	r.everything()
	r.eventually("the position is kept", func() bool { return r.value("stream_up") == 1 })
	r.stop()
	r.silent()
	r.namesNobody()
	if n := r.fake.Count(api.MethodStream); n > 6 {
		t.Errorf("the stream was opened %d times", n)
	}
}

// before is a server before the fake's API: what change does not answer goes through.
func (r *streamRig) before(change func(w http.ResponseWriter, request *http.Request) (answered bool)) {
	r.t.Helper()
	u, err := url.Parse(r.cfg.APIURL)
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.FlushInterval, proxy.ErrorLog = -1, log.New(io.Discard, "", 0)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if !change(w, request) {
			proxy.ServeHTTP(w, request)
		}
	}))
	r.t.Cleanup(s.Close)
	r.cfg.APIURL = s.URL
}

// An answer may unpack to far more than it is, or nest without end.
func TestAnswersThatAreMeantToHarmAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = io.WriteString(z, `{"data":[`)
	for range 200 {
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	_ = z.Close()
	for name, tc := range map[string]struct {
		body    []byte
		zipped  bool
		outcome string
	}{
		"a gzip bomb": {bomb.Bytes(), true, "too_large"},
		"deep":        {[]byte(strings.Repeat(`{"data":`, 1_000_000)), false, "broken_json"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newStreamRig(t, fake.Options{})
			var harm atomic.Bool
			r.before(func(w http.ResponseWriter, request *http.Request) bool {
				if request.URL.Path != "/2/tweets/search/recent" || !harm.Load() {
					return false
				}
				if tc.zipped {
					w.Header().Set("Content-Encoding", "gzip")
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(tc.body)
				return true
			})
			r.start()
			r.open()
			r.closed(1)
			harm.Store(true)
			r.fake.CutStream()
			missed := r.fake.Post("invented_a", seenAt)
			r.eventually("it is counted", func() bool { return r.calls(api.MethodSearchRecent, tc.outcome) > 0 })
			r.arrives(r.fake.Post("invented_b", seenAt))
			harm.Store(false)
			r.arrives(missed)
			r.closed(2)
			r.everything()
			r.stop()
			r.silent()
		})
	}
}

// What a job names and nobody asked for is no news of ours.
func TestResultsOfPostsThatNobodyAskedForAreNotTaken(t *testing.T) {
	r, ids := complied(t, fake.Options{}, 2)
	const stranger = "1500000000000000001"
	lines := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "" {
			t.Error("a token came to another host")
		}
		for _, id := range []string{stranger, ids[0], "18446744073709551615", "99999999999999999999", "-1"} {
			_, _ = fmt.Fprintf(w, "{\"id\":%q,\"action\":\"delete\",\"reason\":\"deleted\",\"created_at\":\"1970-01-01T00:00:00Z\",\"redacted_at\":\"2100-01-01T00:00:00Z\"}\n", id)
		}
	}))
	t.Cleanup(lines.Close)
	u, err := url.Parse(r.fake.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		body = bytes.ReplaceAll(body, []byte(r.fake.StorageURL()+"/download"), []byte(lines.URL))
		response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return err
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	r.cfg.APIURL = front.URL
	r.start()
	r.became(ids[0], look.Gone, 1)
	r.stop()
	if n := len(r.raw.of(stranger)) + len(r.raw.of("18446744073709551615")); n > 0 {
		t.Errorf("%d observations of posts that were not asked for", n)
	}
	if n := len(r.raw.of(ids[1])); n > 0 {
		t.Errorf("%d observations of the other", n)
	}
}
