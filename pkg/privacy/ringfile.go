package privacy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of the files of a ring.
const (
	ringFileName      = "ring.json"
	unfinishedName    = "unfinished" // stands while a ring is being created
	pseudonymFileName = "pseudonym.key"
	stateFileName     = "state.key"
	failedFileName    = "failed.key"
	custodianFileName = "custodian.key"
	custodianPubName  = "custodian.pub"
	rawFolderName     = "raw"
	keySuffix         = ".key"
	newPrefix         = ".new-" // a file that is being written
)

// ringVersion is the version of every file's format.
const ringVersion = 1

// largestRingFile bounds what is read of a file of the ring.
const largestRingFile = 4 << 10

// keyFile is one secret (or, for the custodian's public half, one public key)
// as it lies on disk.
type keyFile struct {
	Version   int       `json:"version"`
	Role      string    `json:"role"`
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Secret    string    `json:"secret,omitempty"`
	Public    string    `json:"public,omitempty"`
}

// ringFile is ring.json: what is public about the ring.
type ringFile struct {
	Version   int       `json:"version"`
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	RetiredAt time.Time `json:"retired_at,omitzero"`
}

// parseStrict reads one JSON value with no unknown key and nothing after it.
// Its error says nothing of the content: encoding/json quotes what it reads.
func parseStrict(role string, data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read the ring's %s file: not in the expected form", role)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the ring's %s file: more than one value", role)
	}
	return nil
}

func parseRingFile(data []byte) (ringFile, error) {
	var f ringFile
	if err := parseStrict("description", data, &f); err != nil {
		return ringFile{}, err
	}
	switch {
	case f.Version != ringVersion:
		return ringFile{}, errors.New("read the ring's description file: version is not known to this program")
	case f.ID == "" || f.CreatedAt.IsZero():
		return ringFile{}, errors.New("read the ring's description file: id or created_at is missing")
	}
	return f, nil
}

// parseKeyFile reads a key file of one role and gives its 32 bytes. The role
// stands in the file too, so that a file put in another's place is noticed.
func parseKeyFile(role string, data []byte) (keyFile, []byte, error) {
	var f keyFile
	if err := parseStrict(role, data, &f); err != nil {
		return keyFile{}, nil, err
	}
	switch {
	case f.Version != ringVersion:
		return keyFile{}, nil, fmt.Errorf("read the ring's %s file: version is not known to this program", role)
	case f.Role != role:
		return keyFile{}, nil, fmt.Errorf("read the ring's %s file: it holds a key of another role", role)
	case f.CreatedAt.IsZero() || f.ID == "":
		return keyFile{}, nil, fmt.Errorf("read the ring's %s file: id or created_at is missing", role)
	case (f.Secret == "") == (f.Public == ""):
		return keyFile{}, nil, fmt.Errorf("read the ring's %s file: needs one of secret and public", role)
	}
	key, err := hex.DecodeString(f.Secret + f.Public)
	if err != nil || len(key) != sha256.Size {
		return keyFile{}, nil, fmt.Errorf("read the ring's %s file: key is not 64 hexadecimal digits", role)
	}
	return f, key, nil
}

// readFile reads a file that only its owner may read.
func readFile(role, path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the ring's %s file: %w", role, withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the ring's %s file: %w", role, withoutPath(err))
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("open the ring's %s file: others may read it (mode %04o): type chmod 600 '%s'",
			role, info.Mode().Perm(), path)
	}
	data, err := io.ReadAll(io.LimitReader(file, largestRingFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the ring's %s file: %w", role, withoutPath(err))
	}
	if len(data) > largestRingFile {
		return nil, fmt.Errorf("read the ring's %s file: too large", role)
	}
	return data, nil
}

// readKey reads and checks a key file.
func readKey(role, path string) (keyFile, []byte, error) {
	data, err := readFile(role, path)
	if err != nil {
		return keyFile{}, nil, err
	}
	return parseKeyFile(role, data)
}

// writeKey writes a key file.
func writeKey(dir, name string, f keyFile) error {
	f.Version = ringVersion
	return writeJSON(dir, name, f)
}

// writeJSON puts a file in place at once and for good: a new file is written
// and synced, then renamed, then the folder is synced. After it returns, a
// power cut leaves the file whole; before, it leaves the old one.
func writeJSON(dir, name string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return errors.New("write a file of the ring: cannot encode it")
	}
	file, err := os.CreateTemp(dir, newPrefix+"*") // mode 0600
	if err != nil {
		return fmt.Errorf("write a file of the ring: %w", withoutPath(err))
	}
	_, err = file.Write(append(data, '\n'))
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write a file of the ring: %w", withoutPath(err))
	}
	return syncFolder(dir)
}

// syncFolder makes names that were added to or removed from a folder last.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the ring's folder: %w", withoutPath(err))
	}
	err = errors.Join(folder.Sync(), folder.Close())
	if err != nil {
		return fmt.Errorf("sync the ring's folder: %w", withoutPath(err))
	}
	return nil
}

// destroyFile overwrites a file, removes it and syncs its folder.
func destroyFile(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("destroy a file of the ring: %w", withoutPath(err))
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, info.Size()))
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return fmt.Errorf("destroy a file of the ring: %w", withoutPath(err))
	}
	return syncFolder(filepath.Dir(path))
}

// destroyLeftovers removes what an interrupted write left in a folder. The
// caller holds the ring's lock, so nobody is writing.
func destroyLeftovers(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list the ring's folder: %w", withoutPath(err))
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), newPrefix) {
			if err := destroyFile(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFolder refuses a folder that others may look into.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("open the ring's folder: %w", withoutPath(err))
	}
	if !info.IsDir() {
		return errors.New("open the ring's folder: it is no folder")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("open the ring's folder: others may look into it (mode %04o): type chmod 700 '%s'",
			info.Mode().Perm(), dir)
	}
	return nil
}

// withoutPath takes the path out of a file system's error and keeps its cause.
func withoutPath(err error) error {
	var pathError *fs.PathError
	var linkError *os.LinkError
	switch {
	case errors.As(err, &pathError):
		return pathError.Err
	case errors.As(err, &linkError):
		return linkError.Err
	}
	return err
}
