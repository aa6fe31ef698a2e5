package privacy

import (
	"encoding/hex"
	"errors"
)

// KeySize is the length of a Key in bytes.
const KeySize = 16

// Key is a keyed id: the first 128 bits of an HMAC-SHA-256 under a key of its
// purpose. Keys of one ring and purpose are equal exactly if what they stand
// for is equal. The zero Key means absent.
type Key [KeySize]byte

var errKeyLength = errors.New("read key: length is not 16 bytes")

// KeyFromBytes reads a key as it stands in a record. No bytes at all give the
// zero Key, as an absent field does; any other length than 16 is an error.
func KeyFromBytes(b []byte) (Key, error) {
	var k Key
	if len(b) != 0 && len(b) != KeySize {
		return k, errKeyLength
	}
	copy(k[:], b)
	return k, nil
}

// IsZero reports whether the key is absent.
func (k Key) IsZero() bool { return k == Key{} }

// Bytes returns a copy of the key for a record's field, nil for the zero Key,
// so that what is absent stays absent.
func (k Key) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return append(make([]byte, 0, KeySize), k[:]...)
}

// String gives the text form of a UUID (8-4-4-4-12 hexadecimal digits), which
// is what ClickHouse reads and prints.
func (k Key) String() string {
	var out [36]byte
	k.encode(&out)
	return string(out[:])
}

// MarshalText gives the same form as String.
func (k Key) MarshalText() ([]byte, error) {
	var out [36]byte
	k.encode(&out)
	return out[:], nil
}

// UnmarshalText reads the form that MarshalText gives, in either case.
func (k *Key) UnmarshalText(text []byte) error {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return errKeyText
	}
	var digits [32]byte
	n := 0
	for i, c := range text {
		if i != 8 && i != 13 && i != 18 && i != 23 {
			digits[n] = c
			n++
		}
	}
	var read Key
	if _, err := hex.Decode(read[:], digits[:]); err != nil {
		return errKeyText // hex's own error quotes the input
	}
	*k = read
	return nil
}

var errKeyText = errors.New("read key: not in the form 8-4-4-4-12")

func (k Key) encode(out *[36]byte) {
	hex.Encode(out[0:8], k[0:4])
	out[8] = '-'
	hex.Encode(out[9:13], k[4:6])
	out[13] = '-'
	hex.Encode(out[14:18], k[6:8])
	out[18] = '-'
	hex.Encode(out[19:23], k[8:10])
	out[23] = '-'
	hex.Encode(out[24:36], k[10:16])
}
