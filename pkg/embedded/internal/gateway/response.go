package gateway

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// heldBack is how much of a result is kept before the first byte is sent. A
// statement that fails within it still gets the status and headers of an
// error, and a small result gets its length and a complete summary.
const heldBack = 1 << 20

// writeTimeout ends a request whose client stopped reading.
const writeTimeout = 5 * time.Minute

// exceptionTag is what ClickHouse marks errors in the middle of a body with,
// so that no result can be taken for one.
const exceptionTagBytes = 16

// response writes the answer to one request.
type response struct {
	w       http.ResponseWriter
	out     io.Writer // w again, packed if the client asked: a result is bytes to it, with a type that no browser renders
	control *http.ResponseController
	tag     string
	version string
	held    []byte
	sent    bool
	err     error // of the connection: nothing more can be written
}

func newResponse(w http.ResponseWriter, query url.Values, queryID, version string) *response {
	r := &response{w: w, out: newPacker(w, query), control: http.NewResponseController(w), tag: randomTag(), version: version}
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", displayName)
	h.Set("X-ClickHouse-Query-Id", queryID)
	h.Set("X-ClickHouse-Timezone", timezone)
	h.Set("X-ClickHouse-Exception-Tag", r.tag)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Access-Control-Expose-Headers", "X-ClickHouse-Query-Id,X-ClickHouse-Summary,X-ClickHouse-Server-Display-Name,"+
		"X-ClickHouse-Format,X-ClickHouse-Timezone,X-ClickHouse-Exception-Code,X-ClickHouse-Exception-Tag")
	return r
}

func randomTag() string { return rand.Text()[:exceptionTagBytes] }

// form announces the format of the result.
func (r *response) form(name string, f format) {
	r.w.Header().Set("Content-Type", f.contentType)
	r.w.Header().Set("X-ClickHouse-Format", name)
}

// Write takes a part of the result. The part may be reused by the caller.
func (r *response) Write(part []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if !r.sent && len(r.held)+len(part) <= heldBack {
		r.held = append(r.held, part...)
		return len(part), nil
	}
	if !r.sent {
		r.commit(http.StatusOK)
		r.send(r.held)
		r.held = nil
	}
	r.send(part)
	if r.err != nil {
		return 0, r.err
	}
	return len(part), nil
}

func (r *response) commit(status int) {
	r.sent = true
	r.w.WriteHeader(status)
}

func (r *response) send(part []byte) {
	if r.err != nil || len(part) == 0 {
		return
	}
	_ = r.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not every connection has one
	if _, err := r.out.Write(part); err != nil {
		r.err = fmt.Errorf("send a result: %w", err)
	}
}

// finish sends what is left of a good answer.
func (r *response) finish(s chdb.Summary) {
	if !r.sent {
		r.w.Header().Set("X-ClickHouse-Summary", summaryText(s))
		if r.out == io.Writer(r.w) {
			r.w.Header().Set("Content-Length", strconv.Itoa(len(r.held)))
		}
		r.commit(http.StatusOK)
	}
	r.send(r.held)
	r.held = nil
}

// fail sends an error: as the answer, or, when a part of a result is out
// already, at its end in ClickHouse's frame. The connection is broken then, so
// that a client which does not know the frame sees a broken answer and not a
// short one.
func (r *response) fail(e *chdb.Exception, s chdb.Summary) {
	text := e.Text + " (version " + r.version + ")\n"
	if !r.sent {
		h := r.w.Header()
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
		h.Set("X-ClickHouse-Summary", summaryText(s))
		h.Set("Content-Type", typeText)
		h.Del("X-ClickHouse-Format")
		h.Set("Content-Length", strconv.Itoa(len(text)))
		r.held, r.out = nil, r.w
		r.commit(statusOf(e.Code))
		r.send([]byte(text))
		return
	}
	const marker = "__exception__"
	r.send([]byte("\r\n" + marker + "\r\n" + r.tag + "\r\n" + text +
		strconv.Itoa(len(text)) + " " + r.tag + "\r\n" + marker + "\r\n"))
	_ = r.control.Flush() // the abort below would drop what is not out yet
	panic(http.ErrAbortHandler)
}

func summaryText(s chdb.Summary) string {
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"0",`+
		`"result_rows":"%d","result_bytes":"%d","elapsed_ns":"%d"}`,
		s.ReadRows, s.ReadBytes, s.WrittenRows, s.WrittenBytes, s.ResultRows, s.ResultBytes, s.Elapsed.Nanoseconds())
}
