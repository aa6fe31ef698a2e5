package store

import (
	"bytes"
	"testing"
)

// TestTheRowOfFewerPostsStands orders coverage rows: generation first, then
// fewer posts, whatever their hashes are.
func TestTheRowOfFewerPostsStands(t *testing.T) {
	version := func(generation uint32, posts uint64, record string) []byte {
		v := fewerFirst(versionOf(0, 0, generation, []byte(record)), posts)
		return v[:]
	}
	rising := [][]byte{
		version(1, 1<<20, "a"), version(1, 500, "z"), version(1, 499, "b"), version(1, 31, "y"), version(1, 0, "c"),
		version(2, 500, "x"), version(2, 499, "d"), version(3, 1<<20, "w"),
	}
	for i := 1; i < len(rising); i++ {
		if bytes.Compare(rising[i-1], rising[i]) >= 0 {
			t.Errorf("version %d does not rise above the one before", i)
		}
	}
}
