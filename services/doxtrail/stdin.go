package main

import (
	"context"
	"io"
	"sync"
)

// interruptible returns a reader of r that ends with ctx's error when ctx
// ends, even while r waits for input that may never come. What r has read by
// then is lost, which is why it is for standard input alone. Nothing is read
// before the first Read.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	return &interruptibleReader{ctx: ctx, from: r}
}

type interruptibleReader struct {
	ctx   context.Context //nolint:containedctx // a Read carries none
	from  io.Reader
	start sync.Once
	pipe  *io.PipeReader
}

// Read implements io.Reader.
func (r *interruptibleReader) Read(p []byte) (int, error) {
	r.start.Do(func() {
		reader, writer := io.Pipe()
		r.pipe = reader
		go func() {
			_, err := io.CopyBuffer(onlyWriter{writer}, r.from, make([]byte, copySize))
			_ = writer.CloseWithError(err) // a pipe always closes; nil reads as the end
		}()
		context.AfterFunc(r.ctx, func() { _ = writer.CloseWithError(context.Cause(r.ctx)) })
	})
	return r.pipe.Read(p)
}

// copySize is how much of standard input is read at once.
const copySize = 256 << 10

// onlyWriter hides other methods, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }
