package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/doxtrail/doxtrail/pkg/embedded"
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
