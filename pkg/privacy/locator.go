package privacy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// locatorBlock is what a locator's length is rounded up to before sealing: the
// length of an address can tell whose page it is.
const locatorBlock = 32

// locatorPadding ends the value inside a sealed locator; zero bytes follow.
const locatorPadding = 0x80

// LocatorBatch seals the locators of one batch of records. It has one fresh
// data key, wrapped once to the custodian's public key: an encapsulation for
// every row would cost a hundred times as much. It is for one goroutine.
type LocatorBatch struct {
	id        Key
	custodian string
	wrapped   []byte
	aead      cipher.AEAD
	count     uint64
}

// NewLocatorBatch makes a data key and wraps it to the custodian.
func NewLocatorBatch(custodian PublicKey) (*LocatorBatch, error) {
	b := &LocatorBatch{custodian: custodian.ID()}
	dataKey := make([]byte, 32)
	_, _ = rand.Read(dataKey) // never fails: it ends the process instead
	_, _ = rand.Read(b.id[:])
	var err error
	if b.wrapped, err = Seal(custodian, locatorContext(b.id), dataKey); err != nil {
		return nil, fmt.Errorf("wrap locator key: %w", err)
	}
	b.aead, err = locatorAEAD(dataKey)
	return b, err
}

// ID names the data key, for the rows of locators and of locator keys.
func (b *LocatorBatch) ID() Key { return b.id }

// Wrapped is the data key sealed to the custodian, for the row of locator keys.
func (b *LocatorBatch) Wrapped() []byte { return slices.Clone(b.wrapped) }

// CustodianKeyID names the custodian's key pair.
func (b *LocatorBatch) CustodianKeyID() string { return b.custodian }

// Count is how many values were sealed. A batch without any needs no row.
func (b *LocatorBatch) Count() uint64 { return b.count }

// Seal closes what finds the target again. The result opens for this target
// only, and its length tells the value's length to 32 bytes only. Nonces count
// up, which is safe as the key is fresh and never stored unwrapped.
func (b *LocatorBatch) Seal(target Key, value []byte) []byte {
	size := (len(value)/locatorBlock + 1) * locatorBlock
	plaintext := make([]byte, size)
	copy(plaintext, value)
	plaintext[len(value)] = locatorPadding
	nonce := make([]byte, b.aead.NonceSize(), b.aead.NonceSize()+size+b.aead.Overhead())
	binary.BigEndian.PutUint64(nonce[len(nonce)-8:], b.count)
	b.count++
	return b.aead.Seal(nonce, nonce, plaintext, target[:])
}

// Locators opens the locators of one batch.
type Locators struct {
	aead cipher.AEAD
}

// OpenLocators unwraps the data key of a batch with the custodian's private
// key. The error wraps ErrSealed if the key is another's or id and wrapped key
// do not belong together.
func OpenLocators(custodian PrivateKey, id Key, wrapped []byte) (*Locators, error) {
	dataKey, err := custodian.Open(locatorContext(id), wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrap locator key: %w", err)
	}
	aead, err := locatorAEAD(dataKey)
	if err != nil {
		return nil, err
	}
	return &Locators{aead}, nil
}

// Open gives what finds the target again, or ErrSealed.
func (l *Locators) Open(target Key, sealed []byte) ([]byte, error) {
	size := l.aead.NonceSize()
	if len(sealed) < size {
		return nil, ErrSealed
	}
	plaintext, err := l.aead.Open(nil, sealed[:size], sealed[size:], target[:])
	if err != nil {
		return nil, ErrSealed
	}
	plaintext = bytes.TrimRight(plaintext, "\x00")
	if len(plaintext) == 0 || plaintext[len(plaintext)-1] != locatorPadding {
		return nil, ErrSealed
	}
	return plaintext[:len(plaintext)-1], nil
}

func locatorContext(id Key) []byte {
	return append([]byte("doxtrail/v1/locator-key/"), id[:]...)
}

func locatorAEAD(dataKey []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil, errors.New("read locator key: length is not 32 bytes")
	}
	return cipher.NewGCM(block)
}
