package bus

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Codes of the server for a refused message that may be taken later.
const (
	codeStoreFailed          jetstream.ErrorCode = 10077 // the stream is full, or the disk failed
	codeStorageExceeded      jetstream.ErrorCode = 10047 // the store is full
	codeInsufficientResource jetstream.ErrorCode = 10023
	codeUnavailable          jetstream.ErrorCode = 10008
	codeNotLeader            jetstream.ErrorCode = 10009
	codeStreamOffline        jetstream.ErrorCode = 10118
	codeTooManyRequests      jetstream.ErrorCode = 10167
)

// retryable reports whether the same message may be taken later.
func retryable(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode {
		case codeStoreFailed, codeStorageExceeded, codeInsufficientResource, codeUnavailable, codeNotLeader,
			codeStreamOffline, codeTooManyRequests:
			return true
		default:
			return api.Code == 503
		}
	}
	for _, e := range []error{
		errCollision, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrReconnectBufExceeded,
		nats.ErrConnectionReconnecting, nats.ErrStaleConnection, jetstream.ErrAsyncPublishTimeout,
		jetstream.ErrNoStreamResponse, jetstream.ErrTooManyStalledMsgs, jetstream.ErrInvalidJSAck,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	// The connection broke while it was written to, and is made anew.
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// errorCode is the server's code of a failed attempt, as a metric's label; 0 if
// the failure was on the way.
func errorCode(err error) string {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return strconv.Itoa(int(api.ErrorCode))
	}
	return "0"
}

// publishError words a refusal that no waiting mends.
func publishError(err error) error {
	if errors.Is(err, nats.ErrMaxPayload) {
		return errors.New("publish: the message is larger than the server takes")
	}
	return fmt.Errorf("publish: refused by the server: %w", err)
}

// laterLimit is the longest that a delivery is put off.
const laterLimit = 5 * time.Minute

// delayFor is how long to wait before delivery number n+1, with up to a fifth
// added so that what failed together does not come back together.
func delayFor(delivered uint64) time.Duration {
	var d time.Duration
	switch delivered {
	case 0, 1:
		d = time.Second
	case 2:
		d = 5 * time.Second
	case 3:
		d = 30 * time.Second
	default:
		d = laterLimit
	}
	return d + rand.N(d/5+1) //nolint:gosec // jitter
}

// full is the server's words for a stream that has no room; the same code also
// stands for other failures to store.
const fullText = "maximum bytes exceeded"

func isFull(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	return api.ErrorCode == codeStorageExceeded || (api.ErrorCode == codeStoreFailed && api.Description == fullText)
}
