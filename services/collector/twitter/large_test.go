package twitter

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

func TestAPostThatNoMessageHoldsIsAGapAndHoldsUpNoOther(t *testing.T) {
	r := newStreamRig(t, fake.Options{})
	r.start()
	r.streaming()
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	post := func(id, text string) *doxtrailv1.RawPost {
		return doxtrailv1.RawPost_builder{PostId: proto.String(id), ChannelId: proto.String("4711"), PostedAt: proto.Int64(at.UnixMilli()), Text: &text}.Build()
	}
	large := post("1", string(make([]byte, bus.MaxRecordBytes)))
	for _, query := range []string{"an example", ""} {
		h := haul.Haul{
			Leg: doxtrailv1.Leg_LEG_SEARCH, Lane: bus.LaneLive, Query: query, LookedAt: time.Now(),
			Posts: []*doxtrailv1.RawPost{large, post("2", "small")},
		}
		if err := r.app().outbox.Send(r.within(), h); err != nil {
			t.Fatal(err)
		}
		r.eventually("the gap", func() bool {
			holes := r.raw.holes(query)
			return len(holes) == 1 && holes[0] == span{at.UnixMilli(), at.UnixMilli() + 1}
		})
	}
	r.arrives("2")
	if r.raw.post("1") != nil {
		t.Error("the large post is on RAW")
	}
}
