package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Roles of the ring's key files, as they stand in the files and in errors.
const (
	rolePseudonym = "pseudonym"
	roleState     = "state"
	roleFailed    = "failed"
	roleCustodian = "custodian"
	roleRaw       = "raw"
)

var (
	// ErrRetired says that the ring's pseudonym secret was destroyed for good.
	ErrRetired = errors.New("ring is retired: its study can no longer be added to")
	// ErrRingExists says that the folder holds a ring, or parts of one, already.
	ErrRingExists = errors.New("create ring: folder holds key files already")
	// ErrNoKey says that the ring does not hold the key that was asked for.
	ErrNoKey = errors.New("ring does not hold this key")
)

// Ring is the secrets of one study: a folder of mode 0700 with
//
//	ring.json        version, public id, times of creation and retirement
//	pseudonym.key    the root from which all pseudonym keys are derived
//	state.key        the root for services' own sealed state
//	failed.key       the key pair that failed records are sealed to
//	custodian.key    the key pair that locators are sealed to
//	custodian.pub    its public half: the private one may be kept elsewhere
//	receipt.key      the key that signs receipts of erasures, made with the first
//	raw/             one file for each day's RAW key pair
//	lock             held while files are changed
//
// and beside these the tombstones of what was erased, see [Tombstones].
//
// All pseudonym keys come from one root (HKDF-SHA-256, one label a purpose)
// rather than from a file each: linking ends when exactly one file is
// destroyed, which cannot half succeed, and a purpose added later needs no change to
// a ring that exists. The root never rotates, for nothing that is stored could
// be keyed again.
//
// A Ring may be used by many goroutines and a folder by many processes.
type Ring struct {
	dir   string
	file  ringFile
	root  []byte
	state *StateKey
}

// fingerprint names a secret without telling anything of it.
func fingerprint(role string, secret []byte) string {
	mac := hmac.New(sha256.New, deriveKey(secret, "fingerprint", role))
	mac.Write([]byte("doxtrail ring"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// OpenRing opens the ring of a folder. It refuses folders and files that others
// may read, saying what to type, files that do not belong together, and a
// retired ring (ErrRetired).
func OpenRing(dir string) (*Ring, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	r := &Ring{dir: dir}
	err := withLock(dir, lockShared, r.read)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Ring) read() error {
	data, err := readFile("description", filepath.Join(r.dir, ringFileName))
	if err != nil {
		return err
	}
	if r.file, err = parseRingFile(data); err != nil {
		return err
	}
	if !r.file.RetiredAt.IsZero() {
		return ErrRetired
	}
	// A crash can leave the mark of an unfinished creation beside a whole ring,
	// where it would let a later creation clear the folder. On a read-only
	// mount it stays, and nothing can be cleared either.
	_ = os.Remove(filepath.Join(r.dir, unfinishedName))
	if _, r.root, err = readKey(rolePseudonym, filepath.Join(r.dir, pseudonymFileName)); err != nil {
		return err
	}
	if !hmac.Equal([]byte(fingerprint(rolePseudonym, r.root)), []byte(r.file.ID)) {
		return errors.New("open ring: the pseudonym file belongs to another ring")
	}
	r.state, err = readStateKey(r.dir)
	return err
}

// Description is what is public about a ring: see [Ring.ID].
type Description struct {
	ID        string
	CreatedAt time.Time
	// RetiredAt is zero for a ring that is in use.
	RetiredAt time.Time
}

// DescribeRing reads the description of the ring in a folder, be it retired.
func DescribeRing(dir string) (Description, error) {
	if err := checkFolder(dir); err != nil {
		return Description{}, err
	}
	data, err := readFile("description", filepath.Join(dir, ringFileName))
	if err != nil {
		return Description{}, err
	}
	file, err := parseRingFile(data)
	return Description{ID: file.ID, CreatedAt: file.CreatedAt, RetiredAt: file.RetiredAt}, err
}

// ID is the ring's public fingerprint, 16 hexadecimal digits. It says which
// ring a data folder was written with and nothing about the secrets.
func (r *Ring) ID() string { return r.file.ID }

// CreatedAt is when the ring was made, milliseconds UTC.
func (r *Ring) CreatedAt() time.Time { return r.file.CreatedAt }

// Keyer gives a new maker of keyed ids, for one goroutine.
func (r *Ring) Keyer() *Keyer { return newKeyer(r.root) }

// FailedKey is the key pair that failed records are sealed to.
func (r *Ring) FailedKey() (PrivateKey, error) {
	return readPair(roleFailed, filepath.Join(r.dir, failedFileName))
}

// CustodianPublicKey is the key that locators are sealed to.
func (r *Ring) CustodianPublicKey() (PublicKey, error) {
	_, key, err := readKey(roleCustodian, filepath.Join(r.dir, custodianPubName))
	if err != nil {
		return PublicKey{}, err
	}
	return PublicKeyFromBytes(key)
}

// CustodianKey is the key pair that opens locators. Where the custodian keeps
// the private half elsewhere, the error wraps fs.ErrNotExist.
func (r *Ring) CustodianKey() (PrivateKey, error) { return OpenCustodianKey(r.dir) }

// OpenCustodianKey reads the custodian's key pair alone, from a ring, a retired
// ring, or a folder that holds nothing but custodian.key.
func OpenCustodianKey(dir string) (PrivateKey, error) {
	if err := checkFolder(dir); err != nil {
		return PrivateKey{}, err
	}
	return readPair(roleCustodian, filepath.Join(dir, custodianFileName))
}

func readPair(role, path string) (PrivateKey, error) {
	file, secret, err := readKey(role, path)
	if err != nil {
		return PrivateKey{}, err
	}
	if file.Secret == "" {
		return PrivateKey{}, fmt.Errorf("read the ring's %s file: it holds a public key only", role)
	}
	key, err := privateKeyFromBytes(secret, file.CreatedAt)
	if err != nil {
		return PrivateKey{}, err
	}
	if key.ID() != file.ID {
		return PrivateKey{}, fmt.Errorf("read the ring's %s file: id and key do not belong together", role)
	}
	return key, nil
}
