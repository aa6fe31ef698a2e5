package privacy

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

const (
	roleReceipt     = "receipt"
	receiptFileName = "receipt.key"
)

// ReceiptKey signs receipts, which leave the house: Ed25519, so that whoever gets
// one can check it with public tools. It opens and keys nothing.
type ReceiptKey struct {
	private ed25519.PrivateKey
}

// ReceiptKey is the key that signs receipts. The first call makes it, and it lies
// on disk for good before it is returned.
func (r *Ring) ReceiptKey(now time.Time) (ReceiptKey, error) {
	var key ReceiptKey
	err := withLock(r.dir, lockExclusive, func() (err error) {
		if key, err = readReceiptKey(r.dir); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		seed := make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed) // never fails: it ends the process instead
		key = ReceiptKey{ed25519.NewKeyFromSeed(seed)}
		return writeSecret(r.dir, receiptFileName, roleReceipt, key.ID(), now.UTC().Truncate(time.Millisecond), seed)
	})
	return key, err
}

// PresentReceiptKey is the key that signs receipts, if one was made. Else the error
// wraps fs.ErrNotExist.
func (r *Ring) PresentReceiptKey() (ReceiptKey, error) {
	var key ReceiptKey
	err := withLock(r.dir, lockShared, func() (err error) {
		key, err = readReceiptKey(r.dir)
		return err
	})
	return key, err
}

func readReceiptKey(dir string) (ReceiptKey, error) {
	file, seed, err := readKey(roleReceipt, filepath.Join(dir, receiptFileName))
	if err != nil {
		return ReceiptKey{}, err
	}
	key := ReceiptKey{ed25519.NewKeyFromSeed(seed)}
	if key.ID() != file.ID {
		return ReceiptKey{}, errors.New("read the ring's receipt file: id and key do not belong together")
	}
	return key, nil
}

// ID is the beginning of the public key, 16 hexadecimal digits.
func (k ReceiptKey) ID() string { return hex.EncodeToString(k.public()[:8]) }

// PublicPEM is the public half as other tools read it.
func (k ReceiptKey) PublicPEM() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k.public())
	if err != nil {
		return "", fmt.Errorf("encode the key of receipts: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// Sign gives the 64 bytes of a signature over text.
func (k ReceiptKey) Sign(text []byte) []byte { return ed25519.Sign(k.private, text) }

func (k ReceiptKey) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) } //nolint:forcetypeassert // what it is by its documentation

// Format prints [redacted] whatever the verb.
func (k ReceiptKey) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(redacted)) }
