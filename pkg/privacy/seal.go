package privacy

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// sealInfo binds every seal to this use and version of HPKE.
const sealInfo = "doxtrail/v1/seal"

// encapsulationSize is the length of the encapsulated key before a ciphertext.
const encapsulationSize = 32

var (
	// ErrSealed says that sealed bytes did not open: another key, another
	// context, or bytes that changed on the way. Which of them cannot be told.
	ErrSealed = errors.New("open sealed bytes: wrong key, wrong context or damaged")

	errPublicKey = errors.New("read public key: not a key of 32 bytes")
	errNoKey     = errors.New("seal: no key given")
)

func kem() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

// PublicKey closes bytes that only the holder of the private key can open. It
// is no secret. The zero PublicKey is no key and seals nothing.
type PublicKey struct {
	key hpke.PublicKey
}

// PublicKeyFromBytes reads what [PublicKey.Bytes] gives.
func PublicKeyFromBytes(b []byte) (PublicKey, error) {
	key, err := kem().NewPublicKey(b)
	if err != nil {
		return PublicKey{}, errPublicKey
	}
	return PublicKey{key}, nil
}

// Bytes gives the key's 32 bytes, nil for the zero PublicKey.
func (p PublicKey) Bytes() []byte {
	if p.key == nil {
		return nil
	}
	return p.key.Bytes()
}

// ID names the key pair: 16 hexadecimal digits, no secret, the same for both
// halves. The zero PublicKey has none.
func (p PublicKey) ID() string {
	if p.key == nil {
		return ""
	}
	sum := sha256.Sum256(append([]byte("doxtrail/v1/public-key/"), p.key.Bytes()...))
	return hex.EncodeToString(sum[:8])
}

// String gives the key's ID.
func (p PublicKey) String() string { return p.ID() }

// PrivateKey opens what was sealed to its public key. It prints as [redacted].
type PrivateKey struct {
	key       hpke.PrivateKey
	createdAt time.Time
}

// NewPrivateKey makes a key pair. It is not stored: the ring stores its own.
func NewPrivateKey(now time.Time) (PrivateKey, error) {
	key, err := kem().GenerateKey()
	if err != nil {
		return PrivateKey{}, fmt.Errorf("make key pair: %w", err)
	}
	return PrivateKey{key: key, createdAt: now.UTC().Truncate(time.Millisecond)}, nil
}

func privateKeyFromBytes(secret []byte, createdAt time.Time) (PrivateKey, error) {
	key, err := kem().NewPrivateKey(secret)
	if err != nil {
		return PrivateKey{}, errors.New("read private key: not a key of 32 bytes")
	}
	return PrivateKey{key: key, createdAt: createdAt}, nil
}

// PublicKey is the half that may be handed out.
func (k PrivateKey) PublicKey() PublicKey {
	if k.key == nil {
		return PublicKey{}
	}
	return PublicKey{k.key.PublicKey()}
}

// ID names the key pair, as the public key's ID does.
func (k PrivateKey) ID() string { return k.PublicKey().ID() }

// CreatedAt is when the pair was made, milliseconds UTC.
func (k PrivateKey) CreatedAt() time.Time { return k.createdAt }

// Format prints [redacted] whatever the verb, so that no log or test output
// shows the secret.
func (k PrivateKey) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(redacted)) }

// MarshalText refuses: a private key leaves the process only through the ring.
func (k PrivateKey) MarshalText() ([]byte, error) {
	return nil, errors.New("write private key: not allowed outside the ring")
}

// Seal closes plaintext to a public key: HPKE (RFC 9180) with X25519,
// HKDF-SHA-256 and AES-256-GCM. The result is the encapsulated key followed by
// the ciphertext, 48 bytes longer than the plaintext. aad is the context the
// bytes belong to, a subject for example: it is not stored, and opening under
// any other context fails, so a sealed batch cannot be moved. One call costs an
// encapsulation (about 0.1 ms), whatever the length: seal batches, not records.
func Seal(pub PublicKey, aad, plaintext []byte) ([]byte, error) {
	if pub.key == nil {
		return nil, errNoKey
	}
	enc, sender, err := hpke.NewSender(pub.key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealInfo))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	ciphertext, err := sender.Seal(aad, plaintext)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	sealed := make([]byte, 0, len(enc)+len(ciphertext))
	return append(append(sealed, enc...), ciphertext...), nil
}

// Open gives back what was sealed to the key under the same context. The error
// wraps ErrSealed if key, context or bytes do not fit.
func (k PrivateKey) Open(aad, sealed []byte) ([]byte, error) {
	if k.key == nil {
		return nil, errNoKey
	}
	if len(sealed) < encapsulationSize {
		return nil, fmt.Errorf("%w: too short", ErrSealed)
	}
	recipient, err := hpke.NewRecipient(sealed[:encapsulationSize], k.key,
		hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealInfo))
	if err != nil {
		return nil, ErrSealed
	}
	plaintext, err := recipient.Open(aad, sealed[encapsulationSize:])
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}
