package archive

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// recorder keeps what a file gives.
type recorder struct {
	looks    []Look
	channels []*doxtrailv1.RawChannel
	posts    []*doxtrailv1.RawPost
	numbers  []uint64
	err      error
}

func (r *recorder) Look(look Look) error {
	r.looks = append(r.looks, look)
	return r.err
}

func (r *recorder) Channel(channel *doxtrailv1.RawChannel) error {
	r.channels = append(r.channels, proto.CloneOf(channel))
	return r.err
}

func (r *recorder) Post(number uint64, post *doxtrailv1.RawPost) error {
	r.posts = append(r.posts, proto.CloneOf(post))
	r.numbers = append(r.numbers, number)
	return r.err
}

// ids are the post ids in order.
func (r *recorder) ids() []string {
	var ids []string
	for _, p := range r.posts {
		ids = append(ids, p.GetPostId())
	}
	return ids
}

// read reads content that must give no error.
func read(t *testing.T, content string, options Options) (*recorder, Result) {
	t.Helper()
	r := &recorder{}
	result, err := Read(context.Background(), memorySource([]byte(content)), options, r)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	checkCounts(t, result)
	return r, result
}

// checkCounts asserts what holds for every file.
func checkCounts(t interface {
	Helper()
	Errorf(format string, args ...any)
}, result Result,
) {
	t.Helper()
	c := result.Counts
	if c.Records != c.Posts+c.NonPosts+c.Rejected+c.Duplicates {
		t.Errorf("counts do not add up: %+v", c)
	}
	if c.Conflicts > c.Duplicates {
		t.Errorf("more conflicts than duplicates: %+v", c)
	}
	var rejected uint64
	for _, f := range result.Faults {
		switch f.Class {
		case ClassBrokenJSON, ClassTooLong, ClassWrongType, ClassMissingField, ClassBadTime, ClassNoTimeZone:
			rejected += f.Count
		default:
		}
		if len(f.Offsets) == 0 || len(f.Offsets) > maxOffsets || uint64(len(f.Offsets)) > f.Count {
			t.Errorf("fault with wrong offsets: %v", f)
		}
	}
	if rejected != c.Rejected {
		t.Errorf("faults explain %d of %d rejected records: %v", rejected, c.Rejected, result.Faults)
	}
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// classes are the classes of the faults in order.
func classes(result Result) []Class {
	var list []Class
	for _, f := range result.Faults {
		list = append(list, f.Class)
	}
	return list
}
