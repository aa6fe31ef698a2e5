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

// TestTheRowOfTheLaterLookStands orders coverage of what is collected live: what
// was read goes before a gap, then generation, then the time of the look.
func TestTheRowOfTheLaterLookStands(t *testing.T) {
	version := func(rank uint8, generation uint32, lookedAt int64, record string) []byte {
		v := laterFirst(versionOf(0, rank, generation, []byte(record)), lookedAt)
		return v[:]
	}
	const day = 86_400_000
	rising := [][]byte{
		version(0, 1, 0, "z"), version(0, 1, day, "y"), version(0, 9, 2*day, "x"),
		version(1, 1, 0, "w"), version(1, 1, 19_000*day, "d"), version(1, 1, 19_000*day+1000, "c"), version(1, 2, day, "b"), version(1, 2, latestTime-1000, "a"),
	}
	for i := 1; i < len(rising); i++ {
		if bytes.Compare(rising[i-1], rising[i]) >= 0 {
			t.Errorf("version %d does not rise above the one before", i)
		}
	}
}

// TestTheRowWithWholePicturesStands orders the rows of one post: edit, precision and
// generation first, then how many pictures were hashed whole, whatever the hashes of
// the records are.
func TestTheRowWithWholePicturesStands(t *testing.T) {
	version := func(edited int64, rank uint8, generation uint32, pictures int, record string) []byte {
		v := fullerFirst(versionOf(edited, rank, generation, []byte(record)), pictures)
		return v[:]
	}
	rising := [][]byte{
		version(0, 1, 1, 0, "a"), version(0, 1, 1, 1, "z"), version(0, 1, 1, 2, "b"), version(0, 1, 1, 10, "y"),
		version(0, 1, 2, 0, "x"), version(0, 1, 2, 1<<20, "d"), version(0, 2, 1, 0, "w"), version(1, 1, 1, 0, "v"), version(1, 1, 1, 1, "c"),
	}
	for i := 1; i < len(rising); i++ {
		if bytes.Compare(rising[i-1], rising[i]) >= 0 {
			t.Errorf("version %d does not rise above the one before", i)
		}
	}
	if as, was := fullerFirst(versionOf(0, 1, 1, []byte("a")), 0), versionOf(0, 1, 1, []byte("a")); as != was {
		t.Error("a row without whole pictures has another version than in releases before")
	}
}
