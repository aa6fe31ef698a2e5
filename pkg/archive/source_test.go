package archive

import (
	"bytes"
	"crypto/sha256"
	"io"
)

// memoryOrigin serves bytes as a regular file would.
type memoryOrigin struct {
	content []byte
	// wrap changes how the bytes come.
	wrap func(io.Reader) io.Reader
}

func (m *memoryOrigin) open() (io.ReadCloser, error) {
	var r io.Reader = bytes.NewReader(m.content)
	if m.wrap != nil {
		r = m.wrap(r)
	}
	return io.NopCloser(r), nil
}

func (m *memoryOrigin) identity() ([32]byte, error) { return sha256.Sum256(m.content), nil }
func (m *memoryOrigin) hashable() bool              { return true }
func (m *memoryOrigin) progress(read int64) int64   { return read }
func (m *memoryOrigin) unchanged() bool             { return true }
