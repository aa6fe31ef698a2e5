package privacy

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestANameIsTheSameForTheSameRingPurposeAndValueOnly(t *testing.T) {
	ring, dir := testRing(t)
	other, _ := testRing(t)
	alone, err := OpenStateKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := ring.StateKey().Name("cursors/telegram", "channel 4711")
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(name) {
		t.Errorf("name is not 32 lower-case hexadecimal digits: %q", name)
	}
	if again := alone.Name("cursors/telegram", "channel 4711"); again != name {
		t.Errorf("the state key alone calls it %s, the ring %s", again, name)
	}
	for what, differs := range map[string]string{
		"another value":   alone.Name("cursors/telegram", "channel 4712"),
		"another purpose": alone.Name("cursors/twitter", "channel 4711"),
		"another ring":    other.StateKey().Name("cursors/telegram", "channel 4711"),
	} {
		if differs == name {
			t.Errorf("%s has the same name", what)
		}
	}
}

func TestPurposeAndValueOfANameDoNotRunTogether(t *testing.T) {
	ring, _ := testRing(t)
	key := ring.StateKey()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(2, 20, -1).Draw(t, "text")
		cut := rapid.IntRange(1, len(text)-1).Draw(t, "cut")
		if key.Name(text[:cut], text[cut:]) == key.Name(text, "") {
			t.Fatal("the border between purpose and value does not count")
		}
	})
}

// The names lie in buckets: another release must find them again. The value is
// what a second implementation of HKDF and HMAC gives, too.
func TestANameStaysWhatItIs(t *testing.T) {
	key := &StateKey{make([]byte, 32)}
	const want = "8391f221c5c6beddabac6d1db049e55b"
	if got := key.Name("cursors/telegram", "channel 4711"); got != want {
		t.Errorf("name is %s, was %s", got, want)
	}
}
