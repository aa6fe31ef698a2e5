package api

import (
	"context"
	"net"
	"net/http"
)

const (
	// receiveBuffer is what the system is asked to hold of a stream that nobody reads,
	// in bytes; Linux takes twice as much. X charges for what it sends, so little may
	// lie here: what does not fit waits at X. Over a way of 100 ms it still lets some
	// 300 KB pass in a second, a hundred posts, and over one of 20 ms all that X sends.
	receiveBuffer = 32 << 10
	// readAhead is how much more than the line that is asked for is read at the most.
	readAhead = 4 << 10
)

// newStreamTransport is for the stream alone: on its connection little lies unread.
// HTTP/2 would read ahead whatever the caller does, up to 4 MiB, and compressed, the
// same few bytes would be ten times as many posts. Nothing is kept for later: on a
// connection that was used before net/http may send a request a second time.
func newStreamTransport() *http.Transport {
	t := newTransport()
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.DisableCompression, t.DisableKeepAlives, t.ReadBufferSize = true, true, readAhead
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer().DialContext(ctx, network, address)
		if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
			_ = tcp.SetReadBuffer(receiveBuffer) // where the system has none, it has its own
		}
		return conn, err
	}
	return t
}
