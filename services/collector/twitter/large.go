package twitter

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// leaveOut says in the coverage of a haul that a post is missing which no message can
// hold: its moment is a gap of what was asked, or of the account whose posts are read.
func leaveOut(h *haul.Haul, record proto.Message) {
	post, ok := record.(*doxtrailv1.RawPost)
	if !ok {
		return
	}
	from := time.UnixMilli(post.GetPostedAt())
	to := from.Add(time.Millisecond)
	if h.Query == "" {
		h.Coverage = append(h.Coverage, coverageOf(spanGap, post.GetChannelId(), from, to, h.LookedAt))
		return
	}
	h.Coverage = append(h.Coverage, covered(h.Query, spanGap, from, to))
}
