package fake

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"

	"github.com/gotd/td/crypto/srp"
	"github.com/gotd/td/tg"
)

// The group in which Telegram checks passwords: the 2048-bit safe prime its
// servers hand out, and 3.
const (
	srpGenerator = 3
	srpPrime     = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f" +
		"48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37" +
		"20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64" +
		"2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4" +
		"a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754" +
		"fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4" +
		"e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f" +
		"0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"
)

// password is the server's side of SRP, https://core.telegram.org/api/srp: it
// keeps a verifier of the password and the salts it was made with.
type password struct {
	prime        []byte
	salt1, salt2 []byte
	verifier     *big.Int
}

// exam is one check: the server's secret b, and what it showed of it.
type exam struct {
	id    int64
	b     *big.Int
	shown []byte
}

// newPassword makes the verifier of a password; an empty one has none.
func newPassword(text string) (password, error) {
	prime, err := hex.DecodeString(srpPrime)
	if err != nil {
		return password{}, fmt.Errorf("decode the prime: %w", err)
	}
	p := password{prime: prime, salt1: random(8), salt2: random(16)}
	if text == "" {
		return p, nil // nobody is asked for it, and to hash costs half a second
	}
	verifier, salt1, err := srp.NewSRP(rand.Reader).NewHash([]byte(text), srp.Input{
		Salt1: p.salt1, Salt2: p.salt2, G: srpGenerator, P: prime,
	})
	if err != nil {
		return password{}, fmt.Errorf("compute the verifier: %w", err)
	}
	p.salt1, p.verifier = salt1, new(big.Int).SetBytes(verifier)
	return p, nil
}

func (p password) algorithm() tg.PasswordKdfAlgoClass {
	return &tg.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow{
		Salt1: p.salt1, Salt2: p.salt2, G: srpGenerator, P: p.prime,
	}
}

// examine begins a check: B = k*v + g^b.
func (p password) examine() *exam {
	n := new(big.Int).SetBytes(p.prime)
	b := new(big.Int).SetBytes(random(256))
	shown := new(big.Int).Exp(big.NewInt(srpGenerator), b, n)
	k := new(big.Int).SetBytes(hash(p.prime, pad(big.NewInt(srpGenerator))))
	shown.Add(shown, k.Mul(k, p.verifier)).Mod(shown, n)
	return &exam{
		id: int64(binary.LittleEndian.Uint64(random(8)) >> 1),
		b:  b, shown: pad(shown),
	}
}

// passes compares the client's proof with the one the right password gives:
// S = (A * v^u)^b, M1 = H(H(p) xor H(g) | H(salt1) | H(salt2) | A | B | H(S)).
func (p password) passes(e *exam, a, proof []byte) bool {
	n := new(big.Int).SetBytes(p.prime)
	client := new(big.Int).SetBytes(a)
	if new(big.Int).Mod(client, n).Sign() == 0 || len(a) > 256 {
		return false // would pass with any password
	}
	u := new(big.Int).SetBytes(hash(pad(client), e.shown))
	s := new(big.Int).Exp(p.verifier, u, n)
	s.Mul(s, client).Exp(s, e.b, n)
	group := hash(p.prime)
	subtle.XORBytes(group, group, hash(pad(big.NewInt(srpGenerator))))
	want := hash(group, hash(p.salt1), hash(p.salt2), pad(client), e.shown, hash(pad(s)))
	return subtle.ConstantTimeCompare(proof, want) == 1
}

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}

// pad writes a number as the 256 bytes SRP hashes.
func pad(n *big.Int) []byte { return n.FillBytes(make([]byte, 256)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
