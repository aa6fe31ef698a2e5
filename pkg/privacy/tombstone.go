package privacy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// TombstonesName is what the file of tombstones is called in the folder of a key
// ring.
//
// It lies beside the ring and not among the tables, because tables are what a
// restore brings back: an older backup knows nothing of an erasure that came after
// it, and the ring is what every restore needs. It is no map either: keyed ids and
// nothing else, which without the ring join with no name.
const TombstonesName = "tombstones"

// Tombstone says that something was erased for good, by keyed ids alone. It has one
// of three forms: the target itself, a key that goes with it, or a page of a card.
type Tombstone struct {
	// Target is the key of the post, channel, account or card that was decided about.
	Target Key
	// Part goes with the target: another name of a channel, a post of a channel or of
	// an account, an item of an album. Rows that say nothing of the target are known
	// by it, as a locator of its post is.
	Part Key
	// Path and Site are a page that shows a card: the key of its path, and that of the
	// host or site, as it was known when the card was erased.
	Path, Site Key
}

// Tombstones is the file of tombstones of a ring's folder. Several processes may
// read and append at once; what was appended stays.
type Tombstones struct {
	path string
	mu   sync.Mutex
	read tombstonesRead
	set  atomic.Pointer[TombstoneSet]
}

// tombstonesRead is how far the file was read: the next call goes on from there.
type tombstonesRead struct {
	file   os.FileInfo
	offset int64
}

// ErrTombstones says that the file of tombstones is not as it was written. Nothing
// may be stored meanwhile, since nobody can tell what was erased.
var ErrTombstones = errors.New("read the tombstones: a line is damaged; bring the file back from the newest backup of the data")

// OpenTombstones reads the tombstones of a ring's folder. Where there is no file,
// as in the folder of a service that has no ring, nothing was erased.
func OpenTombstones(dir string) (*Tombstones, error) {
	t := &Tombstones{path: filepath.Join(dir, TombstonesName)}
	t.set.Store(&TombstoneSet{})
	_, err := t.Current()
	return t, err
}

// Current is the set as the file has it now. While the file stays as it was this
// costs one question to the file system. A file that is gone takes nothing back.
func (t *Tombstones) Current() (*TombstoneSet, error) {
	info, err := os.Stat(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return t.set.Load(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tombstones: %w", withoutPath(err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	same := t.read.file != nil && os.SameFile(t.read.file, info)
	if same && t.read.offset == info.Size() { // else a line may be there whole by now
		return t.set.Load(), nil
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("read the tombstones: others may read the file (mode %04o): type chmod 600 '%s'", mode, t.path)
	}
	file, err := os.Open(t.path)
	if err != nil {
		return nil, fmt.Errorf("read the tombstones: %w", withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	from := t.read.offset
	if !same || info.Size() < from {
		from = 0
	}
	more, offset, err := readTombstones(file, from)
	if err != nil {
		return nil, err
	}
	t.set.Store(t.set.Load().with(more))
	t.read = tombstonesRead{file: info, offset: offset}
	return t.set.Load(), nil
}

// All lists every tombstone of the file, the oldest first.
func (t *Tombstones) All() ([]Tombstone, error) {
	file, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tombstones: %w", withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	list, _, err := readTombstones(file, 0)
	return list, err
}

// FormatTombstones writes tombstones as they stand in the file, for a backup.
func FormatTombstones(list []Tombstone) []byte {
	var text bytes.Buffer
	for _, one := range list {
		text.WriteString(one.line())
	}
	return text.Bytes()
}

// ParseTombstones reads what FormatTombstones wrote.
func ParseTombstones(text []byte) ([]Tombstone, error) {
	list, end, err := readTombstones(bytes.NewReader(text), 0)
	if err == nil && end != int64(len(text)) {
		err = ErrTombstones
	}
	return list, err
}

// Append adds those that are not there yet, and returns when they are on the disk
// for good. Nothing is deleted that has no tombstone first.
func (t *Tombstones) Append(list []Tombstone) error {
	err := t.locked(func(file *os.File) error {
		present, end, err := readTombstones(file, 0)
		if err != nil {
			return err
		}
		known := make(map[Tombstone]struct{}, len(present))
		for _, one := range present {
			known[one] = struct{}{}
		}
		var text bytes.Buffer
		for _, one := range list {
			if _, again := known[one]; again || one.Target.IsZero() {
				continue
			}
			known[one] = struct{}{}
			text.WriteString(one.line())
		}
		// What a process was killed in goes: nobody has relied on it.
		if err := file.Truncate(end); err != nil {
			return withoutPath(err)
		}
		if _, err := file.WriteAt(text.Bytes(), end); err != nil {
			return withoutPath(err)
		}
		if err := file.Sync(); err != nil {
			return withoutPath(err)
		}
		return syncFolder(filepath.Dir(t.path)) // the first call makes the file
	})
	if err != nil {
		return fmt.Errorf("write the tombstones: %w", err)
	}
	_, err = t.Current()
	return err
}

// locked runs do while no other process appends.
func (t *Tombstones) locked(do func(*os.File) error) error {
	file, err := os.OpenFile(t.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return withoutPath(err)
	}
	defer func() { _ = file.Close() }() // closing unlocks
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return err
	}
	return do(file)
}

// The words that begin a line.
const (
	wordErased = "erased"
	wordPart   = "part"
	wordPage   = "page"
)

// line is how a tombstone stands in the file.
func (t Tombstone) line() string {
	switch {
	case !t.Part.IsZero():
		return wordPart + " " + t.Target.String() + " " + t.Part.String() + "\n"
	case !t.Site.IsZero():
		return wordPage + " " + t.Target.String() + " " + t.Path.String() + " " + t.Site.String() + "\n"
	default:
		return wordErased + " " + t.Target.String() + "\n"
	}
}

// readTombstones reads the whole lines from an offset on, and gives where they end.
// A last line without an end is being written, or was when a process was killed.
func readTombstones(file io.ReaderAt, from int64) (list []Tombstone, end int64, err error) {
	const longest = 1 << 10
	lines := bufio.NewReaderSize(io.NewSectionReader(file, from, 1<<62), longest)
	for end = from; ; {
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return list, end, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, end, ErrTombstones
		case err != nil:
			return nil, end, fmt.Errorf("read the tombstones: %w", withoutPath(err))
		}
		one, err := parseTombstone(string(line[:len(line)-1]))
		if err != nil {
			return nil, end, err
		}
		list = append(list, one)
		end += int64(len(line))
	}
}

func parseTombstone(line string) (t Tombstone, err error) {
	word, rest, _ := strings.Cut(line, " ")
	var fields []*Key
	switch word {
	case wordErased:
		fields = []*Key{&t.Target}
	case wordPart:
		fields = []*Key{&t.Target, &t.Part}
	case wordPage:
		fields = []*Key{&t.Target, &t.Path, &t.Site}
	default:
		return t, ErrTombstones
	}
	texts := strings.Split(rest, " ")
	if len(texts) != len(fields) {
		return t, ErrTombstones
	}
	for i, text := range texts {
		if fields[i].UnmarshalText([]byte(text)) != nil || fields[i].IsZero() {
			return t, ErrTombstones
		}
	}
	return t, nil
}
