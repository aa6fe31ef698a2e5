package main

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// syncBuffer collects the output of a command while the test reads it.
type syncBuffer struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	written chan struct{} // closed at the next write, if somebody waits
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written != nil {
		close(b.written)
		b.written = nil
	}
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// await waits until the output holds text; false if the command ended or the
// time ran out before.
func (b *syncBuffer) await(text string, ended <-chan struct{}) bool {
	timeout := time.After(commandTimeout)
	for {
		b.mu.Lock()
		found := strings.Contains(b.buf.String(), text)
		if b.written == nil {
			b.written = make(chan struct{})
		}
		written := b.written
		b.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-written:
		case <-ended:
			return strings.Contains(b.String(), text)
		case <-timeout:
			return false
		}
	}
}
