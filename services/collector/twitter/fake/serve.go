package fake

import (
	"net/http"
	"strconv"
	"time"
)

// admission is what is decided of a request before it is answered.
type admission struct {
	refusal *answer
	fault   *fault // an order for the body, or nil
	headers map[string]string
}

// admit lets a request in or says what it gets instead. It waits where it was
// told to, and ends the connection where the network is away.
func (s *Server) admit(r *http.Request, method string) admission {
	s.pass(r.Context(), method)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := admission{headers: map[string]string{}}
	f := s.faults.take(method)
	over := s.charge(method, a.headers)
	switch refusal, refused := s.refused(r); {
	case f != nil && f.too != nil:
		f.too.tell(a.headers)
		a.refusal = new(s.limited())
	case f != nil && f.to != "":
		a.headers["Location"] = f.to
		a.refusal = new(s.problem(http.StatusTemporaryRedirect, "", "Temporary Redirect", "", nil))
	case f != nil && f.status != 0 && !f.shapes():
		a.refusal = new(s.problem(f.status, "", http.StatusText(f.status), http.StatusText(f.status), nil))
	case f != nil && f.drop:
		a.fault = f
	case refused:
		a.refusal = &refusal
	case over:
		a.refusal = new(s.limited())
	default:
		a.fault = f
	}
	return a
}

func (s *Server) limited() answer {
	return s.problem(http.StatusTooManyRequests, "", "Too Many Requests", "Too Many Requests", nil)
}

// serve answers one request that is not a stream.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, method string, handle func(*http.Request) answer) {
	arrived := time.Now()
	admitted := s.admit(r, method)
	if f := admitted.fault; f != nil && f.drop {
		s.note(r, method, 0, arrived)
		panic(http.ErrAbortHandler)
	}
	var a answer
	switch f := admitted.fault; {
	case admitted.refusal != nil:
		a = *admitted.refusal
	case f != nil && f.body == "html":
		a = ok(nil) // nothing was read, so nothing is charged for
	default:
		s.mu.Lock()
		a = handle(r)
		s.mu.Unlock()
	}
	kind := "application/json; charset=utf-8"
	body := encode(a.body)
	if f := admitted.fault; f != nil && f.shapes() {
		kind, body = f.shape(kind, body)
		if f.status != 0 {
			a.status = f.status
		}
	}
	s.note(r, method, a.status, arrived)
	write(w, a.status, kind, admitted.headers, body)
}

func write(w http.ResponseWriter, status int, kind string, headers map[string]string, body []byte) {
	for k, v := range headers {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
