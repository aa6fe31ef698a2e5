package main

import (
	"errors"
	"testing"
)

// What a user is told of wrong use is not scrubbed, so nothing else may come
// with it.
func TestWrongUseIsToldAlone(t *testing.T) {
	err := errors.Join(wrongUse(errors.New("name one of them")), errors.New("close: chan-invented"))
	if text, code := ending(err); text != "name one of them" || code != exitUsage {
		t.Errorf("told %q with %d", text, code)
	}
	if text, code := ending(nil); text != "" || code != exitDone {
		t.Errorf("told %q with %d of nothing", text, code)
	}
}
