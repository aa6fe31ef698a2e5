package archive

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestValueCutsWhatAParserCuts compares with encoding/json on random values,
// whatever pieces the stream comes in.
func TestValueCutsWhatAParserCuts(t *testing.T) {
	leaf := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Map(rapid.StringOf(rapid.SampledFrom([]rune(`\"{}[],: 你x`))), func(s string) any { return s }),
	)
	value := rapid.Deferred(func() *rapid.Generator[any] {
		list := rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(l []any) any { return l })
		inner := rapid.OneOf(leaf, list)
		return rapid.OneOf(inner, rapid.Map(rapid.MapOfN(rapid.StringN(0, 3, 6), inner, 0, 3), func(m map[string]any) any { return m }))
	})
	rapid.Check(t, func(rt *rapid.T) {
		var want [][]byte
		var stream []byte
		for _, v := range rapid.SliceOfN(value, 1, 5).Draw(rt, "values") {
			b, err := json.Marshal(v)
			if err != nil {
				rt.Fatal(err)
			}
			want = append(want, b)
			stream = append(append(stream, ' '), b...)
		}
		seed := rapid.Uint64().Draw(rt, "seed")
		w := newWindow(t.Context(), &shortReader{r: bytes.NewReader(stream), rand: rand.New(rand.NewPCG(seed, 2)), most: 4}, maxRecord)
		for i, b := range want {
			keep := rapid.Bool().Draw(rt, "keep")
			if !keep {
				if !w.skip() {
					rt.Fatalf("value %d: not skipped", i)
				}
				continue
			}
			if got, state := w.value(maxRecord, nil); state != valueWhole || !bytes.Equal(got, b) {
				rt.Fatalf("value %d: got %q, want %q", i, got, b)
			}
		}
		if _, ok := w.peek(); ok {
			rt.Fatal("something is left")
		}
	})
}

func TestLines(t *testing.T) {
	content := "one\n\ntwo\r\n" + strings.Repeat("x", 3000) + "\nthree"
	w := newWindow(t.Context(), &shortReader{r: strings.NewReader(content), rand: rand.New(rand.NewPCG(1, 2)), most: 7}, 1000)
	var lines []string
	var offsets []uint64
	for {
		line, offset, tooLong, ok := w.line()
		if !ok {
			break
		}
		if tooLong {
			line = []byte("too long")
		}
		lines = append(lines, string(line))
		offsets = append(offsets, offset)
	}
	diff(t, "lines", lines, []string{"one", "", "two\r", "too long", "three"})
	diff(t, "offsets", offsets, []uint64{0, 4, 5, 10, 3011})
}
