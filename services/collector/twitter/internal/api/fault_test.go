package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestEachAnswerIsOfItsKind(t *testing.T) {
	for _, one := range []struct {
		status int
		body   string
		want   api.Kind
	}{
		{200, `{"data":[]}`, ""},
		{200, "<html>Log in</html>", api.NotJSON},
		{200, "", api.NotJSON},
		{200, "null", api.NotJSON},
		{200, `{"data":[{"id":"1"`, api.Broken},
		{200, `{"data":[]}{"data":[]}`, api.Broken},
		{200, `{"data":"of another type"}`, ""},
		{204, "", ""},
		{302, "", api.Redirect},
		{400, `{"title":"Invalid Request","type":"https://api.x.com/2/problems/invalid-request"}`, api.Refused},
		{400, "Bad Request", api.NotJSON},
		{401, `{"detail":"no"}`, api.Unauthorised},
		{401, "", api.Unauthorised},
		{402, `{"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits"}`, api.Spent},
		{403, `{"title":"Client Forbidden","reason":"client-not-enrolled","type":"https://api.twitter.com/2/problems/client-forbidden"}`, api.Unenrolled},
		{403, `{"title":"Unsupported Authentication","type":"https://api.x.com/2/problems/unsupported-authentication"}`, api.Unenrolled},
		{403, `{"title":"Forbidden","detail":"This application has been suspended."}`, api.Suspended},
		{403, `{"errors":[{"code":64,"message":"Your account is suspended"}]}`, api.Suspended},
		{403, `{"title":"Forbidden","detail":"Forbidden"}`, api.Forbidden},
		{403, "<html>blocked</html>", api.NotJSON},
		{404, `{"title":"Not Found Error"}`, api.Absent},
		{404, "<html></html>", api.NotJSON},
		{408, "", api.Timeout},
		{409, `{"title":"Conflict"}`, api.Conflict},
		{429, `{"title":"UsageCapExceeded","period":"Monthly","type":"https://api.x.com/2/problems/usage-capped"}`, api.Spent},
		{429, `{"title":"ConnectionException","connection_issue":"TooManyConnections"}`, api.Connections},
		{429, "Rate limit exceeded", api.Limited},
		{500, "<html></html>", api.Server},
		{503, `{"title":"Service Unavailable"}`, api.Server},
	} {
		var seen []api.Call
		s := serve(t, text(one.status, one.body))
		c := open(t, s.URL, func(cfg *api.Config) { cfg.Seen = func(call api.Call) { seen = append(seen, call) } })
		for name, call := range map[string]func() ([]byte, error){
			"library": func() ([]byte, error) { return c.SearchAll(t.Context(), api.Search{Query: "anna"}) },
			"plain":   func() ([]byte, error) { return c.Reposts(t.Context(), "1", "") },
		} {
			body, err := call()
			if got := api.KindOf(err); got != one.want || err == nil && string(body) != one.body {
				t.Errorf("%s: %d %q is %q, want %q: %v", name, one.status, one.body, got, one.want, err)
			}
			var fault *api.Fault
			if errors.As(err, &fault) && (fault.Status != one.status || fault.Transient() != fault.Kind.Transient()) {
				t.Errorf("%s: %+v", name, fault)
			}
			if last := seen[len(seen)-1]; one.want != "" && last.Class != string(one.want) || one.want == "" && (last.Class != "ok" || last.Bytes != int64(len(one.body))) {
				t.Errorf("%s: %d %q was seen as %+v", name, one.status, one.body, last)
			}
		}
	}
}

func TestAStreamThatDoesNotOpenSaysWhy(t *testing.T) {
	for _, one := range []struct {
		status int
		body   string
		want   api.Kind
	}{
		{409, `{"title":"ConnectionException","connection_issue":"RuleConfigurationIssue"}`, api.NoRules},
		{409, `{"title":"ConnectionException","connection_issue":"ProvisioningSubscription"}`, api.Server},
		{429, `{"title":"ConnectionException","connection_issue":"TooManyConnections"}`, api.Connections},
		{403, `{"connection_issue":"TooManyConnections"}`, api.Connections},
		{503, "", api.Server},
		{200, "<html>Log in</html>", api.NotJSON},
	} {
		s := serve(t, text(one.status, one.body))
		_, err := open(t, s.URL).Stream(t.Context())
		is(t, err, one.want)
	}
}

