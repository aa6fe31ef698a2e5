package preview

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// What keeps a page from being asked for or read.
var (
	// ErrName says that a name cannot be a channel's: 5 to 32 letters, digits and
	// underscores. Nothing was asked.
	ErrName = errors.New("no name of a channel: a name has 5 to 32 letters, digits and underscores")
	// ErrNumber says that a number cannot be a post's. Nothing was asked.
	ErrNumber = errors.New("no number of a post: numbers begin at 1")
	// ErrUnreachable says that no answer came, or not to its end.
	ErrUnreachable = errors.New("the web preview cannot be reached")
)

// RateLimited says that the web asks for a pause. The Client does not keep it:
// Turn has to hold back what comes before it is over.
type RateLimited struct {
	// After is how long to wait; 0 if the answer does not say.
	After time.Duration
}

// Error implements error.
func (RateLimited) Error() string { return "the web preview asks to wait (429)" }

// StatusError is an answer that is neither a page nor a redirect.
type StatusError struct {
	// Code is the status of the answer; from 500 on it may be otherwise later.
	Code int
	// After is how long to wait; 0 if the answer does not say.
	After time.Duration
}

// Error implements error.
func (e StatusError) Error() string {
	return "the web preview answers with status " + strconv.Itoa(e.Code)
}

// maxAfter is the longest pause that is believed.
const maxAfter = 24 * time.Hour

// retryAfter reads how long an answer asks to wait, in seconds or as a date.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxAfter)
}

// wordless replaces the errors of a request, which hold its address and with it
// the name of a channel, by ones that hold the reason only.
func wordless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return fmt.Errorf("%w: it took too long", ErrUnreachable)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%w: its host is not found", ErrUnreachable)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		// Who stands between may know why; nothing was read.
		return fmt.Errorf("%w: its certificate is not to be trusted", ErrUnreachable)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return fmt.Errorf("%w: %w", ErrUnreachable, errno)
	}
	return ErrUnreachable
}
