package privacy

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor" //nolint:misspell // its name
)

// ringBackup is what a backup of a ring holds once it is opened: its files by
// name, as they lie in the ring's folder. RAW keys are not in it. A RAW key is
// destroyed when nothing is sealed to it any more, and a copy would undo that.
type ringBackup struct {
	Format    string            `json:"format"`
	Ring      string            `json:"ring"`
	CreatedAt time.Time         `json:"created_at"` // of the backup
	Files     map[string]string `json:"files"`
}

// ringBackupFormat names the form of a backup, and its version.
const ringBackupFormat = "doxtrail key ring 1"

// largestRingBackup bounds what is read of a backup.
const largestRingBackup = 1 << 20

// shortestPassphrase is in bytes. scrypt makes each guess cost a second or so,
// which a long passphrase needs and a short one is not saved by.
const shortestPassphrase = 12

// ErrPassphrase says that a backup does not open with a passphrase.
var ErrPassphrase = errors.New("open the backup of the key ring: wrong passphrase")

// CheckPassphrase refuses a passphrase that is too short to keep a ring with.
func CheckPassphrase(passphrase string) error {
	if len(passphrase) < shortestPassphrase {
		return fmt.Errorf("the passphrase is shorter than %d characters: take several words", shortestPassphrase)
	}
	return nil
}

// backupNames are the files of a ring that a backup holds, and whether it needs
// each: a custodian may keep the private half elsewhere, and the key of receipts is
// made when the first is signed.
func backupNames() map[string]bool {
	return map[string]bool{
		ringFileName: true, pseudonymFileName: true, stateFileName: true, failedFileName: true,
		custodianFileName: false, custodianPubName: true, receiptFileName: false,
	}
}

// WriteBackup writes the ring to w, locked with a passphrase: an age file
// (age-encryption.org) in lines of text, so that it can be printed and opened
// without this program. RAW keys are left out; see [Ring].
func (r *Ring) WriteBackup(w io.Writer, passphrase string, now time.Time) error {
	if err := CheckPassphrase(passphrase); err != nil {
		return err
	}
	backup := ringBackup{Format: ringBackupFormat, Ring: r.ID(), CreatedAt: now.UTC().Truncate(time.Millisecond), Files: map[string]string{}}
	err := withLock(r.dir, lockShared, func() error {
		for name, needed := range backupNames() {
			data, err := readFile("backed up", filepath.Join(r.dir, name))
			if errors.Is(err, fs.ErrNotExist) && !needed {
				continue
			}
			if err != nil {
				return err
			}
			backup.Files[name] = string(data)
		}
		return nil
	})
	if err != nil {
		return err
	}
	plaintext, err := json.Marshal(backup)
	if err != nil {
		return errors.New("back up the key ring: cannot encode it")
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("back up the key ring: %w", err)
	}
	text := armor.NewWriter(w) //nolint:misspell // its name
	sealed, err := age.Encrypt(text, recipient)
	if err != nil {
		return fmt.Errorf("back up the key ring: %w", err)
	}
	if _, err = sealed.Write(plaintext); err == nil {
		err = errors.Join(sealed.Close(), text.Close())
	}
	if err != nil {
		return fmt.Errorf("back up the key ring: %w", err)
	}
	return nil
}

// RingBackup is an opened backup of a key ring.
type RingBackup struct{ content ringBackup }

// ReadBackup opens what WriteBackup wrote. The error is ErrPassphrase where the
// passphrase is wrong; others say that the file is something else or damaged.
func ReadBackup(r io.Reader, passphrase string) (*RingBackup, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphrase
	}
	opened, err := age.Decrypt(armor.NewReader(io.LimitReader(r, largestRingBackup)), identity) //nolint:misspell // its name
	var noMatch *age.NoIdentityMatchError
	if errors.As(err, &noMatch) {
		return nil, ErrPassphrase
	}
	damaged := errors.New("open the backup of the key ring: the file is damaged, cut short, or no such backup")
	if err != nil {
		return nil, damaged
	}
	plaintext, err := io.ReadAll(opened)
	if err != nil {
		return nil, damaged
	}
	b := &RingBackup{}
	if err := parseStrict("backup", plaintext, &b.content); err != nil {
		return nil, damaged
	}
	if b.content.Format != ringBackupFormat {
		return nil, errors.New("open the backup of the key ring: its form is not known to this program; use a newer one")
	}
	return b, b.check()
}

// check refuses a backup whose files do not make a ring.
func (b *RingBackup) check() error {
	names := backupNames()
	for name := range b.content.Files {
		if _, ok := names[name]; !ok {
			return errors.New("open the backup of the key ring: it holds a file that is none of a ring's")
		}
	}
	for name, needed := range names {
		if b.content.Files[name] == "" && needed {
			return fmt.Errorf("open the backup of the key ring: %s is missing", name)
		}
	}
	description, err := parseRingFile([]byte(b.content.Files[ringFileName]))
	if err != nil {
		return err
	}
	_, root, err := parseKeyFile(rolePseudonym, []byte(b.content.Files[pseudonymFileName]))
	if err != nil {
		return err
	}
	if description.ID != b.content.Ring || !hmac.Equal([]byte(fingerprint(rolePseudonym, root)), []byte(description.ID)) {
		return errors.New("open the backup of the key ring: its files do not belong together")
	}
	return nil
}

// ID is the public id of the ring in the backup.
func (b *RingBackup) ID() string { return b.content.Ring }

// StateKey is the part of the ring that seals services' state.
func (b *RingBackup) StateKey() (*StateKey, error) {
	return parseStateKey([]byte(b.content.Files[stateFileName]))
}

// Restore makes the ring again in a folder, as CreateRing makes a new one: it
// refuses (ErrRingExists) a folder that holds a ring or any key file, and what
// an interrupted call left behind is removed by the next.
func (b *RingBackup) Restore(dir string) (*Ring, error) {
	return makeRing(dir, func() error { return b.writeFiles(dir) })
}

// writeFiles writes ring.json last: the ring exists once it does.
func (b *RingBackup) writeFiles(dir string) error {
	for name, content := range b.content.Files {
		if name == ringFileName {
			continue
		}
		if err := writeJSON(dir, name, json.RawMessage(content)); err != nil {
			return err
		}
	}
	return writeJSON(dir, ringFileName, json.RawMessage(b.content.Files[ringFileName]))
}
