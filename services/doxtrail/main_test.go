package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
)

// What a user is told of wrong use is not scrubbed, so nothing else may come
// with it.
func TestWrongUseIsToldAlone(t *testing.T) {
	err := errors.Join(wrongUse(errors.New("name one of them")), errors.New("close: chan-invented"))
	if text, code := ending(err, &outlet{}); text != "name one of them" || code != exitUsage {
		t.Errorf("told %q with %d", text, code)
	}
	if text, code := ending(nil, &outlet{}); text != "" || code != exitDone {
		t.Errorf("told %q with %d of nothing", text, code)
	}
}

// A reader that goes away ends a command in order. A server whose connection broke
// gives the same error, and what was not done then must not be called done.
func TestOnlyAClosedOutletIsNoFailure(t *testing.T) {
	broken := fmt.Errorf("publish: %w", &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE})
	if text, code := ending(broken, &outlet{to: io.Discard}); text == "" || code != exitFailed {
		t.Errorf("a broken connection is told as %q with %d", text, code)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	out := &outlet{to: w}
	_, err = io.WriteString(out, "a row")
	if text, code := ending(err, out); text != "" || code != exitDone {
		t.Errorf("a closed outlet is told as %q with %d", text, code)
	}
}
