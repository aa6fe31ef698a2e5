package privacytest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ScanTree looks into every file below a folder and at every name, and gives
// what it found in order of file and offset. Paths in hits are relative to the
// folder. Files that vanish meanwhile are left out, as those of a database that
// runs; other errors end the scan, because a part not seen shows nothing.
func (s *Scanner) ScanTree(dir string) ([]Hit, error) {
	var hits []Hit
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != dir {
			return nil
		}
		if err != nil {
			return fmt.Errorf("scan tree: %w", err)
		}
		if path == dir {
			return nil
		}
		found, err := s.scanEntry(dir, path, entry)
		hits = append(hits, found...)
		return err
	})
	sortHits(hits)
	return hits, err
}

func (s *Scanner) scanEntry(dir, path string, entry fs.DirEntry) ([]Hit, error) {
	relative, err := filepath.Rel(dir, path)
	if err != nil {
		return nil, fmt.Errorf("scan tree: %w", err)
	}
	hits := s.ScanString(entry.Name())
	if entry.Type()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		if err == nil {
			hits = append(hits, s.ScanString(target)...)
		}
	}
	for i := range hits {
		hits[i].File, hits[i].InName = filepath.Dir(relative), true
	}
	if !entry.Type().IsRegular() {
		return hits, nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return hits, nil
	}
	if err != nil {
		return hits, fmt.Errorf("scan tree: %w", err)
	}
	defer func() { _ = file.Close() }()
	inside, err := s.Scan(file)
	for i := range inside {
		inside[i].File = relative
	}
	return append(hits, inside...), err
}
