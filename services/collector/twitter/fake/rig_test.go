package fake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// start is a server that the test closes.
func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s := New(opts)
	t.Cleanup(s.Close)
	return s
}

// reply is an answer as the tests look at it.
type reply struct {
	status int
	header http.Header
	text   string
	Data   json.RawMessage
	Title  string
	Type   string
	Reason string
	Issue  string `json:"connection_issue"`
	Meta   struct {
		Count   int    `json:"result_count"`
		Next    string `json:"next_token"`
		Total   int    `json:"total_tweet_count"`
		Newest  string `json:"newest_id"`
		Oldest  string `json:"oldest_id"`
		Summary map[string]int
	}
	Includes map[string][]map[string]any
	Errors   []map[string]any
	Rules    []struct{ ID, Tag string } `json:"matching_rules"`
}

// list is data as objects.
func (r reply) list(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	if len(r.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.Data, &all); err != nil {
		t.Fatalf("data: %v in %s", err, r.text)
	}
	return all
}

func (r reply) one(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(r.Data, &o); err != nil {
		t.Fatalf("data: %v in %s", err, r.text)
	}
	return o
}

// ids are those of data.
func (r reply) ids(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, o := range r.list(t) {
		id, _ := o["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

func request(t *testing.T, method, address, body string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func bearer() http.Header { return http.Header{"Authorization": {"Bearer " + DefaultToken}} }

// call asks the API; parameters are names and values in turn.
func call(t *testing.T, s *Server, method, path, body string, parameters ...string) reply {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	res := request(t, method, s.URL()+path+"?"+q.Encode(), body, bearer())
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: res.StatusCode, header: res.Header, text: string(text)}
	if err := json.Unmarshal(text, &r); err != nil {
		r.text = string(text)
	}
	return r
}

func get(t *testing.T, s *Server, path string, parameters ...string) reply {
	t.Helper()
	return call(t, s, http.MethodGet, path, "", parameters...)
}

// rulesOf adds rules, value and tag in turn.
func rulesOf(t *testing.T, s *Server, pairs ...string) reply {
	t.Helper()
	var add []any
	for i := 0; i < len(pairs); i += 2 {
		add = append(add, map[string]string{"value": pairs[i], "tag": pairs[i+1]})
	}
	body, _ := json.Marshal(map[string]any{"add": add})
	return call(t, s, http.MethodPost, "/2/tweets/search/stream/rules", string(body))
}

// listener reads a stream.
type listener struct {
	t     *testing.T
	lines *bufio.Reader
	body  io.Closer
}

func listen(t *testing.T, s *Server, parameters ...string) *listener {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	res := request(t, http.MethodGet, s.URL()+"/2/tweets/search/stream?"+q.Encode(), "", bearer())
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("stream: status %d", res.StatusCode)
	}
	return &listener{t: t, lines: bufio.NewReaderSize(res.Body, 1<<16), body: res.Body}
}

// raw is the next line without CR LF; what came before an error is kept.
func (l *listener) raw() (string, error) {
	line, err := l.lines.ReadBytes('\n')
	if err == nil && !bytes.HasSuffix(line, []byte("\r\n")) {
		l.t.Error("a line does not end with CR LF")
	}
	return strings.TrimSuffix(string(line), "\r\n"), err
}

// message is the next line that is no heartbeat.
func (l *listener) message() reply {
	l.t.Helper()
	for {
		line, err := l.raw()
		if err != nil {
			l.t.Fatalf("stream ended: %v", err)
		}
		if line == "" {
			continue
		}
		r := reply{text: line}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			l.t.Fatalf("stream: %v", err)
		}
		return r
	}
}

func ago(d time.Duration) With { return At(time.Now().Add(-d)) }
