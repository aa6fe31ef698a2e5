package bus

import (
	"testing"

	"pgregory.net/rapid"
)

// TestIntervalsAreASet holds intervals against a map.
func TestIntervalsAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s intervals
		twin := map[uint64]bool{}
		number := rapid.Uint64Range(0, 40)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				first, length := number.Draw(t, "first"), rapid.Uint64Range(0, 6).Draw(t, "length")
				s.add(first, first+length)
				for n := first; n <= first+length; n++ {
					twin[n] = true
				}
			},
			"forget": func(t *rapid.T) {
				under := number.Draw(t, "under")
				s.forget(under)
				for n := range twin {
					if n < under {
						delete(twin, n)
					}
				}
			},
			"": func(t *rapid.T) {
				read := parseIntervals(s.String())
				gone := map[uint64]bool{}
				for _, i := range s.missing(0, 50, 100) {
					for n := i.first; n <= i.last; n++ {
						gone[n] = true
					}
				}
				for n := range uint64(51) {
					if s.has(n) != twin[n] || read.has(n) != twin[n] || gone[n] == twin[n] {
						t.Fatalf("%d: in %q it is %v, missing %v, want %v", n, s.String(), s.has(n), gone[n], twin[n])
					}
				}
				for i := 1; i < len(s.list); i++ {
					if s.list[i].first <= s.list[i-1].last+1 {
						t.Fatalf("%q is not in its shortest form", s.String())
					}
				}
			},
		})
	})
}
