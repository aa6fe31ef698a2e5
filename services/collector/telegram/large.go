package telegram

import (
	"log/slog"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// leaveOut counts a record that is too large for a message, and says so. Posts are
// cut before they get so large; should one be left out all the same, its number is
// a gap, and no range of the haul covers it.
func leaveOut(h *haul.Haul, record proto.Message, m *metrics, log *slog.Logger) {
	m.records.WithLabelValues(haul.LegWord(h.Leg), "too_large").Inc()
	log.Warn("a record is too large for a message and is left out", "leg", haul.LegWord(h.Leg), service.KeyBytes, proto.Size(record))
	post, ok := record.(*doxtrailv1.RawPost)
	if !ok {
		return
	}
	no, err := strconv.ParseInt(post.GetPostId(), 10, 64)
	if err != nil {
		return
	}
	state, lookedAt := doxtrailv1.CoverageState_COVERAGE_STATE_GAP, h.LookedAt.UnixMilli()
	missing := doxtrailv1.RawCoverage_builder{State: &state, FromNo: &no, ToNo: &no, LookedAt: &lookedAt}.Build()
	if post.HasChannelId() {
		missing.SetChannelId(post.GetChannelId())
	}
	if post.HasChannelName() {
		missing.SetChannelName(post.GetChannelName())
	}
	var coverage []*doxtrailv1.RawCoverage
	for _, c := range h.Coverage {
		coverage = append(coverage, without(c, missing)...)
	}
	h.Coverage = append(coverage, missing)
}

// without parts a range that was read around a post that was not.
func without(c, missing *doxtrailv1.RawCoverage) []*doxtrailv1.RawCoverage {
	no := missing.GetFromNo()
	same := c.GetChannelId() == missing.GetChannelId() && c.GetChannelName() == missing.GetChannelName()
	if !same || c.GetState() == missing.GetState() || !c.HasFromNo() || no < c.GetFromNo() || no > c.GetToNo() {
		return []*doxtrailv1.RawCoverage{c}
	}
	before, after := proto.CloneOf(c), proto.CloneOf(c)
	before.SetToNo(no - 1)
	after.SetFromNo(no + 1)
	return slices.DeleteFunc([]*doxtrailv1.RawCoverage{before, after}, func(r *doxtrailv1.RawCoverage) bool { return r.GetFromNo() > r.GetToNo() })
}
