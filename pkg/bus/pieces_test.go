package bus

import (
	"testing"

	"pgregory.net/rapid"
)

func TestASpanIsCutWithoutHolesAndSmaller(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 1000).Draw(t, "from")
		s := span{from, from + rapid.IntRange(0, 9000).Draw(t, "length")}
		at := s.from
		parts := s.cut()
		for _, p := range parts {
			if p.from != at || p.to <= p.from || (s.to-s.from > 1 && p.to-p.from >= s.to-s.from) {
				t.Fatalf("part %v of %v", p, s)
			}
			at = p.to
		}
		if at != s.to || len(parts) > pieceParts {
			t.Fatalf("%d parts end at %d of %v", len(parts), at, s)
		}
	})
}

// TestPoisonIsIsolatedHoweverOftenTheProcessDies plays processes that die over
// certain records, each reading only what the one before wrote down.
func TestPoisonIsIsolatedHoweverOftenTheProcessDies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3000).Draw(t, "records")
		poison := make(map[int]bool)
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 6).Draw(t, "poison") {
			poison[i] = true
		}
		settled, failed := make([]bool, n), make(map[int]bool)
		var stored mark
		life := func() (finished bool) {
			found := stored
			todo, dead := found.plan(n)
			if dead >= 0 {
				failed[dead], settled[dead] = true, true
			}
			for _, s := range todo {
				stored = found.next(s)
				for i := s.from; i < s.to; i++ {
					if poison[i] {
						return false
					}
				}
				for i := s.from; i < s.to; i++ {
					settled[i] = true
				}
			}
			return true
		}
		delivered := uint64(pieceFrom)
		for !life() {
			if delivered++; delivered > maxDeliver+uint64(len(poison))*pieceParts {
				t.Fatal("the batch never ends")
			}
		}
		for i := range n {
			if !settled[i] || failed[i] != poison[i] {
				t.Fatalf("record %d of %d: settled %v, failed %v, poison %v", i, n, settled[i], failed[i], poison[i])
			}
		}
		if len(poison) <= 2 && delivered > requeueFrom {
			t.Errorf("%d poison records took %d deliveries", len(poison), delivered)
		}
	})
}

// TestWhoIsKilledForOtherReasonsBlamesNoRecord plays processes that die at any
// part, however often: only a record that was alone in hand each time is blamed.
func TestWhoIsKilledForOtherReasonsBlamesNoRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "records")
		var stored mark
		var died []span // what was in hand at each death
		for delivered := uint64(pieceFrom); delivered <= maxDeliver; delivered++ {
			found := stored
			todo, blamed := found.plan(n)
			if blamed >= 0 {
				alone := span{blamed, blamed + 1}
				for _, s := range died[len(died)-min(aloneCap, len(died)):] {
					if s != alone || len(died) < aloneCap {
						t.Fatalf("record %d is blamed, and in hand at the deaths were %v", blamed, died)
					}
				}
			}
			if len(todo) == 0 {
				return
			}
			in := rapid.IntRange(0, len(todo)-1).Draw(t, "dies at")
			stored = found.next(todo[in])
			died = append(died, todo[in])
		}
	})
}

func TestAMarkIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := mark{span{rapid.IntRange(0, 1e6).Draw(t, "from"), rapid.IntRange(0, 1e6).Draw(t, "to")}, rapid.IntRange(0, 9).Draw(t, "hands")}
		if got := parseMark(want.String()); got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func FuzzParseMark(f *testing.F) {
	f.Add("1 2 1", 5)
	f.Add("-1 99999999 1", 5)
	f.Add("x", 0)
	f.Fuzz(func(t *testing.T, text string, n int) {
		if n < 0 || n > 1<<20 {
			return
		}
		todo, poison := parseMark(text).plan(n)
		if poison >= n {
			t.Fatal("poison lies beyond the batch")
		}
		for _, s := range todo {
			if s.from < 0 || s.to > n || s.from >= s.to {
				t.Fatalf("part %v of %d", s, n)
			}
		}
	})
}
