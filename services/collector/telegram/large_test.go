package telegram

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// Whoever asks what was read must see that one post was not.
func TestAPostThatIsTooLargeIsAGapAndHoldsUpNoOther(t *testing.T) {
	r := newRig(t, fake.Options{})
	c := r.fake.Channel(fake.ChannelSpec{ID: newID(), Title: "Harbour"})
	publisher, err := r.bus.Conn.NewPublisher(bus.StageRaw, bus.PublisherConfig{})
	if err != nil {
		t.Fatal(err)
	}
	o := newOutbox(publisher, r.bus.Conn.NewSealKeys(), newMetrics(prometheus.NewRegistry()), r.deps.Log)
	channel := strconv.FormatInt(c.ID(), 10)
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_HISTORY, Lane: bus.LaneArchive, LookedAt: time.Now()}
	for no := 1; no <= 5; no++ {
		text := "harbour "
		if no == 3 {
			text = strings.Repeat(text, bus.MaxRecordBytes/len(text))
		}
		h.Posts = append(h.Posts, doxtrailv1.RawPost_builder{ChannelId: &channel, PostId: new(strconv.Itoa(no)), Text: &text}.Build())
	}
	h.Coverage = []*doxtrailv1.RawCoverage{doxtrailv1.RawCoverage_builder{
		ChannelId: &channel, State: complete.Enum(), FromNo: new(int64(1)), ToNo: new(int64(5)), LookedAt: new(h.LookedAt.UnixMilli()),
	}.Build()}
	if err := o.Send(r.within(), h); err != nil {
		t.Fatal(err)
	}
	r.eventually("the others come, and what was left out is said", func() bool {
		return r.raw.count(c) == 4 && r.raw.covered(c, complete, 1, 2) && r.raw.covered(c, complete, 4, 5) && r.raw.covered(c, gap, 3, 3)
	})
	if r.raw.covered(c, complete, 3, 3) || r.raw.covered(c, gap, 2, 2) || r.raw.covered(c, gap, 4, 4) {
		t.Errorf("the ranges are wrong: %v", r.raw.coverage)
	}
	if len(h.Coverage) != 1 || h.Coverage[0].GetToNo() != 5 {
		t.Errorf("a second try would begin with %v", h.Coverage)
	}
	lines := slices.DeleteFunc(strings.Split(r.log.String(), "\n"), func(line string) bool { return !strings.Contains(line, "too large") })
	if len(lines) != 1 || !strings.Contains(lines[0], "leg=history bytes=262") || strings.Contains(lines[0], "harbour ") {
		t.Errorf("the log has %q", lines)
	}
}
