package privacy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Retire ends a study: it destroys the pseudonym secret of the ring in a folder,
// so that nothing stored can be linked to anything outside, or to new records,
// ever again. Tables keep their worth, since keys still join among themselves.
// With it go the secrets that open what says in clear which channel or site a
// keyed id is, or holds text of posts: the state of services, failed records, RAW.
//
// The ring cannot be opened afterwards (ErrRetired). Keyers in running
// processes go on until those end, and copies, as backups, must be destroyed by
// whoever made them. Locators stay readable with the custodian's key until they
// expire: whoever wants those gone too destroys that key. Retire may be called
// again after a crash.
func Retire(dir string, now time.Time) error {
	if err := checkFolder(dir); err != nil {
		return err
	}
	return withLock(dir, lockExclusive, func() error {
		data, err := readFile("description", filepath.Join(dir, ringFileName))
		if err != nil {
			return err
		}
		file, err := parseRingFile(data)
		if err != nil {
			return err
		}
		// The mark first: a crash before the secrets are destroyed leaves a ring
		// that nobody opens, and calling again finishes it.
		if file.RetiredAt.IsZero() {
			file.RetiredAt = now.UTC().Truncate(time.Millisecond)
			if err := writeJSON(dir, ringFileName, file); err != nil {
				return err
			}
		}
		return destroyLinks(dir)
	})
}

// destroyLinks destroys every secret of a ring that links keyed ids to the world: all
// but those that open locators, which are a custodian's, and sign receipts. What an
// interrupted write of one left goes too.
func destroyLinks(dir string) error {
	raw := filepath.Join(dir, rawFolderName)
	secrets := []string{filepath.Join(dir, pseudonymFileName), filepath.Join(dir, stateFileName), filepath.Join(dir, failedFileName)}
	entries, err := os.ReadDir(raw)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withoutPath(err)
	}
	for _, entry := range entries {
		secrets = append(secrets, filepath.Join(raw, entry.Name()))
	}
	for _, path := range secrets {
		if !exists(path) {
			continue
		}
		if err := destroyFile(path); err != nil {
			return err
		}
	}
	return destroyLeftovers(dir)
}
