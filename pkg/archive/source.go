package archive

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// Source is one file of a walk. It can be read until the walk is asked for the
// next one, by one goroutine; only Consumed may be called from others.
type Source struct {
	// Ordinal is the position in the walk, from 1.
	Ordinal int
	// Size is what Consumed comes to at the end, in bytes on disk; -1 where
	// that is not known.
	Size int64
	// Named is true for what the operator named itself. What was found inside
	// a folder or zip may well be something else than an archive.
	Named bool

	origin   origin
	importID [16]byte
	known    bool // importID was worked out
	consumed atomic.Int64
}

// origin is where the bytes of a Source come from.
type origin interface {
	open() (io.ReadCloser, error)
	// identity gives the hash an import id is cut from.
	identity() ([32]byte, error)
	// hashable says whether identity is the hash of what open gives.
	hashable() bool
	// progress turns bytes that were read into bytes on disk.
	progress(read int64) int64
	// unchanged says whether the content is still what identity saw.
	unchanged() bool
}

// ImportID names the content, so that the same file read twice gives the same
// records: the head of the SHA-256 of a file; for a member of a zip, of the
// zip's hash and the member's position; random for a stream. The first call
// reads a file once through. The error holds no path.
func (s *Source) ImportID() ([16]byte, error) {
	if s.known {
		return s.importID, nil
	}
	id, err := s.identity()
	if err != nil {
		return [16]byte{}, err
	}
	s.importID = [16]byte(id[:16])
	s.known = true
	return s.importID, nil
}

func (s *Source) identity() ([32]byte, error) {
	id, err := s.origin.identity()
	if err != nil {
		return id, unreadable(s.Ordinal, err)
	}
	return id, nil
}

// Consumed is how many bytes on disk have been read so far.
func (s *Source) Consumed() int64 { return s.consumed.Load() }

// Open gives the bytes of the file, unpacked from a zip but not from gzip. The
// error holds no path.
func (s *Source) Open() (io.ReadCloser, error) {
	rc, err := s.origin.open()
	if err != nil {
		return nil, unreadable(s.Ordinal, err)
	}
	return rc, nil
}

// counted passes bytes on, counting and, if asked, hashing them.
type counted struct {
	r      io.Reader
	source *Source
	hash   hash.Hash
	n      int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.hash != nil {
		_, _ = c.hash.Write(p[:n]) // a hash never fails
	}
	c.source.consumed.Store(c.source.origin.progress(c.n))
	return n, err
}

// fileOrigin is a regular file.
type fileOrigin struct {
	path   string
	opened os.FileInfo // as it was when reading began

	// Hashing may be begun before anybody asks; what it gives is looked at by
	// who waited for it.
	hashing sync.Once
	asked   bool
	info    os.FileInfo // as it was when the content was hashed
	hash    [32]byte
	hashErr error
}

func (f *fileOrigin) open() (io.ReadCloser, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	if f.opened, err = file.Stat(); err != nil {
		_ = file.Close() // the first error tells
		return nil, err
	}
	return file, nil
}

func (f *fileOrigin) identity() ([32]byte, error) {
	f.begin()
	f.asked = true
	return f.hash, f.hashErr
}

// begin hashes the content unless that was done, or waits until it is.
func (f *fileOrigin) begin() {
	f.hashing.Do(func() { f.hashErr = f.sum() })
}

func (f *fileOrigin) hashable() bool { return true }

func (f *fileOrigin) sum() error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read from
	info, err := file.Stat()
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(onlyWriter{h}, file, make([]byte, windowSize)); err != nil {
		return err
	}
	h.Sum(f.hash[:0])
	f.info = info
	return nil
}

func (f *fileOrigin) progress(read int64) int64 { return read }

func (f *fileOrigin) unchanged() bool {
	if !f.asked || f.hashErr != nil {
		return true
	}
	now, err := os.Stat(f.path)
	return err == nil && sameState(now, f.info) && (f.opened == nil || sameState(now, f.opened))
}

func sameState(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// onlyWriter hides other methods, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

// streamOrigin is standard input or a pipe: it can be read once.
type streamOrigin struct {
	openOnce func() (io.ReadCloser, error)
}

func (s *streamOrigin) open() (io.ReadCloser, error) {
	if s.openOnce == nil {
		return nil, errReadTwice
	}
	open := s.openOnce
	s.openOnce = nil
	return open()
}

func (s *streamOrigin) identity() (id [32]byte, err error) {
	_, err = rand.Read(id[:])
	return id, err
}

func (s *streamOrigin) hashable() bool { return false }

func (s *streamOrigin) progress(read int64) int64 { return read }

func (s *streamOrigin) unchanged() bool { return true }

// memberID is the identity of a member of a zip.
func memberID(zipHash [32]byte, index int) [32]byte {
	b := make([]byte, 0, len(zipHash)+8)
	b = append(b, zipHash[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(index))
	return sha256.Sum256(b)
}
