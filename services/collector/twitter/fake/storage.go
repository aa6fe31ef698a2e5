package fake

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// biggestUpload is how much a list of ids may be.
const biggestUpload = 512 << 20

// storageRoutes are the files of compliance jobs: addresses that are signed and
// have no need for a token. The type of an upload, text/plain, is signed too.
func (s *Server) storageRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /upload/{job}", func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, "storage.upload") })
	mux.HandleFunc("GET /download/{job}", func(w http.ResponseWriter, r *http.Request) { s.serveFile(w, r, "storage.download") })
	return mux
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, method string) {
	arrived := time.Now()
	s.pass(r.Context(), method)
	var upload []byte
	if method == "storage.upload" {
		var err error
		if upload, err = io.ReadAll(http.MaxBytesReader(w, r.Body, biggestUpload)); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	s.mu.Lock()
	f := s.faults.take(method)
	s.mu.Unlock()
	if f != nil && f.drop {
		s.note(r, method, 0, arrived)
		panic(http.ErrAbortHandler)
	}
	var status int
	var body []byte
	if f != nil && f.status != 0 {
		status, body = f.status, storageError("InternalError")
	} else {
		status, body = s.file(r, method, upload)
	}
	kind := "text/plain"
	if f != nil && f.shapes() {
		kind, body = f.shape(kind, body)
	}
	s.note(r, method, status, arrived)
	write(w, status, kind, nil, body)
}

// file takes or gives a job's file. Whoever shows a token is refused.
func (s *Server) file(r *http.Request, method string, upload []byte) (status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs.byID[r.PathValue("job")]
	switch {
	case hasToken(r):
		return http.StatusBadRequest, storageError("InvalidArgument")
	case j == nil || r.URL.Query().Get("signature") != j.signature || j.status == "expired":
		return http.StatusForbidden, storageError("SignatureDoesNotMatch")
	case method == "storage.upload" && r.Header.Get("Content-Type") != "text/plain":
		return http.StatusForbidden, storageError("SignatureDoesNotMatch")
	case method == "storage.upload":
		j.ids, j.status, j.looks = strings.Fields(string(upload)), "in_progress", 0
		return http.StatusOK, nil
	case j.status != "complete":
		return http.StatusNotFound, storageError("NoSuchKey")
	}
	for _, row := range j.rows {
		row.At = time.Now()
		s.jobs.told = append(s.jobs.told, row)
	}
	return http.StatusOK, j.results
}

func storageError(code string) []byte {
	return []byte("<?xml version='1.0'?><Error><Code>" + code + "</Code></Error>")
}

// Uploaded is how many ids were uploaded to compliance jobs, in all.
func (s *Server) Uploaded() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, j := range s.jobs.list {
		n += len(j.ids)
	}
	return n
}
