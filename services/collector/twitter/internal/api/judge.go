package api

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// judge says what is wrong with an answer. What the library says of it is not
// enough: it drops why access was refused, which connection was in the way and
// what a cap is of. So the kept answer is judged, and the library's error counts
// only where there is none.
func judge(e *errand, err error) *Fault {
	kind := Kind("")
	switch {
	case e.failed != "":
		kind = e.failed
	case errors.Is(err, twitter.ErrParameter):
		kind = Refused // by the library; nothing was sent
	case e.status == 0 && err != nil:
		kind = networkKind(err)
	case e.live != nil, e.file && e.status >= 200 && e.status < 300:
	case e.stream && e.status == http.StatusOK:
		kind = NotJSON
	case e.status >= 200 && e.status < 300:
		kind = bodyKind(e.status, e.body)
	case e.file:
		kind = fileKind(e.status)
	default:
		kind = statusKind(e)
	}
	if e.method == MethodRulesChange && kind == Refused && isRuleAnswer(e.status, e.body) {
		kind = ""
	}
	if kind == "" {
		return nil
	}
	return &Fault{Kind: kind, Status: e.status, Method: e.method, Unsent: e.status == 0 && unsent(err)}
}

// bodyKind is what is wrong with the body of a good answer.
func bodyKind(status int, body []byte) Kind {
	body = trimmed(body)
	switch {
	case status == http.StatusNoContent, isObject(body):
		return ""
	case len(body) > 0 && body[0] == '{':
		return Broken
	default:
		return NotJSON
	}
}

// problem is what X says of a call that failed.
type problem struct {
	Title           string         `json:"title"`
	Type            string         `json:"type"`
	Detail          string         `json:"detail"`
	Reason          string         `json:"reason"`
	ConnectionIssue string         `json:"connection_issue"`
	Errors          []problemPoint `json:"errors"`
}

type problemPoint struct {
	Title           string                     `json:"title"`
	Type            string                     `json:"type"`
	Detail          string                     `json:"detail"`
	Message         string                     `json:"message"`
	ConnectionIssue string                     `json:"connection_issue"`
	Parameters      map[string]json.RawMessage `json:"parameters"`
}

// says says whether one of the words stands in what X says for programs: titles,
// types and reasons, by the last segment of an address.
func (p *problem) says(words ...string) bool {
	said := []string{p.Title, p.Type, p.Reason, p.ConnectionIssue}
	for _, point := range p.Errors {
		said = append(said, point.Title, point.Type, point.ConnectionIssue)
	}
	for _, one := range said {
		for _, word := range words {
			if strings.EqualFold(lastSegment(one), word) {
				return true
			}
		}
	}
	return false
}

// mentions says whether a word stands in what X says for people.
func (p *problem) mentions(word string) bool {
	said := []string{p.Title, p.Detail, p.Reason}
	for _, point := range p.Errors {
		said = append(said, point.Title, point.Detail, point.Message)
	}
	return strings.Contains(strings.ToLower(strings.Join(said, "\n")), word)
}

// lastSegment is what of a problem's type does not change with the host.
func lastSegment(kind string) string { return kind[strings.LastIndexByte(kind, '/')+1:] }

// statusKind is what an answer that is not good means.
func statusKind(e *errand) Kind {
	var p problem
	// A member of an unforeseen type leaves the others readable.
	body := trimmed(e.body)
	json.Unmarshal(body, &p) //nolint:errcheck // isObject says whether it is JSON
	switch status := e.status; {
	case status >= 500:
		return Server
	case status >= 300 && status < 400:
		return Redirect
	case status == http.StatusRequestTimeout:
		return Timeout
	case p.says("TooManyConnections"):
		return Connections
	case status == http.StatusPaymentRequired, p.says("UsageCapExceeded", "usage-capped", "CreditsDepleted", "credits"):
		return Spent
	case status == http.StatusTooManyRequests:
		return Limited
	case status == http.StatusUnauthorized:
		return Unauthorised
	case !isObject(body):
		return NotJSON
	case p.says("ProvisioningSubscription"):
		return Server
	case status == http.StatusForbidden:
		return forbiddenKind(&p)
	case status == http.StatusNotFound, status == http.StatusGone:
		return Absent
	case status == http.StatusConflict && e.method == MethodStream:
		return NoRules
	case status == http.StatusConflict:
		return Conflict
	default:
		return Refused
	}
}

// fileKind is the same for the files of a job, which lie with somebody else: what
// that one does not allow says nothing of our token, mostly an address has expired.
func fileKind(status int) Kind {
	switch {
	case status >= 500, status == http.StatusTooManyRequests:
		return Server
	case status >= 300 && status < 400:
		return Redirect
	case status == http.StatusRequestTimeout:
		return Timeout
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		return Absent
	default:
		return Refused
	}
}

func forbiddenKind(p *problem) Kind {
	switch {
	case p.mentions("suspend"):
		return Suspended
	case p.says("client-not-enrolled", "client-forbidden", "Client Forbidden", "unsupported-authentication", "Unsupported Authentication"):
		return Unenrolled
	default:
		return Forbidden
	}
}

// namesFields says whether X refused a request for the names of its fields.
func namesFields(body []byte) bool {
	var p problem
	if json.Unmarshal(body, &p) != nil {
		return false
	}
	for _, point := range p.Errors {
		for _, key := range []string{"tweet.fields", "post.fields", "expansions"} {
			if _, named := point.Parameters[key]; named {
				return true
			}
		}
	}
	return false
}

// unsent says whether an error shows that no connection was made.
func unsent(err error) bool {
	var connecting *net.OpError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate) || errors.As(err, &connecting) && (connecting.Op == "dial" || connecting.Op == "proxyconnect")
}

// networkKind is what is wrong where no answer came.
func networkKind(err error) Kind {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return Certificate
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errLate), errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	default:
		return Network
	}
}
