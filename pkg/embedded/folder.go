package embedded

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrHeld is given by Folder.TryLock while another process holds the folder.
var ErrHeld = errors.New("lock the data folder: another process holds it")

// Folder is a data folder:
//
//	lock         held by the one process that serves it
//	run.json     where that process serves
//	secrets/     passwords and tokens, a file each
//	nats/        streams
//	clickhouse/  tables
type Folder struct {
	dir  string
	lock *os.File
}

// OpenFolder makes the folder if it is not there and takes all rights to it
// from other users.
func OpenFolder(dir string) (*Folder, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	for _, path := range []string{absolute, filepath.Join(absolute, "secrets")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", bare(err))
		}
		// MkdirAll leaves a folder that was there as it was.
		if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a folder, which needs the x
			return nil, fmt.Errorf("close the data folder to other users: %w", bare(err))
		}
	}
	return &Folder{dir: absolute}, nil
}

// bare takes the path off an error of package os. Errors are logged, and where
// a study lies on a disk is nobody's business.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }

// TryLock makes this process the holder, or gives ErrHeld. The lock ends with
// the process, however that ends.
func (f *Folder) TryLock() error {
	file, err := os.OpenFile(f.path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("lock the data folder: %w", bare(err))
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close() // only the lock mattered
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return ErrHeld
		}
		return fmt.Errorf("lock the data folder: %w", err)
	}
	f.lock = file
	return nil
}

// Unlock ends what TryLock began.
func (f *Folder) Unlock() error {
	if f.lock == nil {
		return nil
	}
	err := f.lock.Close()
	f.lock = nil
	if err != nil {
		return fmt.Errorf("unlock the data folder: %w", bare(err))
	}
	return nil
}

// RunInfo is run.json: where the holder of a folder serves. Secrets are in
// files of their own, named by absolute paths.
type RunInfo struct {
	PID        int           `json:"pid"`
	Instance   string        `json:"instance"` // random, new with each holder
	ClickHouse RunClickHouse `json:"clickhouse"`
	NATS       RunWithToken  `json:"nats"`
	Attach     RunWithToken  `json:"attach"`
	StartedAt  time.Time     `json:"started_at"`
}

// RunClickHouse is the part of run.json on ClickHouse.
type RunClickHouse struct {
	URL                    string `json:"url"`
	User                   string `json:"user"`
	PasswordFile           string `json:"password_file"`
	ResearcherUser         string `json:"researcher_user"`
	ResearcherPasswordFile string `json:"researcher_password_file"`
}

// RunWithToken is an address and the file with the token that it asks for.
type RunWithToken struct {
	URL       string `json:"url"`
	TokenFile string `json:"token_file"`
}

// ReadRun reads run.json of a data folder and changes nothing there. A file
// that a killed holder left behind cannot be told from a good one here: the
// lock is free then, and nobody answers at the addresses.
func ReadRun(dir string) (RunInfo, error) {
	var info RunInfo
	data, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		return info, fmt.Errorf("read run.json: %w", bare(err))
	}
	if err := json.Unmarshal(data, &info); err != nil {
		return info, fmt.Errorf("read run.json: %w", err)
	}
	return info, nil
}

func (f *Folder) writeRun(info RunInfo) error {
	data, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return fmt.Errorf("write run.json: %w", err)
	}
	if err := WriteFile(f.path("run.json"), append(data, '\n')); err != nil {
		return fmt.Errorf("write run.json: %w", err)
	}
	return nil
}

func (f *Folder) removeRun() error {
	if err := os.Remove(f.path("run.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove run.json: %w", bare(err))
	}
	return nil
}

// secret gives the content of a file in secrets/, and makes it with a random
// one when it is not there. Passwords stay the same from run to run, so that a
// notebook that has one goes on working.
func (f *Folder) secret(name string) (value, path string, err error) {
	path = f.path(filepath.Join("secrets", name))
	data, err := os.ReadFile(path)
	if value = strings.TrimSpace(string(data)); err == nil && value != "" {
		return value, path, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("read a secret of the data folder: %w", bare(err))
	}
	value = rand.Text()
	if err := WriteFile(path, []byte(value+"\n")); err != nil {
		return "", "", fmt.Errorf("write a secret of the data folder: %w", err)
	}
	return value, path, nil
}

// WriteFile writes a file, readable by this user only, of which nobody ever sees
// a part: not others, and not the next process after this one was killed.
func WriteFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return bare(err)
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error tells
		return bare(err)
	}
	return nil
}
