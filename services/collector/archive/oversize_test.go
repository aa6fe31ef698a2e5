package archive

import (
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// huge is a text that no record of the bus can hold.
var huge = strings.Repeat("x", bus.MaxRecordBytes+1)

func TestAPostThatIsTooLargeIsRejectedAndTheOthersStay(t *testing.T) {
	tests := map[string]struct {
		content string
		want    archive.Counts
		records []uint64 // of posts batches, in order
	}{
		"in the middle": {
			channelExport(7, message(1, "a"), message(2, huge), message(3, "c")),
			archive.Counts{Records: 3, Posts: 2, Rejected: 1},
			[]uint64{3},
		},
		"at the end": {
			channelExport(7, message(1, "a"), message(2, huge)),
			archive.Counts{Records: 2, Posts: 1, Rejected: 1},
			[]uint64{1},
		},
		"nothing else": {
			channelExport(7, message(1, huge)),
			archive.Counts{Records: 1, Rejected: 1},
			nil,
		},
		"one post in two revisions": {
			channelExport(7, message(1, huge), message(1, "y"+huge), message(2, "b")),
			archive.Counts{Records: 3, Posts: 1, Rejected: 2},
			[]uint64{3},
		},
		"a later revision alone": {
			channelExport(7, message(1, "a"), message(1, huge)),
			archive.Counts{Records: 2, Posts: 1, Rejected: 1},
			[]uint64{1},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Defaults())
			raw := r.read()
			sum := r.imports(Call{Files: archive.Open([]string{write(t, t.TempDir(), "result.json", tc.content)}, nil)})
			tc.want.Bytes = uint64(len(tc.content))
			if sum.Counts != tc.want {
				t.Errorf("counts %+v, want %+v", sum.Counts, tc.want)
			}
			var records []uint64
			for _, b := range raw.upTo(sum.Sequence) {
				if b.subject.Kind == bus.KindPosts {
					records = append(records, b.origin.GetRecordCount())
				}
			}
			if len(records) != len(tc.records) || (len(records) > 0 && records[0] != tc.records[0]) {
				t.Errorf("batches account for %v records, want %v", records, tc.records)
			}
			m := raw.ledger()[0]
			if sum := m.GetPostCount() + m.GetNonPostCount() + m.GetRejectedCount() + m.GetDuplicateCount(); sum != m.GetRecordCount() {
				t.Errorf("the import record does not add up: %v", m)
			}
			if got := r.metric("doxtrail_collector_archive_records_total", "rejected"); got != float64(tc.want.Rejected) {
				t.Errorf("%v rejected records are counted, want %d", got, tc.want.Rejected)
			}
		})
	}
}

func TestAnOddFileDoesNotEndTheImport(t *testing.T) {
	whole := page("cards", 1, 1, 2)
	for name, content := range map[string]string{
		"a query without end":         page(strings.Repeat("cards", 40_000), 1, 7),
		"a query that is not in UTF8": strings.Replace(page("cards", 1, 7), "/2/tweets/search/all?query=cards", "/2/%ff%fe/search?query=cards", 1),
		"a channel's endless name": strings.Replace(page("cards", 1, 7), `"__twarc"`,
			`"includes": {"users": [{"id": "30", "username": "`+huge+`"}]}, "__twarc"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := newRig(t, Defaults())
			raw := r.read()
			sum := r.imports(Call{Files: archive.Open([]string{write(t, dir, "odd.jsonl", content), write(t, dir, "whole.jsonl", whole)}, nil)})
			if len(sum.Files) != 2 || sum.Counts.Records != 3 {
				t.Fatalf("summary %+v", sum)
			}
			expect(t, dir+"/whole.jsonl")[0].check(t, 2, "", raw.upTo(sum.Sequence))
		})
	}
}

func TestAdjustedCountsAddUp(t *testing.T) {
	got := adjusted(archive.Result{Counts: archive.Counts{Records: 9, Posts: 4, NonPosts: 1, Duplicates: 3, Conflicts: 2, Rejected: 1}}, oversize{posts: 1, duplicates: 2})
	want := archive.Counts{Records: 9, Posts: 3, NonPosts: 1, Duplicates: 1, Conflicts: 1, Rejected: 4}
	if got.Counts != want {
		t.Errorf("counts %+v, want %+v", got.Counts, want)
	}
	none := importRecord(File{Ordinal: 1}, "")
	if none.GetPlatform() != doxtrailv1.Platform_PLATFORM_UNSPECIFIED || len(none.GetFileHash()) != 32 {
		t.Errorf("record of an empty file: %v", none)
	}
}
