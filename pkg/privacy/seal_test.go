package privacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func testPair(t testing.TB) PrivateKey {
	t.Helper()
	key, err := NewPrivateKey(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSealedBytesOpenOnlyWithKeyAndContext(t *testing.T) {
	key, other := testPair(t), testPair(t)
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plaintext")
		aad := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "context")
		sealed, err := Seal(key.PublicKey(), aad, plaintext)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := key.Open(aad, sealed)
		if err != nil || !bytes.Equal(opened, plaintext) {
			t.Fatalf("opened %d bytes, %v", len(opened), err)
		}
		wrong := map[string]func() ([]byte, error){
			"another key":     func() ([]byte, error) { return other.Open(aad, sealed) },
			"another context": func() ([]byte, error) { return key.Open(append(aad, 'x'), sealed) },
			"a changed byte": func() ([]byte, error) {
				changed := bytes.Clone(sealed)
				changed[rapid.IntRange(0, len(sealed)-1).Draw(t, "byte")] ^= 1
				return key.Open(aad, changed)
			},
			"a cut": func() ([]byte, error) {
				return key.Open(aad, sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")])
			},
		}
		for name, open := range wrong {
			if _, err := open(); !errors.Is(err, ErrSealed) {
				t.Fatalf("%s: error is %v, want ErrSealed", name, err)
			}
		}
	})
}

func TestSealingTwiceGivesDifferentBytes(t *testing.T) {
	key := testPair(t)
	first, _ := Seal(key.PublicKey(), nil, []byte("same"))
	second, _ := Seal(key.PublicKey(), nil, []byte("same"))
	if bytes.Equal(first, second) {
		t.Error("equal plaintexts can be told from the sealed bytes")
	}
	if len(first) != len("same")+48 {
		t.Errorf("sealed bytes are %d longer, want 48", len(first)-len("same"))
	}
}

func TestPublicKeysTravelAsBytes(t *testing.T) {
	key := testPair(t)
	public, err := PublicKeyFromBytes(key.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if public.ID() != key.ID() || len(public.ID()) != 16 {
		t.Errorf("id is %s, want %s", public.ID(), key.ID())
	}
	sealed, err := Seal(public, []byte("c"), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := key.Open([]byte("c"), sealed); err != nil || string(opened) != "x" {
		t.Errorf("opened %q, %v", opened, err)
	}
	for _, wrong := range [][]byte{nil, make([]byte, 31), make([]byte, 33)} {
		if _, err := PublicKeyFromBytes(wrong); err == nil {
			t.Errorf("%d bytes were read as a key", len(wrong))
		}
	}
}

func TestTheZeroKeysDoNothing(t *testing.T) {
	if _, err := Seal(PublicKey{}, nil, nil); err == nil {
		t.Error("sealed without a key")
	}
	if _, err := (PrivateKey{}).Open(nil, make([]byte, 64)); err == nil {
		t.Error("opened without a key")
	}
	if id := (PrivateKey{}).ID(); id != "" {
		t.Errorf("no key has the id %s", id)
	}
}

func TestAPrivateKeyIsNeverPrinted(t *testing.T) {
	key := testPair(t)
	secret, err := key.key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "key", key, "pointer", &key)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&log, verb, key)
		fmt.Fprintf(&log, verb, struct{ K PrivateKey }{key})
	}
	if _, err := json.Marshal(key); err == nil {
		t.Error("a private key went into JSON")
	}
	for _, form := range []string{fmt.Sprintf("%x", secret), fmt.Sprintf("%v", secret), fmt.Sprintf("%d", secret), string(secret)} {
		if strings.Contains(strings.ToLower(log.String()), form) {
			t.Errorf("the secret was printed")
		}
	}
}

func TestLocators(t *testing.T) {
	custodian, other := testPair(t), testPair(t)
	batch, err := NewLocatorBatch(custodian.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	if batch.CustodianKeyID() != custodian.ID() {
		t.Error("batch names another custodian")
	}
	keyer := testKeyer()
	targets := map[Key][]byte{}
	values := map[Key]string{}
	for _, value := range []string{"", "x", strings.Repeat("y", 31), strings.Repeat("y", 32), "ends in zero\x00\x00", "ends in padding\x80"} {
		target := keyer.Path(value)
		targets[target], values[target] = batch.Seal(target, []byte(value)), value
	}
	if batch.Count() != uint64(len(values)) {
		t.Errorf("batch counts %d values, want %d", batch.Count(), len(values))
	}
	locators, err := OpenLocators(custodian, batch.ID(), batch.Wrapped())
	if err != nil {
		t.Fatal(err)
	}
	for target, sealed := range targets {
		if opened, err := locators.Open(target, sealed); err != nil || string(opened) != values[target] {
			t.Errorf("a value of %d bytes opened as %d bytes, %v", len(values[target]), len(opened), err)
		}
		if _, err := locators.Open(keyer.Host("other.example"), sealed); !errors.Is(err, ErrSealed) {
			t.Errorf("locator opens for another target: %v", err)
		}
		if (len(sealed)-28)%locatorBlock != 0 {
			t.Errorf("length of a sealed locator tells that of the value")
		}
	}
	if _, err := OpenLocators(other, batch.ID(), batch.Wrapped()); !errors.Is(err, ErrSealed) {
		t.Errorf("another's key opens the batch: %v", err)
	}
	if _, err := OpenLocators(custodian, keyer.Host("a.example"), batch.Wrapped()); !errors.Is(err, ErrSealed) {
		t.Errorf("wrapped key opens under another id: %v", err)
	}
	for _, broken := range [][]byte{nil, make([]byte, 11), make([]byte, 60)} {
		if _, err := locators.Open(Key{}, broken); !errors.Is(err, ErrSealed) {
			t.Errorf("%d broken bytes: %v", len(broken), err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	key := testPair(b)
	plaintext := bytes.Repeat([]byte("a"), 512<<10)
	b.SetBytes(int64(len(plaintext)))
	for b.Loop() {
		if _, err := Seal(key.PublicKey(), nil, plaintext); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	key := testPair(b)
	plaintext := bytes.Repeat([]byte("a"), 512<<10)
	sealed, err := Seal(key.PublicKey(), nil, plaintext)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(plaintext)))
	for b.Loop() {
		if _, err := key.Open(nil, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLocator(b *testing.B) {
	batch, err := NewLocatorBatch(testPair(b).PublicKey())
	if err != nil {
		b.Fatal(err)
	}
	value := []byte("cards.example/model/pc/content_someone.html")
	for b.Loop() {
		batch.Seal(Key{1}, value)
	}
}
