package fake

import (
	"context"
	"net/http"
	"time"
)

// streams are the connections of the filtered stream and what is ordered for
// them.
type streams struct {
	open      map[*stream]struct{}
	connected int
	written   int           // posts
	linger    time.Duration // how long a connection that ended still counts
	ghosts    []time.Time   // until when each of those counts
	stalled   chan struct{} // closed when bytes may flow again; nil if they may
	orders    streamOrders
}

// stream is one connection.
type stream struct {
	number  int
	control *http.ResponseController
	asked   asked
	queue   chan message
	end     chan struct{} // closed by who ends it
	ended   bool
	killed  bool          // by request: it does not linger
	abrupt  bool          // ends in the middle of things
	gone    chan struct{} // closed when its handler has returned
}

// message is a line to send.
type message struct {
	line []byte // with its CR LF
	post *post  // nil if it is none
	cut  bool   // only half of it is sent, then the connection ends
	last bool   // the connection ends after it
}

// send is a message for a connection.
type send struct {
	to      *stream
	message message
}

func newStreams() streams { return streams{open: map[*stream]struct{}{}} }

// Streams is how many streams are open.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams.open)
}

// WaitStreams returns when exactly n streams are open.
func (s *Server) WaitStreams(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return len(s.streams.open) == n })
}

// serveStream answers GET /2/tweets/search/stream.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	arrived := time.Now()
	admitted := s.admit(r, "stream")
	if f := admitted.fault; f != nil && f.drop {
		s.note(r, "stream", 0, arrived)
		panic(http.ErrAbortHandler)
	}
	if f := admitted.fault; admitted.refusal != nil || f != nil && f.shapes() {
		s.serveRefusal(w, r, admitted, arrived)
		return
	}
	c, refusal := s.connect(r, http.NewResponseController(w))
	if refusal != nil {
		s.serveRefusal(w, r, admission{refusal: refusal, headers: admitted.headers}, arrived)
		return
	}
	defer s.disconnected(c)
	for k, v := range admitted.headers {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_ = c.control.Flush()
	s.note(r, "stream", http.StatusOK, arrived)
	s.pump(r.Context(), w, c)
}

// serveRefusal answers a request for a stream that does not get one.
func (s *Server) serveRefusal(w http.ResponseWriter, r *http.Request, a admission, arrived time.Time) {
	refusal := a.refusal
	if refusal == nil {
		refusal = &answer{status: http.StatusOK, body: object{}}
	}
	body := encode(refusal.body)
	kind := "application/json; charset=utf-8"
	if a.fault != nil {
		kind, body = a.fault.shape(kind, body)
		if a.fault.status != 0 {
			refusal.status = a.fault.status
		}
	}
	s.note(r, "stream", refusal.status, arrived)
	write(w, refusal.status, kind, a.headers, body)
}

// connect opens a stream or says why not.
func (s *Server) connect(r *http.Request, control *http.ResponseController) (*stream, *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fields, parameter, value := readFields(r.URL.Query())
	if parameter != "" {
		return nil, new(s.invalid(parameter, value, "The value is not one of those that are known."))
	}
	for _, parameter := range []string{"backfill_minutes", "start_time", "end_time"} {
		if v := r.URL.Query().Get(parameter); v != "" {
			return nil, new(s.invalid(parameter, v, "The parameter is not part of this access level."))
		}
	}
	if refusal, spent := s.spent(); spent {
		return nil, &refusal
	}
	if len(s.rules.list) == 0 {
		return nil, new(s.connectionProblem(http.StatusConflict, "RuleConfigurationIssue", "Rules must be defined before the stream is opened."))
	}
	if len(s.streams.open)+s.streams.counted(time.Now()) >= s.opts.Connections {
		return nil, new(s.connectionProblem(http.StatusTooManyRequests, "TooManyConnections",
			"This stream is currently at the maximum allowed connection limit."))
	}
	s.streams.connected++
	c := &stream{
		number: s.streams.connected, control: control, asked: fields, queue: make(chan message, s.opts.StreamBuffer),
		end: make(chan struct{}), gone: make(chan struct{}),
	}
	s.streams.open[c] = struct{}{}
	s.wake()
	return c, nil
}

func (s *Server) connectionProblem(status int, issue, detail string) answer {
	return s.problem(status, "streaming-connection", "ConnectionException", detail, object{"connection_issue": issue})
}

// counted is how many connections that ended still count.
func (s *streams) counted(now time.Time) int {
	n := 0
	for _, until := range s.ghosts {
		if now.Before(until) {
			n++
		}
	}
	return n
}

func (s *Server) disconnected(c *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams.open, c)
	if s.streams.linger > 0 && !c.killed {
		s.streams.ghosts = append(s.streams.ghosts, time.Now().Add(s.streams.linger))
	}
	close(c.gone)
	s.wake()
}

// pump sends what is queued until either side ends the connection.
func (s *Server) pump(ctx context.Context, w http.ResponseWriter, c *stream) {
	beat := time.NewTicker(s.opts.Heartbeat)
	defer beat.Stop()
	for {
		var m message
		select {
		case <-ctx.Done():
			return
		case <-c.end:
			c.leave()
			return
		case <-beat.C:
			if len(c.queue) > 0 {
				continue // a heartbeat is for when there is nothing else
			}
			m = message{line: []byte("\r\n")}
		case m = <-c.queue:
		}
		if !s.flowing(ctx, c) {
			c.leave()
			return
		}
		line := m.line
		if m.cut {
			line = line[:len(line)/2]
		}
		_, err := w.Write(line)
		if err == nil {
			err = c.control.Flush()
		}
		switch {
		case m.cut:
			panic(http.ErrAbortHandler)
		case err != nil || m.last:
			return
		case m.post != nil:
			s.delivered(m.post, c)
		}
	}
}

func (c *stream) leave() {
	if c.abrupt {
		panic(http.ErrAbortHandler)
	}
}

// flowing waits while the stream is stalled; false if it ended meanwhile.
func (s *Server) flowing(ctx context.Context, c *stream) bool {
	s.mu.Lock()
	stalled := s.streams.stalled
	s.mu.Unlock()
	if stalled == nil {
		return true
	}
	select {
	case <-stalled:
		return true
	case <-ctx.Done():
	case <-c.end:
	}
	return false
}

// dropConnections answers DELETE /2/connections/all.
func (s *Server) dropConnections(*http.Request) answer {
	n := len(s.streams.open) + s.streams.counted(time.Now())
	s.streams.ghosts = nil
	for c := range s.streams.open {
		c.killed = true
	}
	s.endStreams(true)
	return ok(object{"data": object{"successful_kills": n, "failed_kills": 0}})
}
