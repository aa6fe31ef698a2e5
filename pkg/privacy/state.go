package privacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
)

// StateKey seals the services' own state: cursors, the effective watch list. A
// service that must not make keyed ids opens it alone, from a folder that holds
// no other file of the ring. It may be used by many goroutines.
type StateKey struct {
	secret []byte
}

// OpenStateKey reads the state key of a ring's folder, or of a folder that
// holds only state.key.
func OpenStateKey(dir string) (*StateKey, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	return readStateKey(dir)
}

func readStateKey(dir string) (*StateKey, error) {
	data, err := readFile(roleState, filepath.Join(dir, stateFileName))
	if err != nil {
		return nil, err
	}
	return parseStateKey(data)
}

func parseStateKey(data []byte) (*StateKey, error) {
	file, secret, err := parseKeyFile(roleState, data)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal([]byte(fingerprint(roleState, secret)), []byte(file.ID)) {
		return nil, errors.New("read the ring's state file: id and key do not belong together")
	}
	return &StateKey{secret}, nil
}

// Format prints [redacted] whatever the verb.
func (k *StateKey) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(redacted)) }

// Seal closes a service's state under a purpose, its bucket and key for
// example: AES-256-GCM, a key of the purpose's own, a fresh random nonce. Equal
// states give different bytes.
func (k *StateKey) Seal(purpose string, plaintext []byte) ([]byte, error) {
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("seal state: %w", err)
	}
	return aead.Seal(nil, nil, plaintext, nil), nil //nolint:gosec // this AEAD draws a nonce of its own
}

// Open gives back what was sealed under the same purpose. The error is
// ErrSealed if purpose, key or bytes do not fit.
func (k *StateKey) Open(purpose string, sealed []byte) ([]byte, error) {
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	plaintext, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// Name gives what a service's own state is called where channel ids and account
// names must not stand in clear, as in the keys of a bucket: 128 bits of an
// HMAC-SHA-256 under a key of the purpose's own, 32 lower-case hexadecimal
// digits. Equal values of one ring and purpose have equal names. It is no keyed
// id: it joins with nothing in a table.
func (k *StateKey) Name(purpose, value string) string {
	mac := hmac.New(sha256.New, deriveKey(k.secret, "name", purpose))
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)[:KeySize])
}

func (k *StateKey) aead(purpose string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(deriveKey(k.secret, "state", purpose))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// SealState closes a service's state, see [StateKey.Seal].
func (r *Ring) SealState(purpose string, plaintext []byte) ([]byte, error) {
	return r.state.Seal(purpose, plaintext)
}

// OpenState opens a service's state, see [StateKey.Open].
func (r *Ring) OpenState(purpose string, sealed []byte) ([]byte, error) {
	return r.state.Open(purpose, sealed)
}

// StateKey is the part of the ring that seals services' state, for a service
// that is given nothing else of it.
func (r *Ring) StateKey() *StateKey { return r.state }
