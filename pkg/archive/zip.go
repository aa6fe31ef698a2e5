package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
)

const (
	// maxEntries is how many members a zip may have.
	maxEntries = 100_000
	// maxRatio is how many times its size packed data may unpack to, beyond
	// ratioFree bytes: JSON packs to a tenth, rarely to a fortieth.
	maxRatio = 100
	// ratioFree is what may unpack whatever the ratio, since small repetitive
	// files pack very well.
	ratioFree = 64 << 20
)

// isZip tells a zip by its first bytes.
func isZip(b []byte) bool {
	return bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("PK\x05\x06"))
}

// zip yields the members of a zip, read in place.
func (w *walk) zip(file *os.File, size int64, path string) bool {
	r, err := zip.NewReader(file, size)
	if err != nil {
		return w.refuse(ClassDamaged, err)
	}
	if len(r.File) > maxEntries {
		return w.refuse(ClassTooManyEntries, nil)
	}
	whole := w.origin(path)
	var unpacked uint64
	for i, member := range r.File {
		if member.Mode().IsDir() {
			continue
		}
		// Members that share their packed bytes would pass one by one. The sizes
		// are what the zip says: their sum must not begin at 0 again.
		unpacked += min(member.UncompressedSize64, math.MaxUint64-unpacked)
		class := memberFault(member)
		if class == "" && tooLarge(unpacked, size) {
			return w.refuse(ClassTooLarge, nil)
		}
		if class != "" {
			if !w.refuse(class, nil) {
				return false
			}
			continue
		}
		source := &Source{
			Size:   int64(member.CompressedSize64),
			origin: &memberOrigin{zip: whole, index: i, file: member},
		}
		if !w.emit(source) {
			return false
		}
	}
	return true
}

// memberFault gives the reason why a member is not read. Nothing is ever
// written under a member's name; a name that leaves the zip still shows that
// somebody is up to something.
func memberFault(member *zip.File) Class {
	const encrypted = 1
	name := strings.ReplaceAll(member.Name, `\`, "/")
	switch {
	case member.Mode()&fs.ModeSymlink != 0:
		return ClassSymlink
	case !member.Mode().IsRegular():
		return ClassNotRegular
	case strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || strings.Contains(name, ":/"):
		return ClassUnsafeEntry
	case member.Flags&encrypted != 0:
		return ClassEncrypted
	case tooLarge(member.UncompressedSize64, int64(member.CompressedSize64)):
		return ClassTooLarge
	default:
		return ""
	}
}

// tooLarge says whether the unpacked size is beyond what a packed size allows.
func tooLarge(unpacked uint64, packed int64) bool {
	if unpacked <= ratioFree {
		return false
	}
	return packed <= 0 || unpacked/maxRatio > uint64(packed)
}

// memberOrigin is a member of a zip.
type memberOrigin struct {
	zip   *fileOrigin
	index int
	file  *zip.File
}

func (m *memberOrigin) open() (io.ReadCloser, error) { return m.file.Open() }

func (m *memberOrigin) identity() ([32]byte, error) {
	zipHash, err := m.zip.identity()
	if err != nil {
		return zipHash, err
	}
	return memberID(zipHash, m.index), nil
}

func (m *memberOrigin) hashable() bool { return false }

func (m *memberOrigin) progress(read int64) int64 {
	unpacked := float64(m.file.UncompressedSize64)
	if unpacked <= 0 {
		return 0
	}
	packed := float64(m.file.CompressedSize64)
	return int64(packed * min(1, float64(read)/unpacked))
}

func (m *memberOrigin) unchanged() bool { return m.zip.unchanged() }
