package privacy

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// CreateRing makes a new ring in a folder, which it creates if need be. It
// refuses (ErrRingExists) a folder that holds a ring or any key file. The ring
// exists once ring.json does, which is written last: what an interrupted run
// left behind is removed by the next.
func CreateRing(dir string) (*Ring, error) {
	return makeRing(dir, func() error { return createFiles(dir, time.Now()) })
}

func createFiles(dir string, now time.Time) error {
	now = now.UTC().Truncate(time.Millisecond)
	root, state := make([]byte, sha256.Size), make([]byte, sha256.Size)
	_, _ = rand.Read(root) // never fails: it ends the process instead
	_, _ = rand.Read(state)
	id := fingerprint(rolePseudonym, root)
	err := errors.Join(
		writeSecret(dir, pseudonymFileName, rolePseudonym, id, now, root),
		writeSecret(dir, stateFileName, roleState, fingerprint(roleState, state), now, state),
		createPair(dir, failedFileName, "", roleFailed, now),
		createPair(dir, custodianFileName, custodianPubName, roleCustodian, now),
	)
	if err != nil {
		return err
	}
	return writeJSON(dir, ringFileName, ringFile{Version: ringVersion, ID: id, CreatedAt: now})
}

// makeRing makes a ring in a folder from the files that write writes, ring.json
// as the last of them.
func makeRing(dir string, write func() error) (*Ring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create ring: %w", withoutPath(err))
	}
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	err := withLock(dir, lockExclusive, func() error {
		if err := prepareFolder(dir); err != nil {
			return err
		}
		if err := writeJSON(dir, unfinishedName, struct{}{}); err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(dir, rawFolderName), 0o700); err != nil {
			return fmt.Errorf("create ring: %w", withoutPath(err))
		}
		if err := write(); err != nil {
			return err
		}
		return destroyFile(filepath.Join(dir, unfinishedName))
	})
	if err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, err
	}
	return OpenRing(dir)
}

// prepareFolder refuses a folder with a ring in it and clears away what an
// interrupted creation left. Key files without the mark of an interrupted
// creation are never touched: they may be all that is left of a ring.
func prepareFolder(dir string) error {
	names := []string{pseudonymFileName, stateFileName, failedFileName, custodianFileName, custodianPubName, receiptFileName, rawFolderName}
	if exists(filepath.Join(dir, ringFileName)) {
		return ErrRingExists
	}
	if !exists(filepath.Join(dir, unfinishedName)) {
		for _, name := range names {
			if exists(filepath.Join(dir, name)) {
				return ErrRingExists
			}
		}
	}
	for _, name := range names {
		if err := clearAway(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return destroyLeftovers(dir)
}

// clearAway removes what an interrupted creation made of one name. A file is overwritten:
// where a backup was being restored it is a secret that is in use.
func clearAway(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode().IsRegular() {
		return destroyFile(path)
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("create ring: %w", withoutPath(err))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func writeSecret(dir, name, role, id string, now time.Time, secret []byte) error {
	return writeKey(dir, name, keyFile{Role: role, ID: id, CreatedAt: now, Secret: hex.EncodeToString(secret)})
}

// createPair makes and writes a key pair, and its public half by itself where
// publicName is given.
func createPair(dir, name, publicName, role string, now time.Time) error {
	key, err := NewPrivateKey(now)
	if err != nil {
		return err
	}
	if publicName != "" {
		public := keyFile{Role: role, ID: key.ID(), CreatedAt: key.createdAt, Public: hex.EncodeToString(key.PublicKey().Bytes())}
		if err := writeKey(dir, publicName, public); err != nil {
			return err
		}
	}
	return writePair(dir, name, role, key)
}

func writePair(dir, name, role string, key PrivateKey) error {
	secret, err := key.key.Bytes()
	if err != nil {
		return fmt.Errorf("write the ring's %s file: %w", role, err)
	}
	return writeSecret(dir, name, role, key.ID(), key.createdAt, secret)
}
