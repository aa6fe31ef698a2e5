package campaign

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File is one archive that was written.
type File struct {
	Path   string // as written, below the folder that WriteArchives was given
	Name   string // relative to that folder, with slashes, as in the ledger
	Format Format
}

// WriteArchives writes all archives of the campaign below dir, which it
// creates. Names of folders and files carry invented persons' names, as those
// of real archives do. What is there already is overwritten.
func (c *Campaign) WriteArchives(dir string) ([]File, error) {
	written := make([]File, 0, len(c.files))
	for i, f := range c.files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := c.writeFile(f, path); err != nil {
			return written, fmt.Errorf("write archive %d: %w", i+1, err)
		}
		written = append(written, File{Path: path, Name: f.name, Format: f.format})
	}
	return written, nil
}

func (c *Campaign) writeFile(f *file, path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	buffered := bufio.NewWriterSize(out, 1<<20)
	if err := c.pack(f, buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

// pack writes a file as it is, gzipped or as the one member of a zip, without
// times, so that the bytes depend on the seed alone.
func (c *Campaign) pack(f *file, w io.Writer) error {
	switch f.packing {
	case gzipped:
		z := gzip.NewWriter(w)
		if err := c.render(f, z); err != nil {
			return err
		}
		return z.Close()
	case zipped:
		z := zip.NewWriter(w)
		member, err := z.Create(f.member)
		if err != nil {
			return err
		}
		if err := c.render(f, member); err != nil {
			return err
		}
		return z.Close()
	default:
		return c.render(f, w)
	}
}

func (c *Campaign) render(f *file, w io.Writer) error {
	if f.format == TelegramDesktop {
		return f.writeTelegram(w, c.owner())
	}
	return f.writeTwarc(w)
}

// owner is whose account the full export is of.
func (c *Campaign) owner() *Person { return c.people[c.size.Cards+4] }
