package normaliser

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// file is a file as a collector counts it: its posts, in order.
type file struct {
	id    []byte
	posts []filePost
}

type filePost struct {
	place

	number  uint64
	channel int // a run of posts of one channel is one place
	run     int
}

// links is how many links a post has under a watch list.
func (p filePost) links(generation uint64) uint64 { return (p.number*7 + generation*3) % 5 }

func drawFile(t *rapid.T, id uint64) file {
	f := file{id: binary.BigEndian.AppendUint64(make([]byte, 8), id)}
	records := rapid.Uint64Range(1, 700).Draw(t, "records")
	dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)) // a draw a record would take minutes
	var next uint64
	run, channel := 0, 0
	for number := uint64(0); number < records; number++ {
		switch dice.IntN(80) {
		case 0:
			run, channel = run+1, dice.IntN(3)
		case 1:
			number += []uint64{1, 3, 40, 600}[dice.IntN(4)] // that are no posts
		}
		first := max(next, number-number%1024)
		f.posts = append(f.posts, filePost{place{first, number + 1 - first}, number, channel, run})
		next = number + 1
	}
	return f
}

// cuts are the batches that some program makes of a file: what lies in one run
// and one cell, which is a stretch of 1024 records or a half of a cell.
func (f file) cuts(t *rapid.T, finest int) (batches [][]filePost) {
	var split func(posts []filePost, from, to uint64, depth int)
	split = func(posts []filePost, from, to uint64, depth int) {
		if len(posts) == 0 {
			return
		}
		if depth > 0 && to-from > 1 && rapid.Bool().Draw(t, "cut") {
			middle := (from + to) / 2
			at, _ := slices.BinarySearchFunc(posts, middle, func(p filePost, n uint64) int { return int(p.number) - int(n) })
			split(posts[:at], from, middle, depth-1)
			split(posts[at:], middle, to, depth-1)
			return
		}
		batches = append(batches, posts)
	}
	for i := 0; i < len(f.posts); {
		p, j := f.posts[i], i
		for j < len(f.posts) && f.posts[j].run == p.run && f.posts[j].number/1024 == p.number/1024 {
			j++
		}
		split(f.posts[i:j], p.number/1024*1024, p.number/1024*1024+1024, finest)
		i = j
	}
	return batches
}

// reading is one process that reads a file and hands it on.
type reading struct {
	f          file
	converter  *converter
	keyer      *privacy.Keyer
	generation uint64
	rows       *recorded
	done       map[uint64]bool // the posts that became rows
}

// deliver hands on a batch, or a part of it; which of its posts fail, and
// whether it expired, is drawn.
func (r reading) deliver(t *rapid.T, batch, part []filePost, smoothly bool) {
	first, last := batch[0], batch[len(batch)-1]
	origin := doxtrailv1.BatchOrigin_builder{
		ImportId: r.f.id, FirstRecord: ptr(first.first), RecordCount: ptr(last.number + 1 - first.first),
		Selection: ptr(doxtrailv1.Selection_SELECTION_FULL),
	}.Build()
	state, failing := complete, false
	if !smoothly {
		if rapid.IntRange(0, 9).Draw(t, "expired") == 0 {
			state = gap
		}
		failing = rapid.IntRange(0, 3).Draw(t, "failing") == 0
	}
	dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	l := newLooks(telegram)
	for _, p := range part {
		if failing && dice.IntN(10) == 0 {
			l.fail([]place{p.place, p.place, {}}[dice.IntN(3)]) // or nobody knows its place
			continue
		}
		l.add(postFacts{
			place: p.place, post: r.keyer.Post(telegram, "1", string(rune(p.number))), channel: r.keyer.Channel(telegram, string(rune('a'+p.channel))),
			postedAt: int64(p.number) + 1, posts: 1, links: p.links(r.generation),
		})
		if state == complete {
			r.done[p.number] = true
		}
	}
	r.converter.generation = r.generation
	r.converter.coverage(telegram, origin, l, state, r.rows)
}

