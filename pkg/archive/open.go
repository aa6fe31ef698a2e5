package archive

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// maxFolderDepth is how deep folders may lie within a named one.
const maxFolderDepth = 32

// errReadTwice: a pipe can be opened only once.
var errReadTwice = errors.New("read a stream twice")

// Open walks what was named, in the order given: a file, a folder (all files
// in it and below, in the order of their names), a zip (its members in their
// order), or "-" for stdin. gzip is left to Read. What is what is told by
// content. A data folder of doxtrail that lies inside a folder is passed over.
// What cannot be opened comes as an *Error, which has an ordinal of
// its own and no name, and the walk goes on.
//
// Symbolic links inside folders and zips are refused; one that is named is
// followed, since the operator meant it.
//
// If the first path is a file, it is begun to be read for its ImportID at once,
// so that what is to take the records can be started meanwhile.
func Open(paths []string, stdin io.Reader) iter.Seq2[*Source, error] {
	ahead := beginFirst(paths)
	return func(yield func(*Source, error) bool) {
		w := &walk{yield: yield, stdin: stdin, ahead: ahead}
		for _, path := range paths {
			if !w.named(path) {
				return
			}
		}
	}
}

// beginFirst begins to hash the first of some paths; nil if that is no file.
func beginFirst(paths []string) *fileOrigin {
	if len(paths) == 0 {
		return nil
	}
	info, err := os.Stat(paths[0]) // "-" is hardly a file; if it is, it is not taken
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	first := &fileOrigin{path: paths[0]}
	go first.begin()
	return first
}

// walk is one run of Open. Its methods give false when the caller wants no
// more.
type walk struct {
	yield   func(*Source, error) bool
	stdin   io.Reader
	ordinal int
	ahead   *fileOrigin // the first file, which is being hashed; nil once it was met
}

// origin is where the bytes of a file come from.
func (w *walk) origin(path string) *fileOrigin {
	if first := w.ahead; first != nil && first.path == path {
		w.ahead = nil // a second time it is read anew
		return first
	}
	return &fileOrigin{path: path}
}

func (w *walk) emit(s *Source) bool {
	w.ordinal++
	s.Ordinal = w.ordinal
	return w.yield(s, nil)
}

func (w *walk) refuse(class Class, err error) bool {
	w.ordinal++
	return w.yield(nil, &Error{Ordinal: w.ordinal, Class: class, Err: pathless(err)})
}

// named walks one path that the operator named.
func (w *walk) named(path string) bool {
	if path == "-" {
		stdin := w.stdin
		w.stdin = nil // a second "-" has nothing left
		return w.stream(func() (io.ReadCloser, error) {
			if stdin == nil {
				return nil, errReadTwice
			}
			return io.NopCloser(stdin), nil
		})
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return w.refuse(ClassUnreadable, err)
	case info.IsDir() && DataFolder(path):
		return w.refuse(ClassUnknownFormat, nil)
	case info.IsDir():
		return w.folder(path, 1)
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		return w.stream(func() (io.ReadCloser, error) { return os.Open(path) })
	case !info.Mode().IsRegular():
		return w.refuse(ClassNotRegular, nil)
	default:
		return w.file(path, true)
	}
}

func (w *walk) stream(open func() (io.ReadCloser, error)) bool {
	return w.emit(&Source{Size: -1, Named: true, origin: &streamOrigin{openOnce: open}})
}

func (w *walk) folder(path string, depth int) bool {
	if depth > maxFolderDepth {
		return w.refuse(ClassTooDeep, nil)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return w.refuse(ClassUnreadable, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, entry := range entries {
		within := filepath.Join(path, entry.Name())
		var more bool
		switch mode := entry.Type(); {
		case mode.IsDir() && DataFolder(within):
			more = true // a study that lies beside its archives
		case mode.IsDir():
			more = w.folder(within, depth+1)
		case mode&fs.ModeSymlink != 0:
			more = w.refuse(ClassSymlink, nil)
		case !mode.IsRegular():
			more = w.refuse(ClassNotRegular, nil)
		default:
			more = w.file(within, false)
		}
		if !more {
			return false
		}
	}
	return true
}

// file yields a regular file, or the members of a zip.
func (w *walk) file(path string, named bool) bool {
	file, err := os.Open(path)
	if err != nil {
		return w.refuse(ClassUnreadable, err)
	}
	defer func() { _ = file.Close() }() // only read from
	info, err := file.Stat()
	if err != nil {
		return w.refuse(ClassUnreadable, err)
	}
	var magic [4]byte
	if n, err := file.ReadAt(magic[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return w.refuse(ClassUnreadable, err)
	} else if isZip(magic[:n]) {
		return w.zip(file, info.Size(), path)
	}
	return w.emit(&Source{Size: info.Size(), Named: named, origin: w.origin(path)})
}
