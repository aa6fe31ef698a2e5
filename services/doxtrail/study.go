package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// studyName is a file in the data folder that holds a study.
const studyName = "study.json"

// study says which key ring a data folder belongs to.
type study struct {
	Ring string `json:"ring"`
}

// ringID is the form of a ring's public id. What a file says in its place is
// not repeated.
var ringID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// studyRing is the ring that a data folder belongs to, "" if nothing was noted
// in it yet.
func studyRing(dir string) (ring string, err error) {
	b, err := os.ReadFile(filepath.Join(dir, studyName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read which key ring the data folder belongs to: %w", bare(err))
	}
	var s study
	if json.Unmarshal(b, &s) != nil || !ringID.MatchString(s.Ring) {
		return "", errors.New("read which key ring the data folder belongs to: study.json is damaged")
	}
	return s.Ring, nil
}

// bindStudy notes the ring in a new data folder and refuses another ring in an
// old one: with other keys the same card would get a second identity, and
// nothing would say so.
func bindStudy(dir, ring string) error {
	noted, err := studyRing(dir)
	if err != nil {
		return err
	}
	if noted == "" {
		b, err := json.Marshal(study{Ring: ring})
		if err != nil {
			return err
		}
		if err := embedded.WriteFile(filepath.Join(dir, studyName), append(b, '\n')); err != nil {
			return fmt.Errorf("note the key ring in the data folder: %w", err)
		}
		return nil
	}
	if noted != ring {
		return wrongUse(fmt.Errorf("this data folder was made with key ring %s, but --keys holds %s; name the right ring, or a new data folder", noted, ring))
	}
	return nil
}

// openRing opens the key ring. On one machine it makes one if there is none at
// all; beside real servers only some services have a ring, and it is nil.
func openRing(cfg *Config) (*privacy.Ring, error) {
	if !ringIsHere(cfg.Keys) {
		if !cfg.embedded() {
			return nil, nil //nolint:nilnil // services that need a ring say so
		}
		if err := ringIsGone(cfg.Data); err != nil {
			return nil, err
		}
		if ring, err := privacy.CreateRing(cfg.Keys); !errors.Is(err, privacy.ErrRingExists) {
			return ring, err
		}
	}
	return privacy.OpenRing(cfg.Keys)
}

// ringIsHere says whether a folder holds a ring, be it a damaged one.
func ringIsHere(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "ring.json"))
	return !errors.Is(err, fs.ErrNotExist)
}

// ringIsGone refuses to make a ring for a study that has one: it is elsewhere, or
// lost, and a new one could not read the study.
func ringIsGone(data string) error {
	ring, err := studyRing(data)
	if err != nil || ring == "" {
		return err
	}
	return wrongUse(fmt.Errorf("this data folder was made with key ring %s, but --keys holds none; name the right folder, or bring the ring back with `doxtrail restore --keys-file`", ring))
}

// existingRing opens the ring for a command that makes none.
func existingRing(dir string) (*privacy.Ring, error) {
	if !ringIsHere(dir) {
		return nil, wrongUse(errors.New("there is no key ring here: name its folder with --keys; the first import makes one, and so does `doxtrail keys init`"))
	}
	ring, err := privacy.OpenRing(dir)
	return ring, plain(err)
}

// checkRing says whether every key that a study on this machine needs is there.
// Before its first command a study has none.
func checkRing(cfg *Config) error {
	if !ringIsHere(cfg.Keys) {
		if !cfg.embedded() {
			return nil // few of those who use servers have a ring
		}
		return plain(ringIsGone(cfg.Data))
	}
	ring, err := privacy.OpenRing(cfg.Keys)
	if err != nil {
		return plain(err)
	}
	_, failedErr := ring.FailedKey()
	_, rawErr := ring.RawKeys()
	_, custodianErr := ring.CustodianPublicKey()
	return plain(errors.Join(failedErr, rawErr, custodianErr))
}

// apart refuses a key ring inside the data folder: a copy of the data would
// then be readable. What counts is where the folders are, whatever links lead
// there; the ring's need not be there yet.
func apart(data, keys string) error {
	d, errData := located(data)
	k, errKeys := located(keys)
	if err := errors.Join(errData, errKeys); err != nil {
		return err
	}
	if rel, err := filepath.Rel(d, k); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return wrongUse(errors.New("the key ring lies inside the data folder; move it out (--keys), or a copy of the data can be read"))
	}
	return nil
}

// located is a path without links, as far as it leads anywhere.
func located(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find the folders: %w", bare(err))
	}
	rest := ""
	for {
		if found, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(found, rest), nil
		}
		parent := filepath.Dir(path)
		if parent == path {
			return filepath.Join(path, rest), nil
		}
		path, rest = parent, filepath.Join(filepath.Base(path), rest)
	}
}
