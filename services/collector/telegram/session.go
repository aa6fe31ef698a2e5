package telegram

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gotd/td/session"
	"golang.org/x/sys/unix"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// sessionPurpose names the key that seals a session.
const sessionPurpose = "telegram session"

// sessionFile keeps the session of an account, sealed. Whoever can read a session
// is the account, as far as Telegram can tell. It implements session.Storage.
type sessionFile struct {
	path string
	key  *privacy.StateKey
	// held is the login of the session that was loaded. Another one is left alone:
	// somebody logged in anew meanwhile.
	held string
}

// savedSession is what the file holds. The library writes its session at every
// connection; Login stays the same until somebody logs in anew.
type savedSession struct {
	Login   string `json:"login"`
	Session []byte `json:"session"`
}

// read opens the file. The error wraps session.ErrNotFound where there is none, and
// privacy.ErrSealed where it is another ring's, or damaged.
func (f *sessionFile) read() (saved savedSession, err error) {
	sealed, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return saved, session.ErrNotFound
	}
	if err != nil {
		return saved, fmt.Errorf("read the session: %w", bare(err))
	}
	plain, err := f.key.Open(sessionPurpose, sealed)
	if err == nil && json.Unmarshal(plain, &saved) != nil {
		err = privacy.ErrSealed
	}
	if err != nil {
		return saved, fmt.Errorf("open the session; it was made with another key ring, or is damaged: %w", err)
	}
	return saved, nil
}

func (f *sessionFile) write(saved savedSession) error {
	plain, err := json.Marshal(saved)
	if err != nil {
		return errors.New("write the session: it cannot be encoded")
	}
	sealed, err := f.key.Seal(sessionPurpose, plain)
	if err != nil {
		return fmt.Errorf("seal the session: %w", err)
	}
	if err := embedded.WriteFile(f.path, sealed); err != nil {
		return fmt.Errorf("write the session: %w", err)
	}
	return nil
}

// LoadSession implements session.Storage.
func (f *sessionFile) LoadSession(context.Context) ([]byte, error) {
	saved, err := f.read()
	if err != nil {
		return nil, err
	}
	f.held = saved.Login
	return saved.Session, nil
}

// StoreSession implements session.Storage.
func (f *sessionFile) StoreSession(_ context.Context, plain []byte) error {
	saved, err := f.read()
	if err != nil || saved.Login != f.held {
		return err
	}
	saved.Session = plain
	return f.write(saved)
}

// begin keeps the session of a new login.
func (f *sessionFile) begin(plain []byte) error {
	return f.write(savedSession{Login: rand.Text(), Session: plain})
}

// login names the login that the file is of; empty if there is none, or none that
// can be opened.
func (f *sessionFile) login() string {
	saved, err := f.read()
	if err != nil {
		return ""
	}
	return saved.Login
}

// errSessionHeld says that another process uses the session. Telegram kills one
// that is used twice at once.
var errSessionHeld = errors.New("the session is in use by another process")

// hold takes the session for this process until release is called, or the
// process ends in whatever way. The holder names this copy of the session among
// those on other machines.
func (f *sessionFile) hold() (holder string, release func(), err error) {
	lock, err := os.OpenFile(f.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", nil, fmt.Errorf("lock the session: %w", bare(err))
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		_ = lock.Close()
		return "", nil, errSessionHeld
	}
	if err == nil {
		holder, err = nameOfCopy(lock)
	}
	if err != nil {
		_ = lock.Close()
		return "", nil, fmt.Errorf("lock the session: %w", bare(err))
	}
	return holder, func() { _ = lock.Close() }, nil
}

// nameOfCopy reads the name in a lock file, and makes one up in a new file.
func nameOfCopy(lock *os.File) (string, error) {
	name, err := io.ReadAll(io.LimitReader(lock, 64))
	if err != nil || len(name) > 0 {
		return string(name), err
	}
	made := rand.Text()
	_, err = lock.WriteString(made)
	return made, err
}

// bare takes the path off an error of package os.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
