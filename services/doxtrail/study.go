package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// study says which key ring a data folder belongs to.
type study struct {
	Ring string `json:"ring"`
}

// bindStudy notes the ring in a new data folder and refuses another ring in an
// old one: with other keys the same card would get a second identity, and
// nothing would say so.
func bindStudy(dir, ring string) error {
	path := filepath.Join(dir, "study.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b, err := json.Marshal(study{Ring: ring})
		if err != nil {
			return err
		}
		if err := embedded.WriteFile(path, append(b, '\n')); err != nil {
			return fmt.Errorf("note the key ring in the data folder: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read which key ring the data folder belongs to: %w", err)
	}
	var s study
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read which key ring the data folder belongs to: study.json is damaged")
	}
	if s.Ring != ring {
		return wrongUse(fmt.Errorf("this data folder was made with key ring %s, but --keys holds %s; name the right ring, or a new data folder", s.Ring, ring))
	}
	return nil
}

// openRing opens the key ring. On one machine it makes one if there is none at
// all; beside real servers only some services have a ring, and it is nil.
func openRing(cfg *Config) (*privacy.Ring, error) {
	if _, err := os.Stat(filepath.Join(cfg.Keys, "ring.json")); errors.Is(err, fs.ErrNotExist) {
		if !cfg.embedded() {
			return nil, nil //nolint:nilnil // services that need a ring say so
		}
		if ring, err := privacy.CreateRing(cfg.Keys); !errors.Is(err, privacy.ErrRingExists) {
			return ring, err
		}
	}
	return privacy.OpenRing(cfg.Keys)
}

// apart refuses a key ring inside the data folder: a copy of the data would
// then be readable.
func apart(data, keys string) error {
	d, errData := filepath.Abs(data)
	k, errKeys := filepath.Abs(keys)
	if err := errors.Join(errData, errKeys); err != nil {
		return err
	}
	if rel, err := filepath.Rel(d, k); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return wrongUse(errors.New("the key ring lies inside the data folder; move it out (--keys), or a copy of the data can be read"))
	}
	return nil
}
