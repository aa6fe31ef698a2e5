package store_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"
	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// revision is one reading of a post: what may differ between two readings.
type revision struct {
	post       int
	edited     int64
	precision  uint32
	generation uint64
	views      int64
	whole      uint64 // pictures that were hashed whole
}

func (r revision) encode(t rapid.TB, round uint64) []byte {
	m := doxtrailv1.Post_builder{
		PostKey: mixed("replay", round<<16|uint64(r.post)), ChannelKey: mixed("channel", 1), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt: proto.Int64(1_600_000_000_000), PostedPrecisionS: proto.Uint32(r.precision), Generation: proto.Uint64(r.generation),
		Counters: doxtrailv1.Counters_builder{ViewCount: proto.Int64(r.views)}.Build(),
	}
	if r.edited > 0 {
		m.EditedAt = proto.Int64(r.edited)
	}
	for range r.whole {
		m.Media = append(m.Media, doxtrailv1.Media_builder{Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum(), PictureHash: []byte("8 bytes."), PictureWhole: proto.Bool(true)}.Build())
	}
	record, err := proto.Marshal(m.Build())
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func (r revision) beats(t rapid.TB, o revision, round uint64) bool {
	finer := func(seconds uint32) int { return -len(slices.Collect(halvings(seconds))) }
	hash := func(r revision) uint64 {
		sum := xxhash.Sum64(r.encode(t, round)) >> 16
		if r.whole > 0 {
			return 0xffff<<32 | r.whole<<24 | sum&(1<<24-1)
		}
		return sum
	}
	return cmp.Or(
		cmp.Compare(r.edited, o.edited),
		cmp.Compare(finer(r.precision), finer(o.precision)),
		cmp.Compare(r.generation, o.generation),
		cmp.Compare(hash(r), hash(o)),
	) > 0
}

// halvings yields once for each bit of n: precision counts by its magnitude.
func halvings(n uint32) func(func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for ; n > 0 && yield(n); n /= 2 {
		}
	}
}

// Any order of delivery and any number of repeats, in one batch or in several,
// must leave the rows that the rule of versions names.
func TestAnyOrderAndAnyReplayGiveTheSameRows(t *testing.T) {
	s := storetest.New(t)
	rows := store.NewRows()
	round := uint64(0)
	rapid.Check(t, func(t *rapid.T) {
		round++
		revisions := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) revision {
			return revision{
				post:       rapid.IntRange(0, 5).Draw(t, "post"),
				edited:     rapid.SampledFrom([]int64{0, 0, 1_600_000_000_001, 1_600_000_000_002}).Draw(t, "edited"),
				precision:  rapid.SampledFrom([]uint32{0, 1, 60}).Draw(t, "precision"),
				generation: rapid.Uint64Range(0, 2).Draw(t, "generation"),
				views:      rapid.Int64Range(0, 3).Draw(t, "views"),
				whole:      rapid.Uint64Range(0, 2).Draw(t, "whole"),
			}
		}), 1, 30).Draw(t, "revisions")
		want := map[int]revision{}
		for _, r := range revisions {
			if old, ok := want[r.post]; !ok || r.beats(t, old, round) {
				want[r.post] = r
			}
		}
		for replay := range rapid.IntRange(1, 3).Draw(t, "replays") {
			_ = replay
			for _, r := range rapid.Permutation(revisions).Draw(t, "order") {
				if err := rows.Append(store.KindPosts, telegram, r.encode(t, round)); err != nil {
					t.Fatal(err)
				}
				if rows.Len() > 0 && rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
					flush(t, s, rows)
				}
			}
		}
		flush(t, s, rows)
		got := readRevisions(t, s, round)
		if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(revision{})); diff != "" {
			t.Fatalf("rows differ (-want +got):\n%s", diff)
		}
	})
}

func flush(t *rapid.T, s *store.Store, rows *store.Rows) {
	if err := s.Insert(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	rows.Reset()
}

func readRevisions(t *rapid.T, s *store.Store, round uint64) map[int]revision {
	var rows []struct {
		Key        string `ch:"post_key"`
		Edited     int64  `ch:"edited"`
		Precision  uint32 `ch:"posted_precision_s"`
		Generation uint32 `ch:"generation"`
		Views      *int64 `ch:"view_count"`
		Whole      uint64 `ch:"whole"`
	}
	err := s.Select(t.Context(), &rows, "SELECT toString(post_key) AS post_key, ifNull(toUnixTimestamp64Milli(edited_at), 0) AS edited, posted_precision_s, generation, view_count, length(media_kinds) AS whole FROM "+s.Research()+".posts", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]revision{}
	for _, r := range rows {
		for post := range 6 {
			if r.Key == uuidText(mixed("replay", round<<16|uint64(post))) {
				got[post] = revision{post, r.Edited, r.Precision, uint64(r.Generation), *r.Views, r.Whole}
			}
		}
	}
	return got
}
