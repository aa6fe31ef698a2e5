package privacy

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const lockFileName = "lock"

// lockMode says what else may be done with the ring meanwhile.
type lockMode int

const (
	lockShared    lockMode = syscall.LOCK_SH // others may read
	lockExclusive lockMode = syscall.LOCK_EX // nobody else
)

// withLock runs do while it holds the lock of a ring's folder, waiting for it
// first. The system gives the lock up when the process ends, however it ends,
// so a crash leaves nothing locked. Goroutines of one process exclude each
// other too, because each call opens the file anew.
func withLock(dir string, mode lockMode, do func() error) error {
	// Read-only, so that a ring on a read-only mount can be opened.
	file, err := os.OpenFile(filepath.Join(dir, lockFileName), os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return fmt.Errorf("lock the ring: %w", withoutPath(err))
	}
	defer func() { _ = file.Close() }() // closing unlocks
	for {
		err = syscall.Flock(int(file.Fd()), int(mode))
		if err != syscall.EINTR { //nolint:errorlint // a bare number from the system
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock the ring: %w", err)
	}
	return do()
}
