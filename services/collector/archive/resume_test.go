package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// loadFile is a file of a few batches.
func loadFile(t *testing.T, posts int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "load.jsonl")
	f, err := os.Create(path)
	if err == nil {
		_, err = campaign.Load(f, campaign.Twarc2, posts, 5)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// rangesOf lists the records that batches of posts account for.
func rangesOf(batches []rawBatch) (list []Range) {
	for _, b := range batches {
		if b.subject.Kind == bus.KindPosts {
			list = append(list, Range{b.origin.GetFirstRecord(), b.origin.GetFirstRecord() + b.origin.GetRecordCount()})
		}
	}
	slices.SortFunc(list, func(a, b Range) int { return int(a.From) - int(b.From) })
	return list
}

func TestOnlyWhatIsNotCoveredIsPublished(t *testing.T) {
	path := loadFile(t, 3000)
	r := newRig(t, Defaults())
	raw := r.read()
	whole := rangesOf(raw.upTo(r.imports(Call{Files: archive.Open([]string{path}, nil)}).Sequence))
	if len(whole) < 5 {
		t.Fatalf("%d batches, want more to leave some out", len(whole))
	}
	kinds := func(batches []rawBatch) map[bus.Kind]int {
		n := map[bus.Kind]int{}
		for _, b := range batches {
			n[b.subject.Kind]++
		}
		return n
	}
	for name, tc := range map[string]struct {
		covered   Covered
		want      []Range
		continued uint64
		others    bool // channels too
	}{
		"nothing":                            {Covered{}, whole, 0, true},
		"all, and its end was reached":       {Covered{Ranges: []Range{{0, 1 << 40}}, Finished: true}, nil, 0, false},
		"all, but the channels may not be":   {Covered{Ranges: whole}, nil, 0, true},
		"the beginning":                      {Covered{Ranges: []Range{{0, whole[1].To}}}, whole[2:], whole[2].From, true},
		"a hole":                             {Covered{Ranges: []Range{{0, whole[2].From}, {whole[2].To, 1 << 40}}, Finished: true}, whole[2:3], whole[2].From, true},
		"all but one post: its batch is one": {Covered{Ranges: []Range{{0, whole[1].From + 7}, {whole[1].From + 8, 1 << 40}}, Finished: true}, whole[1:2], whole[1].From, true},
	} {
		before := len(raw.batches)
		var continued uint64
		asked := 0
		sum := r.imports(Call{
			Files: archive.Open([]string{path}, nil), Continuing: func(_ int, record uint64) { continued = record },
			Covered: func(context.Context, [16]byte) (Covered, error) { asked++; return tc.covered, nil },
		})
		all := raw.upTo(sum.Sequence)[before:]
		if got := rangesOf(all); !slices.Equal(got, tc.want) {
			t.Errorf("%s: batches %v, want %v", name, got, tc.want)
		}
		if n := kinds(all); n[bus.KindImports] != 1 || (n[bus.KindChannels] > 0) != tc.others || continued != tc.continued || asked != 1 {
			t.Errorf("%s: published %v, continued at %d, asked %d times", name, n, continued, asked)
		}
		if f := sum.Files[0]; f.Result.Counts.Posts != 3000 || f.Missing(tc.covered) == 0 != (name[:3] == "all" && len(tc.want) == 0) {
			t.Errorf("%s: %d posts, %d missing", name, f.Result.Counts.Posts, f.Missing(tc.covered))
		}
	}
	failed := errors.New("away")
	if _, err := r.collector.Import(r.within(), Call{Files: archive.Open([]string{path}, nil), Covered: func(context.Context, [16]byte) (Covered, error) { return Covered{}, failed }}); !errors.Is(err, failed) {
		t.Errorf("error %v, want that of who was asked", err)
	}
}

func TestMissingCountsWhatIsNotCovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f File
		in := map[uint64]bool{}
		for _, n := range rapid.SliceOf(rapid.Uint64Range(0, 500)).Draw(t, "posts") {
			f.posts.add(n)
			in[n] = true
		}
		var c Covered
		at := uint64(0)
		for range rapid.IntRange(0, 5).Draw(t, "ranges") {
			from := at + rapid.Uint64Range(0, 100).Draw(t, "gap")
			at = from + rapid.Uint64Range(1, 100).Draw(t, "length")
			c.Ranges = append(c.Ranges, Range{from, at})
		}
		want := uint64(0)
		for n := range in {
			if !slices.ContainsFunc(c.Ranges, func(r Range) bool { return n >= r.From && n < r.To }) {
				want++
			}
		}
		if got := f.Missing(c); got != want {
			t.Fatalf("%d missing, want %d", got, want)
		}
	})
}

// Whatever the sizes of posts, as another program may encode them: two batches
// that hold a post in common lie one within the other.
func TestBatchesOfTwoProgramsLieWithinEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var posts []uint64
		for n := uint64(0); len(posts) < 900; n++ {
			n += rapid.SampledFrom([]uint64{0, 0, 0, 0, 1, 30, 700}).Draw(t, "others")
			for range rapid.IntRange(1, 300).Draw(t, "in a row") {
				posts = append(posts, n)
				n++
			}
		}
		one, two := cellsOf(t, posts), cellsOf(t, posts)
		for _, a := range one {
			for _, b := range two {
				apart := a.To <= b.From || b.To <= a.From
				within := (a.From >= b.From && a.To <= b.To) || (b.From >= a.From && b.To <= a.To)
				if !apart && !within {
					t.Fatalf("%v and %v", a, b)
				}
			}
		}
	})
}

// cellsOf cuts posts as a batcher with some limit does, and gives the first and
// last post of each batch.
func cellsOf(t *rapid.T, posts []uint64) (ranges []Range) {
	limit := rapid.IntRange(1, 900).Draw(t, "limit")
	large := rapid.IntRange(1, 50).Draw(t, "large post every")
	var o openBatch
	flush := func(n int) {
		if n > 0 {
			ranges = append(ranges, Range{o.posts[0].number, o.posts[n-1].number + 1})
			o.drop(n)
		}
	}
	for i, number := range posts {
		if i == 0 || o.endsBefore(number) {
			flush(len(o.posts))
			o.begin(number, i == 0)
		}
		size := 1
		if i%large == 0 {
			size = 40
		}
		o.encoded = append(o.encoded, make([]byte, size)...)
		o.posts = append(o.posts, openPost{number: number, end: len(o.encoded)})
		for n := o.excess(limit); n > 0; n = o.excess(limit) {
			flush(n)
		}
	}
	flush(len(o.posts))
	return ranges
}