func TestTroubleOnTheWayIsOfItsKind(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	strange := httptest.NewUnstartedServer(nil)
	strange.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	strange.StartTLS()
	t.Cleanup(strange.Close)
	cut := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "{")
	})
	for _, one := range []struct {
		at           string
		want, upload api.Kind
		unsent       bool
	}{{closed.URL, api.Network, api.Network, true}, {strange.URL, api.Certificate, api.Certificate, true}, {cut.URL, api.Network, "", false}} {
		c := open(t, one.at)
		_, err := c.Posts(t.Context(), []string{"1"})
		is(t, err, one.want)
		if fault := new(api.Fault); !errors.As(err, &fault) || fault.Unsent != one.unsent {
			t.Errorf("of %v it is said that it was not sent: %t", err, fault.Unsent)
		}
		if err == nil || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("error is %v", err)
		}
		is(t, c.Upload(t.Context(), api.Job{UploadURL: one.at}, strings.NewReader("1")), one.upload)
	}
}

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAnAnswerIsBounded(t *testing.T) {
	c := open(t, "http://127.0.0.1:1", over(func(r *http.Request) (*http.Response, error) { return answer(r, 200, endless{}), nil }))
	_, err := c.Posts(t.Context(), []string{"1"})
	is(t, err, api.TooLarge)
}

func TestACallEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := over(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		})
		drips := over(func(r *http.Request) (*http.Response, error) {
			return answer(r, 200, newSilent(r.Context(), strings.NewReader("{"))), nil
		})
		for name, c := range map[string]*api.Client{"no answer": open(t, "https://api.example", waits), "half an answer": open(t, "https://api.example", drips)} {
			began := time.Now()
			_, err := c.Posts(t.Context(), []string{"1"})
			is(t, err, api.Timeout)
			if took := time.Since(began); took != time.Minute {
				t.Errorf("%s: took %v", name, took)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := c.Posts(ctx, []string{"1"}); err != context.DeadlineExceeded { //nolint:errorlint // it is this one
				t.Errorf("%s: the caller's context: %v", name, err)
			}
		}
		_, err := open(t, "https://api.example", waits).Stream(t.Context())
		is(t, err, api.Timeout)
	})
}

func TestTokensThatCannotBeHadAreNotSent(t *testing.T) {
	for _, give := range []func() (string, error){
		func() (string, error) { return "", errors.New("open /secret/path: no such file") },
		func() (string, error) { return "", nil },
	} {
		c := open(t, "http://127.0.0.1:1", func(cfg *api.Config) { cfg.Token = give })
		_, err := c.Posts(t.Context(), []string{"1"})
		is(t, err, api.NoToken)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestNothingOfACallIsLogged(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	s := serve(t, text(400, `{"detail":"anna"}`))
	_, err := open(t, s.URL).SearchRecent(t.Context(), api.Search{Query: "anna"})
	host, _, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	log.Error("told", "error", err, "search", api.Search{Query: "anna"}, "rule", api.Rule{Value: "anna"}, "job", api.Job{UploadURL: "anna"}, "page", api.Page{NextToken: "anna"}, "refused", api.RefusedRule{Value: "anna"})
	for _, word := range []string{"anna", host, token} {
		if strings.Contains(out.String(), word) {
			t.Errorf("the log holds %q: %s", word, out.String())
		}
	}
	if !strings.Contains(out.String(), "ask X (search recent): X does not take such a request (status 400)") {
		t.Errorf("the log is %s", out.String())
	}
}

func TestEveryKindHasAWordAndASentence(t *testing.T) {
	said := map[string]api.Kind{}
	for _, kind := range []api.Kind{
		api.Server, api.Network, api.Certificate, api.Timeout, api.NotJSON, api.Broken, api.TooLarge, api.Redirect, api.Limited,
		api.Connections, api.Ended, api.Stalled, api.TooLong, api.NoRules, api.NoToken, api.Unauthorised, api.Suspended,
		api.Unenrolled, api.Forbidden, api.Spent, api.Refused, api.Conflict, api.Absent, api.Other,
	} {
		sentence := (&api.Fault{Kind: kind}).Error()
		if left := privacy.ScrubError(&api.Fault{Kind: kind}); left != sentence {
			t.Errorf("the log says %q for %q", left, sentence)
		}
		if twin, ok := said[sentence]; ok || kind == "" {
			t.Errorf("%q and %q say the same", kind, twin)
		}
		if said[sentence] = kind; kind.Transient() && kind.OfApp() {
			t.Errorf("%q passes by itself and needs a person", kind)
		}
	}
	for _, method := range api.Methods() {
		fault := &api.Fault{Kind: api.Refused, Status: 400, Method: method}
		if left := privacy.ScrubError(fault); left != fault.Error() {
			t.Errorf("the log says %q for %q", left, fault.Error())
		}
	}
	is(t, errors.New("x"), api.Other)
	is(t, nil, "")
}
