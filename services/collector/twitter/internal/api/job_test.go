package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

func TestAJobIsRead(t *testing.T) {
	s := serve(t, text(200, `{"data":{"id":"5","name":"name","type":"tweets","status":"complete","created_at":"2026-01-01T03:04:05.000Z","upload_url":"https://storage.example/up","download_url":"https://storage.example/down",
		"upload_expires_at":"2026-01-02T03:04:05.000Z","download_expires_at":"2026-01-03T04:04:05+01:00"}}`))
	c := open(t, s.URL)
	want := api.Job{
		ID: "5", Name: "name", Status: api.JobComplete, CreatedAt: time.Date(2026, 1, 1, 3, 4, 5, 0, time.UTC), UploadURL: "https://storage.example/up", DownloadURL: "https://storage.example/down",
		UploadExpiresAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), DownloadExpiresAt: time.Date(2026, 1, 3, 3, 4, 5, 0, time.UTC),
	}
	for name, call := range map[string]func() (api.Job, error){
		"made": func() (api.Job, error) { return c.CreateJob(t.Context(), "name") },
		"read": func() (api.Job, error) { return c.Job(t.Context(), "5") },
	} {
		if job, err := call(); job != want || err != nil {
			t.Errorf("%s: not as it came, %v", name, err)
		}
	}
	strange := open(t, serve(t, text(200, `{"data":{"id":"5","status":"resting","upload_expires_at":"soon"}}`)).URL)
	if job, err := strange.Job(t.Context(), "5"); err != nil || job.Status != api.JobOther || !job.UploadExpiresAt.IsZero() {
		t.Errorf("status %q, %v", job.Status, err)
	}
	// The library panics where there is no job in the answer.
	for _, body := range []string{"{}", `{"data":null}`, `{"errors":[]}`, `{"data":{}}`, `{"data":{"id":5}}`} {
		_, err := open(t, serve(t, text(200, body)).URL).Job(t.Context(), "5")
		is(t, err, api.Broken)
	}
	_, err := open(t, serve(t, text(200, "null")).URL).Job(t.Context(), "5")
	is(t, err, api.NotJSON)
}

func TestJobsAreListed(t *testing.T) {
	var asked string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path + "?" + r.URL.RawQuery + " " + r.Header.Get("Authorization")
		io.WriteString(w, `{"data":[{"id":"5","status":"complete"},{"id":"6","name":"b","status":"in_progress"}]}`)
	})
	jobs, err := open(t, s.URL).Jobs(t.Context())
	if err != nil || len(jobs) != 2 || jobs[0] != (api.Job{ID: "5", Status: api.JobComplete}) || jobs[1] != (api.Job{ID: "6", Name: "b", Status: api.JobInProgress}) {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
	if want := "/2/compliance/jobs?type=tweets Bearer " + token; asked != want {
		t.Errorf("asked for %s", asked)
	}
	if jobs, err := open(t, serve(t, text(200, `{"meta":{"result_count":0}}`)).URL).Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Errorf("%d jobs, %v", len(jobs), err)
	}
	for body, want := range map[string]api.Kind{`{"data":[null]}`: api.Broken, "null": api.NotJSON, `{"data":{}}`: api.Broken, "<html>": api.NotJSON} {
		_, err := open(t, serve(t, text(200, body)).URL).Jobs(t.Context())
		is(t, err, want)
	}
}

func TestIDsAreUploadedAsTheyCome(t *testing.T) {
	var got []string
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprint(r.Method, " ", r.Header.Get("Content-Type"), " ", r.ContentLength, " ", len(body)))
	})
	c := open(t, s.URL)
	ids := strings.Repeat("1234567890\n", 100_000)
	if err := c.Upload(t.Context(), api.Job{UploadURL: s.URL}, strings.NewReader(ids)); err != nil {
		t.Error(err)
	}
	if err := c.Upload(t.Context(), api.Job{UploadURL: s.URL}, io.MultiReader(strings.NewReader(ids), strings.NewReader(ids))); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"PUT text/plain 1100000 1100000", "PUT text/plain -1 2200000"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFilesThatAreNotThereSayNothingOfTheToken(t *testing.T) {
	for status, want := range map[int]api.Kind{400: api.Refused, 401: api.Absent, 403: api.Absent, 404: api.Absent, 429: api.Server, 500: api.Server, 302: api.Redirect} {
		s := serve(t, text(status, "<?xml?><Error>expired</Error>"))
		c := open(t, s.URL)
		is(t, c.Upload(t.Context(), api.Job{UploadURL: s.URL}, strings.NewReader("1\n")), want)
		_, err := collect(c, s.URL)
		is(t, err, want)
	}
}

