package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// needle is the shortest value that is looked for: shorter ones occur by chance.
const needle = 6

// secrets are values that must not be readable anywhere, by their first bytes.
// Values are told by their kind only.
type secrets struct {
	count int
	begin [1 << 16]bool // by the first two bytes: most places are ruled out here
	by    map[[needle]byte][]campaign.Canary
}

func newSecrets(canaries []campaign.Canary) *secrets {
	s := &secrets{by: map[[needle]byte][]campaign.Canary{}}
	seen := map[string]bool{}
	for _, c := range canaries {
		if len(c.Value) < needle || seen[c.Value] {
			continue
		}
		seen[c.Value] = true
		s.count++
		s.begin[int(c.Value[0])<<8|int(c.Value[1])] = true
		first := [needle]byte([]byte(c.Value))
		s.by[first] = append(s.by[first], c)
	}
	return s
}

// in gives the kind of the first secret that stands in some bytes; "" if none does.
func (s *secrets) in(content []byte) campaign.CanaryKind {
	for i := 0; i+needle <= len(content); i++ {
		if !s.begin[int(content[i])<<8|int(content[i+1])] {
			continue
		}
		for _, c := range s.by[[needle]byte(content[i:])] {
			if bytes.HasPrefix(content[i:], []byte(c.Value)) {
				return c.Kind
			}
		}
	}
	return ""
}

// errReadable says that something was found.
var errReadable = errors.New("is readable")

// search looks through the names and raw bytes of all files of a folder, and says
// how many there are. Of what it finds an error tells the kind.
func (s *secrets) search(dir string) (files int, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("look into %s: %w", dir, err)
	}
	defer root.Close() //nolint:errcheck // it was read
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := root.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if kind := s.in(append([]byte(path+"\n"), content...)); kind != "" {
			return fmt.Errorf("a value of the kind %s %w in a file below %s", kind, errReadable, dir)
		}
		return nil
	})
	return files, err
}

// searchFile looks through one file.
func (s *secrets) searchFile(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return s.searchRows(content, path)
}

// searchRows looks through what is at hand already, from some place.
func (s *secrets) searchRows(content []byte, place string) error {
	if kind := s.in(content); kind != "" {
		return fmt.Errorf("a value of the kind %s %w in %s", kind, errReadable, place)
	}
	return nil
}
