package archive

import (
	"archive/zip"
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// maxGzipDepth is how often a file may be packed: a .gz inside a zip or inside
// another .gz is met in the field, more is not.
const maxGzipDepth = 2

// errTooLarge ends the unpacking of data that grows beyond all bounds.
var errTooLarge = errors.New("unpack: too large")

// unpack follows gzip inside the bytes of a file, as told by content.
func unpack(c *counted) (io.Reader, Class, error) {
	var r io.Reader = c
	for depth := 0; ; depth++ {
		b := bufio.NewReaderSize(r, windowSize/4)
		magic, err := b.Peek(4)
		if len(magic) < 2 {
			if err != nil && !errors.Is(err, io.EOF) {
				return b, "", err
			}
			return b, "", nil
		}
		switch {
		case isZip(magic):
			return nil, ClassNestedZip, nil
		case magic[0] != 0x1f || magic[1] != 0x8b:
			return b, "", nil
		case depth == maxGzipDepth:
			return nil, ClassNestedGzip, nil
		}
		z, err := gzip.NewReader(b)
		if err != nil {
			return b, "", err
		}
		r = &bounded{r: z, packed: c}
	}
}

// bounded stops at an unpacked size that no honest file has.
type bounded struct {
	r      io.Reader
	packed *counted
	n      uint64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += uint64(n)
	if tooLarge(b.n, b.packed.n) {
		return 0, errTooLarge
	}
	return n, err
}

// packingFault gives the class of an error that the packing causes, so that
// what was read before it counts.
func packingFault(err error) (Class, bool) {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errTooLarge):
		return ClassTooLarge, true
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ClassTruncated, true
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader),
		errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm),
		errors.As(err, &corrupt), errors.Is(err, io.ErrNoProgress):
		return ClassDamaged, true
	default:
		return "", false
	}
}