// The address comes from an answer.
func TestFilesAreNotAskedForInClearNorInTheOwnNetwork(t *testing.T) {
	c := open(t, "https://api.example", over(func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, io.EOF
	}))
	for _, at := range []string{
		"http://storage.example/x", "http://127.0.0.1:1/x", "//storage.example", "https://user@storage.example", "", "\x00",
		"file:///etc/hosts", "https://169.254.169.254/latest", "https://127.0.0.1/x", "https://[::1]/x", "https://[fe80::1%25eth0]/x", "https://10.0.0.1/x",
		"https://localhost/x", "https://LOCALHOST./x", "https://metadata/x", "https://metadata.internal/x", "https://0x7f.1/x", "https://127.1/x", "https://2130706433/x",
	} {
		is(t, c.Upload(t.Context(), api.Job{UploadURL: at}, strings.NewReader("1")), api.Refused)
		_, err := collect(c, at)
		is(t, err, api.Refused)
	}
}

func TestResultsAreReadAsFarAsTheyCanBe(t *testing.T) {
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	content := "\ufeff" + "\r\n" + // a line of its own, which is broken
		`{"id":"1","action":"delete","created_at":"2020-01-02T03:04:05.000Z","redacted_at":"2020-01-02T04:04:05+01:00","reason":"suspended"}` + "\r\n" +
		`{"id":"2","action":"delete","created_at":"2020-01-02T03:04:05+00:00","reason":"fell into the sea"}` + "\n\n" +
		`{"id":"3","action":"keep","reason":"scrub_geo","redacted_at":"soon"}` + "\n" +
		`{"id":"` + strings.Repeat("4", 70<<10) + `"}` + "\n" +
		`{"id":"5","action":"delete","reason":"deleted"}` + "\n" +
		`{"id":"6","action":"del`
	c := open(t, "http://127.0.0.1:1", over(func(r *http.Request) (*http.Response, error) { return answer(r, 200, strings.NewReader(content)), nil }))
	got, err := collect(c, "http://127.0.0.1:1/")
	want := []api.ComplianceResult{
		{ID: "1", Action: "delete", Reason: "suspended", CreatedAt: at, RedactedAt: at},
		{ID: "2", Action: "delete", Reason: "other", CreatedAt: at},
		{ID: "3", Action: "other", Reason: "scrub_geo"},
		{ID: "5", Action: "delete", Reason: "deleted"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err == nil || err.Error() != "ask X (compliance): 3 lines of the results cannot be read" {
		t.Errorf("error is %v", err)
	}
	is(t, err, api.Broken)
	for range c.Results(t.Context(), api.Job{DownloadURL: "http://127.0.0.1:1/"}) {
		break // and nothing is left behind
	}
}

func TestResultsThatAreCutOffSaySo(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"id":"1","action":"delete"}`+"\n"+`{"id":"2","action":"delete"}`)
	})
	got, err := collect(open(t, s.URL), s.URL)
	is(t, err, api.Network)
	if len(got) != 1 {
		t.Errorf("%d results", len(got))
	}
}

func TestFilesEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		brings := func(content string) func(*api.Config) {
			return over(func(r *http.Request) (*http.Response, error) {
				return answer(r, 200, newSilent(r.Context(), strings.NewReader(content))), nil
			})
		}
		began := time.Now()
		got, err := collect(open(t, "https://api.example", brings(`{"id":"1"}`+"\n")), "https://storage.example/")
		is(t, err, api.Timeout)
		if took := time.Since(began); len(got) != 1 || took != time.Minute {
			t.Errorf("%d results in %v", len(got), took)
		}
		stuck := open(t, "https://api.example", over(func(r *http.Request) (*http.Response, error) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}))
		began = time.Now()
		is(t, stuck.Upload(t.Context(), api.Job{UploadURL: "https://storage.example/"}, &slow{left: 10}), api.Timeout)
		if took := time.Since(began); took != 10*30*time.Second+time.Minute {
			t.Errorf("uploaded for %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := stuck.Upload(ctx, api.Job{UploadURL: "https://storage.example/"}, bytes.NewReader([]byte("1"))); err != context.DeadlineExceeded { //nolint:errorlint // it is this one
			t.Errorf("the caller's context: %v", err)
		}
	})
}

// slow is a reader that takes half a minute for each of its reads.
type slow struct{ left int }

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(30 * time.Second)
	s.left--
	return copy(p, "1\n"), nil
}
