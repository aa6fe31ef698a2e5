package privacy

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// RawKeyLife is how long a RAW key is sealed to before a new one is made. It
// lives on until nothing is sealed to it any more.
const RawKeyLife = 24 * time.Hour

// RawKeys lists the RAW key pairs that exist, oldest first.
func (r *Ring) RawKeys() ([]PrivateKey, error) {
	var keys []PrivateKey
	err := withLock(r.dir, lockShared, func() (err error) {
		keys, err = r.readRawKeys()
		return err
	})
	return keys, err
}

// RawKey is the RAW key pair with an ID. The error wraps ErrNoKey if there is
// none, as when it was destroyed.
func (r *Ring) RawKey(id string) (PrivateKey, error) {
	var key PrivateKey
	err := withLock(r.dir, lockShared, func() error {
		path, err := r.rawPath(id)
		if err != nil {
			return err
		}
		key, err = readPair(roleRaw, path)
		return err
	})
	return key, err
}

// CurrentRawKey is the RAW key pair to seal to now: the newest, or a new one
// when the newest is RawKeyLife old. A new one lies on disk for good before it
// is returned. A key whose time of creation is more than RawKeyLife ahead of
// now, made while the clock was wrong, is not taken either.
func (r *Ring) CurrentRawKey(now time.Time) (PrivateKey, error) {
	var current PrivateKey
	err := withLock(r.dir, lockExclusive, func() error {
		keys, err := r.readRawKeys()
		if err != nil {
			return err
		}
		for _, key := range slices.Backward(keys) {
			if now.Sub(key.createdAt).Abs() < RawKeyLife {
				current = key
				return nil
			}
		}
		current, err = r.createRawKey(now)
		return err
	})
	return current, err
}

// DestroyRawKey destroys a RAW key pair: what is sealed to it and not yet read
// is lost. The caller makes sure that nothing is. The error wraps ErrNoKey if
// there is no such key.
func (r *Ring) DestroyRawKey(id string) error {
	return withLock(r.dir, lockExclusive, func() error {
		path, err := r.rawPath(id)
		if err != nil {
			return err
		}
		return destroyFile(path)
	})
}

func (r *Ring) createRawKey(now time.Time) (PrivateKey, error) {
	folder := filepath.Join(r.dir, rawFolderName)
	if err := destroyLeftovers(folder); err != nil {
		return PrivateKey{}, err
	}
	key, err := NewPrivateKey(now)
	if err != nil {
		return PrivateKey{}, err
	}
	return key, writePair(folder, key.ID()+keySuffix, roleRaw, key)
}

// rawPath gives the file of a RAW key. An id is checked before it becomes part
// of a path: it may come from a message.
func (r *Ring) rawPath(id string) (string, error) {
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 8 || strings.ToLower(id) != id {
		return "", fmt.Errorf("find RAW key: %w", ErrNoKey)
	}
	path := filepath.Join(r.dir, rawFolderName, id+keySuffix)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("find RAW key: %w", ErrNoKey)
	}
	return path, nil
}

func (r *Ring) readRawKeys() ([]PrivateKey, error) {
	folder := filepath.Join(r.dir, rawFolderName)
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the ring's raw files: %w", withoutPath(err))
	}
	var keys []PrivateKey
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), keySuffix) {
			continue
		}
		key, err := readPair(roleRaw, filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b PrivateKey) int {
		if c := a.createdAt.Compare(b.createdAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID(), b.ID())
	})
	return keys, nil
}
