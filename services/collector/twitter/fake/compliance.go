package fake

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// job is a compliance job.
type job struct {
	id, name, kind string
	created        time.Time
	status         string // created, in_progress, complete, failed, expired
	signature      string // what the addresses of its files end with
	looks          int
	ids            []string
	results        []byte
	rows           []ComplianceTruth
}

type jobs struct {
	byID map[string]*job
	list []*job
	told []ComplianceTruth
	fail bool // the next one fails
}

func newJobs() jobs { return jobs{byID: map[string]*job{}} }

// FailJob has the next compliance job fail instead of completing.
func (s *Server) FailJob() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.fail = true
}

// ExpireJobs ends all compliance jobs: files cannot be sent or fetched any more.
func (s *Server) ExpireJobs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.jobs.list {
		j.status = "expired"
	}
}

// createJob answers POST /2/compliance/jobs. There may be one job of a type at a
// time.
func (s *Server) createJob(r *http.Request) answer {
	var request struct{ Type, Name string }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Type != "tweets" && request.Type != "users" {
		return s.invalid("type", request.Type, "The value is not one of tweets, users.")
	}
	busy := func(j *job) bool {
		return j.kind == request.Type && (j.status == "created" || j.status == "in_progress")
	}
	if slices.ContainsFunc(s.jobs.list, busy) {
		return s.problem(http.StatusConflict, "conflict", "ConflictingJob", "There is a job of this type already.", nil)
	}
	j := &job{
		id: name(s.ids.now(s.opts.Now())), name: request.Name, kind: request.Type, created: s.opts.Now(), status: "created",
		signature: rand.Text(),
	}
	s.jobs.byID[j.id] = j
	s.jobs.list = append(s.jobs.list, j)
	return ok(object{"data": s.shapeJob(j)})
}

func (s *Server) shapeJob(j *job) object {
	o := object{
		"id": j.id, "type": j.kind, "status": j.status, "created_at": stamp(j.created),
		"upload_url":          s.StorageURL() + "/upload/" + j.id + "?signature=" + j.signature,
		"upload_expires_at":   stamp(j.created.Add(15 * time.Minute)),
		"download_url":        s.StorageURL() + "/download/" + j.id + "?signature=" + j.signature,
		"download_expires_at": stamp(j.created.Add(7 * 24 * time.Hour)),
	}
	if j.name != "" {
		o["name"] = j.name
	}
	return o
}

// readJob answers GET /2/compliance/jobs/:id. A job that has its ids is seen in
// progress some times and is then complete.
func (s *Server) readJob(r *http.Request) answer {
	j := s.jobs.byID[r.PathValue("id")]
	if j == nil {
		return s.problem(http.StatusNotFound, NotFound, "Not Found Error", "There is no such job.", nil)
	}
	if j.status == "in_progress" {
		if j.looks++; j.looks > s.opts.JobLooks {
			s.finish(j)
		}
	}
	return ok(object{"data": s.shapeJob(j)})
}

func (s *Server) finish(j *job) {
	j.status = "complete"
	if s.jobs.fail {
		j.status, s.jobs.fail = "failed", false
		return
	}
	j.results = s.results(j)
}

func (s *Server) listJobs(r *http.Request) answer {
	kind, status := r.URL.Query().Get("type"), r.URL.Query().Get("status")
	if kind != "tweets" && kind != "users" {
		return s.invalid("type", kind, "The value is not one of tweets, users.")
	}
	body := object{}
	var data []any
	for _, j := range s.jobs.list {
		if j.kind == kind && (status == "" || status == j.status) {
			data = append(data, s.shapeJob(j))
		}
	}
	if len(data) > 0 {
		body["data"] = data
	}
	body["meta"] = object{"result_count": len(data)}
	return ok(body)
}
