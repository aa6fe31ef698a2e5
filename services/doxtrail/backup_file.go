package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// A data file is a zip of
//
//	tables/KIND.tsv   the rows of each table, see store.WriteRows
//	watchlist.sealed  the effective watch list, as it lies in WATCHLIST
//	decided.sealed    what was decided about channels, as it lies there
//	tombstones        what was erased, by keyed ids, as it lies beside the ring
//	cursors.json      where collectors stopped, as it lies in CURSORS
//	manifest.json     what all of it is, with a hash for each
//	manifest.seal     the manifest's hash, sealed with the study's ring
//
// so that what is in it can be looked at with any tool, and was written by a
// holder of the ring and by nobody else.
const (
	manifestName  = "manifest.json"
	sealName      = "manifest.seal"
	watchlistName = "watchlist.sealed"
	decidedName   = "decided.sealed"
	cursorsName   = "cursors.json"

	tombstonesName = "tombstones"

	dataFormat  = "doxtrail data 1"
	sealPurpose = "backup manifest"
	// largestManifest bounds what is read of the entries that are held in memory.
	largestManifest = 64 << 20
)

// manifest says what a data file holds.
type manifest struct {
	Format    string    `json:"format"`
	Version   string    `json:"version"` // of the doxtrail that wrote it
	CreatedAt time.Time `json:"created_at"`
	// Ring is the public id of the study's key ring, Schema the number of the
	// last migration, Generation that of the watch list.
	Ring       string `json:"ring"`
	Schema     uint32 `json:"schema"`
	Generation uint64 `json:"generation"`
	// FailedRecords were on FAILED and are not in the file; Waiting counts the
	// messages that came while it was written and may not be in it.
	FailedRecords uint64  `json:"failed_records"`
	Waiting       uint64  `json:"waiting"`
	Entries       []entry `json:"entries"`
}

// entry is one part of a data file. Rows is 0 for what is no table.
type entry struct {
	Name   string `json:"name"`
	Rows   uint64 `json:"rows"`
	Bytes  uint64 `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// rows adds up the rows of all tables.
func (m *manifest) rows() (n uint64) {
	for _, e := range m.Entries {
		n += e.Rows
	}
	return n
}

// dataWriter writes a data file, entry by entry, in constant memory.
type dataWriter struct {
	zip      *zip.Writer
	manifest manifest
}

func newDataWriter(w io.Writer, m manifest) *dataWriter {
	d := &dataWriter{zip: zip.NewWriter(w), manifest: m}
	d.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	return d
}

// add writes one entry; write gives the number of its rows.
func (d *dataWriter) add(name string, write func(io.Writer) (rows uint64, err error)) error {
	out, err := d.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.manifest.CreatedAt})
	if err != nil {
		return writing(err)
	}
	sum := &summing{to: out, hash: sha256.New()}
	rows, err := write(sum)
	if err != nil {
		return err
	}
	d.manifest.Entries = append(d.manifest.Entries, entry{name, rows, sum.bytes, hex.EncodeToString(sum.hash.Sum(nil))})
	return nil
}

// close writes the manifest and its seal, which make the file whole.
func (d *dataWriter) close(key *privacy.StateKey) error {
	text, err := json.MarshalIndent(d.manifest, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	seal, err := key.Seal(sealPurpose, sum[:])
	if err != nil {
		return err
	}
	for _, last := range []struct {
		name    string
		content []byte
	}{{manifestName, text}, {sealName, seal}} {
		if err := d.add(last.name, whole(last.content)); err != nil {
			return err
		}
	}
	return writing(d.zip.Close())
}

// whole writes an entry that is no table.
func whole(content []byte) func(io.Writer) (uint64, error) {
	return func(w io.Writer) (uint64, error) {
		_, err := w.Write(content)
		return 0, err
	}
}

// summing hashes and counts bytes on their way.
type summing struct {
	to    io.Writer
	hash  hash.Hash
	bytes uint64
}

func (s *summing) Write(p []byte) (int, error) {
	s.hash.Write(p)
	n, err := s.to.Write(p)
	s.bytes += uint64(n)
	return n, writing(err)
}

// writing takes the path off an error: where a backup lies is nobody's business.
func writing(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write the backup: %w", bare(err))
}

// newFile makes a file that is there whole or not at all: it is written under
// another name, for the user's eyes only, and gets its own when it is on the
// disk. A file of that name is never touched. What a killed run left of the
// other name is written over.
func newFile(path string, write func(io.Writer) error) (err error) {
	if err := absent(path); err != nil {
		return err
	}
	part := path + ".part"
	file, err := openPart(part)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // which ends the lock, so it comes last
	if !lockAlone(file, part) {
		return errors.New("write the backup: another process is writing this file")
	}
	if err := errors.Join(file.Chmod(0o600), file.Truncate(0)); err != nil {
		return writing(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part) // the first error tells
		}
	}()
	if err := write(file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return writing(err)
	}
	if err := absent(path); err != nil { // it may have come meanwhile
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return writing(err)
	}
	return syncDir(filepath.Dir(path))
}

// lockAlone takes the lock on a file, and says whether it is still the file of
// that name: another process may have finished it meanwhile.
func lockAlone(file *os.File, path string) bool {
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, named)
}

// openPart makes the file under the other name, or takes what a killed run left.
// In a folder that others write to, one may lie in wait: whoever made it could
// read what comes into it.
func openPart(part string) (*os.File, error) {
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return file, writing(err)
	}
	if file, err = os.OpenFile(part, os.O_WRONLY|syscall.O_NOFOLLOW, 0); err != nil {
		return nil, writing(err)
	}
	info, err := file.Stat()
	if err == nil {
		stat, ok := info.Sys().(*syscall.Stat_t)
		if ok && info.Mode().IsRegular() && int(stat.Uid) == os.Geteuid() && stat.Nlink == 1 {
			return file, nil
		}
		err = errors.New("a file of that name with .part lies there that is not of this user alone; remove it, or name another folder")
	}
	return nil, errors.Join(writing(err), file.Close())
}

// absent refuses to write where something is.
func absent(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return wrongUse(errors.New("a file of that name is there already; a backup never overwrites one"))
	}
	return nil
}

// syncDir makes a name that was added to a folder last.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return writing(err)
	}
	return writing(errors.Join(folder.Sync(), folder.Close()))
}
