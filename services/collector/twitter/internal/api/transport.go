package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// bodyLimit is the largest answer that is kept.
const bodyLimit = 64 << 20

// userAgent says who asks. It has no version: what changes with each release
// would tell installations apart.
const userAgent = "doxtrail"

// errand goes with a request in its context: what the transport does with it, and
// what it brought.
type errand struct {
	method string
	token  string
	// params take the place of the library's own in the query.
	params url.Values
	// fit says whether the library can read a good answer; nil if it can read any.
	fit func(body []byte) bool
	// stream takes the body from the library; file leaves it to whoever asks.
	stream, file bool

	renamed bool
	status  int
	header  http.Header
	body    []byte
	live    io.ReadCloser // of a stream that began
	cancel  context.CancelCauseFunc
	failed  Kind // what went wrong while the answer was read
}

type errandKey struct{}

func (e *errand) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, errandKey{}, e)
}

// bearer is the library's authoriser: the errand has the token.
type bearer struct{}

// Add implements twitter.Authorizer.
func (bearer) Add(request *http.Request) {
	if e, ok := request.Context().Value(errandKey{}).(*errand); ok {
		request.Header.Set("Authorization", "Bearer "+e.token)
	}
}

// transport is what all requests pass, the library's and ours.
type transport struct {
	base, stream http.RoundTripper // stream carries the filtered stream
	client       *Client
}

// errStray is a request without an errand: the library is not to make any that
// nobody asked for.
var errStray = errors.New("send a request: it has no errand")

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	e, ok := request.Context().Value(errandKey{}).(*errand)
	if !ok {
		return nil, errStray
	}
	base := t.base
	if e.stream {
		base = t.stream
	}
	response, err := base.RoundTrip(t.prepare(request, e))
	if err != nil {
		return nil, err
	}
	e.status, e.header = response.StatusCode, response.Header
	switch {
	case e.file && response.StatusCode == http.StatusOK:
		return response, nil
	case e.stream && response.StatusCode == http.StatusOK && !isPage(response.Header):
		e.live = response.Body
		response.Body, response.ContentLength = http.NoBody, 0
		return response, nil
	}
	if e.body, err = readAll(response.Body, e); err != nil {
		return nil, err
	}
	if e.method == MethodRulesChange && isRuleAnswer(e.status, e.body) {
		response.StatusCode, response.Status = http.StatusCreated, ""
	}
	if e.fit != nil && e.status == http.StatusOK && !e.fit(e.body) {
		e.failed = bodyKind(e.status, e.body)
		if e.failed == "" {
			e.failed = Broken
		}
		return nil, errors.New("read an answer: the library would panic")
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(e.body)), int64(len(e.body))
	return response, nil
}

// prepare puts into a request what the library leaves out. The token goes to the
// API alone: files lie with somebody else.
func (t *transport) prepare(request *http.Request, e *errand) *http.Request {
	r := request.Clone(request.Context())
	r.Header.Set("User-Agent", userAgent)
	if r.URL.Scheme == t.client.api.Scheme && r.URL.Host == t.client.api.Host {
		bearer{}.Add(r)
	} else {
		r.Header.Del("Authorization")
		return r
	}
	query := r.URL.Query()
	for key, values := range e.params {
		query[key] = values
	}
	if e.renamed = t.client.renamed.Load(); e.renamed {
		rename(query)
	}
	r.URL.RawQuery = query.Encode()
	return r
}

// isPage says whether an answer is for people: something on the way answers.
func isPage(header http.Header) bool {
	return strings.HasPrefix(header.Get("Content-Type"), "text/html")
}

func readAll(body io.ReadCloser, e *errand) ([]byte, error) {
	defer body.Close() //nolint:errcheck // nothing was written
	all, err := io.ReadAll(io.LimitReader(body, bodyLimit+1))
	switch {
	case err != nil:
		e.failed = networkKind(err)
	case len(all) > bodyLimit:
		e.failed, err = TooLarge, errors.New("read an answer: it is too large")
	}
	return all, err
}

// isRuleAnswer says whether a body tells what became of each rule, whatever its
// status: X documents 200 where the library wants 201, and none that was created
// may be 400.
func isRuleAnswer(status int, body []byte) bool {
	var answer struct {
		Meta struct {
			Summary struct {
				Created    *int `json:"created"`
				NotCreated *int `json:"not_created"`
			} `json:"summary"`
		} `json:"meta"`
	}
	if status != http.StatusOK && status != http.StatusBadRequest || json.Unmarshal(body, &answer) != nil {
		return false
	}
	return answer.Meta.Summary.Created != nil || answer.Meta.Summary.NotCreated != nil
}
