package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// reading is what is known of a file after random readings of it: which of its
// records were read, and the ranges that gaps were reported for.
type reading struct {
	read [16]bool
	gaps map[[2]uint64]bool
}

// read lays one reading of 16 records, cut into batches of a size, over those
// before. A batch is delivered whole, in parts of one record, of which some may
// fail, or is lost.
func (w *world) read(r *rand.Rand, n int, file *reading, generation, size uint64) {
	add := func(first, records uint64, gap bool) {
		name := fmt.Sprintf("%d %d %d", n, first, records)
		l := look{name: name, importID: fmt.Sprintf("file %d", n), platform: telegram, first: first, records: records, gap: gap, generation: generation}
		if gap {
			file.gaps[[2]uint64{first, records}] = true
		} else {
			l.posts = records
			for i := first; i < first+records; i++ {
				file.read[i] = true
			}
		}
		w.look(l)
	}
	for first := uint64(0); first < 16; first += size {
		switch r.IntN(6) {
		case 0, 1, 2:
			add(first, size, false)
		case 3:
			add(first, size, true)
		case 4:
			for i := range size {
				if r.IntN(8) > 0 {
					add(first+i, 1, r.IntN(4) == 0)
				}
			}
		}
	}
}

// However often a file was read, in whatever parts and under whatever watch
// list, the view counts each record that was read once, and a gap stands as long
// as a record of it was not read.
func TestCoverageCountsEachRecordOnce(t *testing.T) {
	const seed, files = 7, 200
	r := rand.New(rand.NewPCG(seed, seed))
	w := newWorld(t)
	all := map[string]*reading{}
	for n := range files {
		file := &reading{gaps: map[[2]uint64]bool{}}
		for range 1 + r.IntN(4) {
			w.read(r, n, file, 1+r.Uint64N(3), []uint64{16, 8, 4, 1}[r.IntN(4)])
			if r.IntN(5) == 0 {
				w.insert()
			}
		}
		all[uuidText(w.key(fmt.Sprintf("file %d", n)))] = file
	}
	w.insert()
	var rows []struct {
		Import *uuid.UUID `ch:"import_id"`
		First  *uint64    `ch:"first_record"`
		Count  *uint64    `ch:"record_count"`
		State  string     `ch:"state"`
	}
	if err := w.store.Select(t.Context(), &rows, "SELECT import_id, first_record, record_count, state FROM coverage", nil); err != nil {
		t.Fatal(err)
	}
	counted := map[string]*[16]int{}
	gaps := map[string]map[[2]uint64]bool{}
	for id := range all {
		counted[id], gaps[id] = &[16]int{}, map[[2]uint64]bool{}
	}
	for _, row := range rows {
		id := row.Import.String()
		if row.State == "gap" {
			gaps[id][[2]uint64{*row.First, *row.Count}] = true
			continue
		}
		for i := *row.First; i < *row.First+*row.Count; i++ {
			counted[id][i]++
		}
	}
	for id, file := range all {
		for i, read := range file.read {
			if want := map[bool]int{true: 1}[read]; counted[id][i] != want {
				t.Errorf("%s: record %d is counted %d times, want %d", w.named(id), i, counted[id][i], want)
			}
		}
		for gap := range file.gaps {
			open := false
			for i := gap[0]; i < gap[0]+gap[1]; i++ {
				open = open || !file.read[i]
			}
			if open != gaps[id][gap] {
				t.Errorf("%s: the gap of %d records from %d stands: %v, want %v", w.named(id), gap[1], gap[0], !open, open)
			}
		}
	}
}
