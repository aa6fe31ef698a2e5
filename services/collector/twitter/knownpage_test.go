package twitter

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/cursor"
)

// The worst that a page can hold fits into a cursor and comes back as it was.
func TestAPageOfTheWorstFitsIntoACursor(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := &page{}
	const step = math.MaxUint64 / pageEntries
	for i := range uint64(pageEntries) {
		p.put(knownPost{i*step + random.Uint64N(step) + 1, math.MaxUint64 - random.Uint64N(1<<62), markPrivate, mostShares - random.Uint32N(9), math.MaxUint32, true}.entry())
	}
	plain, err := json.Marshal(p)
	if err != nil || len(plain) > cursor.MaxBytes/2 || len(p.entries) != pageEntries {
		t.Fatalf("%d entries in %d bytes: %v", len(p.entries), len(plain), err)
	}
	var back page
	if err := json.Unmarshal(plain, &back); err != nil || !slices.Equal(back.entries, p.entries) {
		t.Errorf("%d entries come back: %v", len(back.entries), err)
	}
}

// Whatever stands in a cursor, it is refused, or it is posts in order.
func FuzzPage(f *testing.F) {
	p := &page{}
	for id := range uint64(9) {
		p.put(knownPost{ID: 1195000000000000000 + id*id, Author: 4711, Mark: markUp, Quotes: 3}.entry())
	}
	good, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-9])
	f.Fuzz(func(t *testing.T, value []byte) {
		var back page
		if err := back.UnmarshalJSON(value); err != nil {
			if !errors.Is(err, errPage) {
				t.Errorf("error is %v", err)
			}
			return
		}
		for i, e := range back.entries {
			if e.mark() >= markEnd || i > 0 && e.id <= back.entries[i-1].id {
				t.Fatalf("entry %d is %+v", i, e.post())
			}
		}
		if len(back.entries) > pageEntries*entryBytes {
			t.Errorf("%d entries", len(back.entries))
		}
	})
}
