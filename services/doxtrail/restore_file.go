package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/klauspost/compress/flate"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// errDamaged is said of a data file before anything was changed.
var errDamaged = errors.New("the data file is damaged, cut short, or no backup of doxtrail; nothing was changed")

// dataReader reads a data file that was found whole.
type dataReader struct {
	zip      *zip.ReadCloser
	manifest manifest
	files    map[string]*zip.File
}

// openDataFile reads a data file through, once, and refuses one of which any
// byte is not as it was written.
func openDataFile(path string) (*dataReader, error) {
	z, err := zip.OpenReader(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, wrongUse(errors.New("--data-file cannot be opened"))
	}
	if err != nil {
		return nil, errDamaged
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	d := &dataReader{zip: z, files: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		d.files[f.Name] = f
	}
	if err := d.check(); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return d, nil
}

func (d *dataReader) check() error {
	text, err := d.read(manifestName)
	if err != nil || json.Unmarshal(text, &d.manifest) != nil {
		return errDamaged
	}
	if d.manifest.Format != dataFormat {
		return errors.New("the data file has a form that this doxtrail does not know; use a newer one")
	}
	if !ringID.MatchString(d.manifest.Ring) {
		return errDamaged
	}
	if err := store.CheckSchema(d.manifest.Schema); err != nil {
		return fmt.Errorf("the data file was %w", err)
	}
	if len(d.zip.File) != len(d.files) || len(d.files) != len(d.manifest.Entries)+2 {
		return errDamaged // an entry twice, too many or too few
	}
	for _, e := range d.manifest.Entries {
		if err := d.checkEntry(e); err != nil {
			return err
		}
	}
	return nil
}

func (d *dataReader) checkEntry(e entry) error {
	r, err := d.open(e)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err = errors.Join(err, r.Close()); err != nil || uint64(n) != e.Bytes || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
		return errDamaged
	}
	return nil
}

// checkSeal sees that the manifest was written by a holder of the ring, whose
// public id it names.
func (d *dataReader) checkSeal(key *privacy.StateKey) error {
	text, err := d.read(manifestName)
	if err != nil {
		return err
	}
	seal, err := d.read(sealName)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if opened, err := key.Open(sealPurpose, seal); err != nil || !bytes.Equal(opened, sum[:]) {
		return errDamaged
	}
	return nil
}

// open opens an entry, and reads no more of it than there should be.
func (d *dataReader) open(e entry) (io.ReadCloser, error) {
	f, ok := d.files[e.Name]
	if !ok {
		return nil, errDamaged
	}
	r, err := f.Open()
	if err != nil {
		return nil, errDamaged
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, int64(e.Bytes)+1), r}, nil
}

// read reads a small entry.
func (d *dataReader) read(name string) ([]byte, error) {
	r, err := d.open(entry{Name: name, Bytes: largestManifest})
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || len(content) > largestManifest {
		return nil, errDamaged
	}
	return content, nil
}

// has says whether the file has an entry: older versions wrote fewer.
func (d *dataReader) has(name string) bool { return d.files[name] != nil }

// tables lists the entries of tables, with what they hold.
func (d *dataReader) tables() map[store.Kind]entry {
	tables := make(map[store.Kind]entry)
	for _, kind := range store.Kinds() {
		name := tableName(kind)
		if i := slices.IndexFunc(d.manifest.Entries, func(e entry) bool { return e.Name == name }); i >= 0 {
			tables[kind] = d.manifest.Entries[i]
		}
	}
	return tables
}

func (d *dataReader) close() error { return d.zip.Close() }