// run reads the file once; a reading that is not smooth is stopped anywhere, and
// what it hands on comes twice, in parts, or one post alone.
func (r reading) run(t *rapid.T, smoothly bool) {
	for _, batch := range r.f.cuts(t, 3) {
		if smoothly {
			r.deliver(t, batch, batch, true)
			continue
		}
		for range rapid.IntRange(0, 2).Draw(t, "deliveries") {
			from, to := 0, len(batch)
			if rapid.IntRange(0, 3).Draw(t, "in parts") == 0 {
				from = rapid.IntRange(0, len(batch)-1).Draw(t, "from")
				to = rapid.IntRange(from+1, len(batch)).Draw(t, "to")
			}
			r.deliver(t, batch, batch[from:to], false)
		}
	}
}

// sums are what the view says of an import.
type sums struct {
	Import  string `ch:"import"`
	Posts   uint64 `ch:"posts"`
	Links   uint64 `ch:"links"`
	Gaps    uint64 `ch:"gaps"`
	Records uint64 `ch:"records"`
	Reached uint64 `ch:"reached"`
}

// life is what becomes of a file: what some disturbed readings leave, and what
// a whole one adds.
type life struct {
	f              file
	disturbed, end recorded
	delivered      int
}

func drawLife(t *rapid.T, ring *privacy.Ring, id uint64) life {
	l := life{f: drawFile(t, id)}
	done := map[uint64]bool{}
	r := reading{l.f, newConverter(ring, effective(t, harbour), 500), ring.Keyer(), 1, &l.disturbed, done}
	for range rapid.IntRange(1, 3).Draw(t, "readings") {
		r.generation = rapid.Uint64Range(1, 3).Draw(t, "generation")
		r.run(t, false)
	}
	l.delivered = len(done)
	r.generation, r.rows = 3, &l.end
	r.run(t, true)
	return l
}

// sumsOf stores rows, in any order, and asks for the sums of each import.
func sumsOf(t *testing.T, s *store.Store, records recorded) map[string]sums {
	t.Helper()
	rows := store.NewRows()
	for _, i := range rand.New(rand.NewPCG(1, uint64(len(records)))).Perm(len(records)) {
		if err := rows.Append(store.KindCoverage, telegram, records[i].record); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Insert(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	var all []sums
	const sql = `SELECT toString(import_id) AS import, sum(post_count) AS posts, sum(link_count) AS links, countIf(state = 'gap') AS gaps,
	sumIf(assumeNotNull(record_count), state = 'complete') AS records,
	intervalLengthSumIf(assumeNotNull(first_record), assumeNotNull(first_record + record_count), state = 'complete') AS reached
FROM coverage GROUP BY import_id`
	if err := s.Select(t.Context(), &all, sql, nil); err != nil {
		t.Fatal(err)
	}
	by := map[string]sums{}
	for _, one := range all {
		by[one.Import] = one
	}
	return by
}

// Whatever is delivered, how often, in what parts, cut by whom and under which
// watch list: no post is counted twice, none that was delivered is left out,
// and after a whole reading the sums are those of the file.
func TestCoverageCountsEachPostOnce(t *testing.T) {
	s, ring := storetest.New(t), testRing(t)
	const lives = 60
	all := make([]life, 0, lives)
	var disturbed, end recorded
	for id := range lives {
		l := rapid.Custom(func(t *rapid.T) life { return drawLife(t, ring, uint64(id)+1) }).Example(id)
		all = append(all, l)
		disturbed, end = append(disturbed, l.disturbed...), append(end, l.end...)
	}
	got := sumsOf(t, s, disturbed)
	for id, l := range all {
		if g := got[privacy.Key(l.f.id).String()]; g.Posts != uint64(l.delivered) || g.Records != g.Reached {
			t.Errorf("life %d: %d posts were delivered: %+v", id, l.delivered, g)
		}
	}
	got = sumsOf(t, s, end)
	for id, l := range all {
		want := sums{Import: privacy.Key(l.f.id).String()}
		for _, p := range l.f.posts {
			want.Posts++
			want.Links += p.links(3)
			want.Records += p.count
		}
		want.Reached = want.Records
		if g := got[want.Import]; g != want {
			t.Errorf("life %d, after a whole reading: %+v, want %+v", id, g, want)
		}
	}
}
