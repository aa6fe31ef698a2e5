package fake

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const jobsPath = "/2/compliance/jobs"

// file asks for a job's file as presigned addresses want it.
func file(t *testing.T, method, address, body string, header http.Header) (int, string) {
	t.Helper()
	res := request(t, method, address, body, header)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func plain() http.Header { return http.Header{"Content-Type": {"text/plain"}} }

// job creates a job, uploads ids and returns it.
func createJob(t *testing.T, s *Server, kind string, ids ...string) map[string]any {
	t.Helper()
	r := call(t, s, http.MethodPost, jobsPath, `{"type":"`+kind+`","name":"check"}`)
	if r.status != 200 || r.one(t)["status"] != "created" || r.one(t)["name"] != "check" {
		t.Fatalf("create: %d %s", r.status, r.text)
	}
	j := r.one(t)
	if status, text := file(t, http.MethodPut, j["upload_url"].(string), strings.Join(ids, "\n"), plain()); status != 200 {
		t.Fatalf("upload: %d %s", status, text)
	}
	return j
}

// outcome waits until the job is complete and returns its results.
func outcome(t *testing.T, s *Server, j map[string]any) string {
	t.Helper()
	path := jobsPath + "/" + j["id"].(string)
	if r := get(t, s, path); r.one(t)["status"] != "in_progress" {
		t.Fatalf("job: %s", r.text)
	}
	if r := get(t, s, path); r.one(t)["status"] != "complete" {
		t.Fatalf("job: %s", r.text)
	}
	status, text := file(t, http.MethodGet, j["download_url"].(string), "", nil)
	if status != 200 {
		t.Fatalf("download: %d %s", status, text)
	}
	return text
}

func TestComplianceOfPosts(t *testing.T) {
	s := start(t, Options{})
	up := s.Post("invented_a", "up")
	deleted := s.Post("invented_a", "deleted")
	bounced := s.Post("invented_a", "bounced")
	protected := s.Post("invented_b", "protected")
	suspended := s.Post("invented_c", "suspended")
	left := s.Post("invented_d", "left")
	place := s.Post("invented_a", "with a place", ScrubGeo())
	s.Delete(deleted)
	s.Bounce(bounced)
	s.Protect("invented_b")
	s.Suspend("invented_c")
	s.Deactivate("invented_d")
	text := outcome(t, s, createJob(t, s, "tweets", up, deleted, bounced, protected, suspended, left, place, "1"))
	if strings.Contains(text, "\r") {
		t.Error("lines end with CR LF")
	}
	reasons, redacted, forms := map[string]string{}, 0, map[bool]int{}
	for line := range strings.Lines(text) {
		var result struct {
			ID, Action, Reason string
			CreatedAt          string `json:"created_at"`
			RedactedAt         string `json:"redacted_at"`
		}
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			t.Fatal(err)
		}
		if result.Action != "delete" {
			t.Errorf("action %s", result.Action)
		}
		reasons[result.ID] = result.Reason
		forms[strings.HasSuffix(result.CreatedAt, "+00:00")]++
		if result.RedactedAt != "" {
			redacted++
		}
	}
	want := map[string]string{
		deleted: "deleted", bounced: "bounced", protected: "protected", suspended: "suspended", left: "deactivated", place: "scrub_geo",
		"1": "deleted",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
	if forms[true] == 0 || forms[false] == 0 || redacted == 0 || redacted == len(reasons) {
		t.Errorf("forms of times: %v, %d with redacted_at", forms, redacted)
	}
	if told := s.Truth().Compliance; len(told) != len(want) || told[0].ID != deleted || told[0].Reason != "deleted" {
		t.Errorf("truth: %+v", told)
	}
	if s.Uploaded() != 8 {
		t.Errorf("%d ids", s.Uploaded())
	}
	if err := CheckTokens(s.Calls()); err != nil {
		t.Error(err)
	}
}

func TestComplianceOfUsers(t *testing.T) {
	s := start(t, Options{CRLF: true, NoRedactedAt: true})
	a := s.Account(AccountSpec{Username: "invented_a"})
	b := s.Account(AccountSpec{Username: "invented_b"})
	s.Suspend(b)
	text := outcome(t, s, createJob(t, s, "users", a, b))
	if !strings.HasSuffix(text, "\"}\r\n") || strings.Count(text, "\n") != 1 || strings.Contains(text, "redacted_at") || !strings.Contains(text, "suspended") {
		t.Errorf("got %q", text)
	}
}

func TestFilesOfJobsAreElsewhere(t *testing.T) {
	s := start(t, Options{})
	j := createJob(t, s, "tweets", "1")
	upload, download := j["upload_url"].(string), j["download_url"].(string)
	if !strings.HasPrefix(upload, s.StorageURL()) || strings.HasPrefix(upload, s.URL()) {
		t.Errorf("upload to %s", upload)
	}
	if status, _ := file(t, http.MethodGet, download, "", nil); status != 404 {
		t.Errorf("results before the job is complete: %d", status)
	}
	header := plain()
	header.Set("Authorization", "Bearer "+DefaultToken)
	if status, _ := file(t, http.MethodPut, upload, "1", header); status != 400 {
		t.Errorf("with a token: %d", status)
	}
	if err := CheckTokens(s.Calls()); err == nil {
		t.Error("the token passes")
	}
	if status, _ := file(t, http.MethodPut, upload+"x", "1", plain()); status != 403 {
		t.Errorf("another signature: %d", status)
	}
	if status, _ := file(t, http.MethodPut, upload, "1", http.Header{"Content-Type": {"application/json"}}); status != 403 {
		t.Errorf("another type: %d", status)
	}
	s.Fail("storage.download", 503, 1)
	if status, _ := file(t, http.MethodGet, download, "", nil); status != 503 {
		t.Errorf("on order: %d", status)
	}
	s.HTML("storage.download", 0, 1)
	if _, text := file(t, http.MethodGet, download, "", nil); !strings.HasPrefix(text, "<!DOCTYPE") {
		t.Errorf("on order: %s", text)
	}
	if r := call(t, s, http.MethodPost, jobsPath, `{"type":"tweets"}`); r.status != 409 {
		t.Errorf("second job: %d", r.status)
	}
	if r := get(t, s, jobsPath, "type", "tweets", "status", "in_progress"); len(r.list(t)) != 1 {
		t.Errorf("list: %s", r.text)
	}
	s.FailJob()
	path := jobsPath + "/" + j["id"].(string)
	get(t, s, path)
	if r := get(t, s, path); r.one(t)["status"] != "failed" {
		t.Errorf("got %s", r.text)
	}
	s.ExpireJobs()
	if status, _ := file(t, http.MethodPut, upload, "1", plain()); status != 403 {
		t.Errorf("expired: %d", status)
	}
	if r := call(t, s, http.MethodPost, jobsPath, `{"type":"cats"}`); r.status != 400 {
		t.Errorf("type: %d", r.status)
	}
	if r := get(t, s, jobsPath+"/1"); r.status != 404 {
		t.Errorf("no job: %d", r.status)
	}
}
