package recorder

import (
	"testing"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestCollectedAtIsFoundWithoutDecoding(t *testing.T) {
	at := int64(1_590_000_000_123)
	post := doxtrailv1.Post_builder{
		PostKey: []byte("sixteen bytes..."), PostedAt: proto.Int64(7), CollectedAt: &at, Length: proto.Uint32(9), Generation: proto.Uint64(3),
	}.Build()
	record, err := proto.Marshal(post)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := collectedAt(record); !ok || got != at {
		t.Errorf("got %d, %v", got, ok)
	}
	post.ClearCollectedAt()
	if record, err = proto.Marshal(post); err != nil {
		t.Fatal(err)
	}
	if got, ok := collectedAt(record); ok {
		t.Errorf("without the field: %d", got)
	}
	if _, ok := collectedAt([]byte("\xff\xff no record")); ok {
		t.Error("found in what is no record")
	}
}
