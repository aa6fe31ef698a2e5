package normaliser

import (
	"bytes"
	"errors"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// reported converts a look as a collector reports it.
func (b *bench) reported(origin *doxtrailv1.BatchOrigin, raw *doxtrailv1.RawCoverage) *doxtrailv1.Coverage {
	b.t.Helper()
	b.rows = nil
	if err := b.converter.report(telegram, origin, encoded(b.t, raw), &b.rows); err != nil {
		b.t.Fatal(err)
	}
	return of[*doxtrailv1.Coverage](b.t, b.rows, bus.KindCoverage)[0]
}

func TestALookThatFoundNothingIsCoverage(t *testing.T) {
	b := newBench(t, harbour)
	id := []byte("0123456789abcdef")
	got := b.reported(origin(telegram), doxtrailv1.RawCoverage_builder{
		Query: ptr("from:pier_watch Fong Ka-ming"), State: complete.Enum(), LookedAt: ptr(int64(9000)), FirstRecord: ptr(uint64(3)),
		Selection: doxtrailv1.Selection_SELECTION_SEARCH.Enum(),
	}.Build())
	query := b.keyer.Query(telegram, "from:pier_watch Fong Ka-ming")
	same(t, "coverage", []*doxtrailv1.Coverage{got}, []*doxtrailv1.Coverage{doxtrailv1.Coverage_builder{
		CoverageKey: b.keyer.Coverage(id, query, 3, 0).Bytes(), QueryKey: query.Bytes(), ImportId: id,
		Leg: doxtrailv1.Leg_LEG_ARCHIVE.Enum(), Selection: doxtrailv1.Selection_SELECTION_SEARCH.Enum(), State: complete.Enum(),
		LookedAt: ptr(int64(9000)), FirstRecord: ptr(uint64(3)), RecordCount: ptr(uint64(0)), Generation: ptr(uint64(1)),
	}.Build()})
}

func TestAReportedGapIsFilledByALaterLook(t *testing.T) {
	b := newBench(t, harbour)
	live := doxtrailv1.BatchOrigin_builder{Leg: doxtrailv1.Leg_LEG_TAIL.Enum(), Selection: doxtrailv1.Selection_SELECTION_FULL.Enum()}.Build()
	report := func(state doxtrailv1.CoverageState, from, to, lookedAt int64) *doxtrailv1.Coverage {
		return b.reported(live, doxtrailv1.RawCoverage_builder{
			ChannelId: ptr("4100000001"), State: &state, FromNo: &from, ToNo: &to, LookedAt: &lookedAt,
		}.Build())
	}
	lost, later, other := report(gap, 10, 20, 1000), report(complete, 10, 20, 5000), report(gap, 21, 30, 1000)
	if !bytes.Equal(lost.GetCoverageKey(), later.GetCoverageKey()) {
		t.Error("what fills a gap does not take its place")
	}
	if bytes.Equal(lost.GetCoverageKey(), other.GetCoverageKey()) {
		t.Error("two gaps are one")
	}
	if lost.GetFromNo() != 10 || lost.GetToNo() != 20 || lost.GetLookedAt() != 1000 || lost.HasFirstRecord() || lost.GetState() != gap {
		t.Errorf("the row is %v", lost)
	}
	empty := func(lookedAt int64) []byte {
		return b.reported(live, doxtrailv1.RawCoverage_builder{Query: ptr("a"), State: complete.Enum(), LookedAt: &lookedAt}.Build()).GetCoverageKey()
	}
	if bytes.Equal(empty(1), empty(2)) || !bytes.Equal(empty(1), empty(1)) {
		t.Error("looks that found nothing are not known by their time")
	}
}

func TestAReportThatSaysNothingFails(t *testing.T) {
	b := newBench(t, harbour)
	for want, raw := range map[error]*doxtrailv1.RawCoverage{
		errNoChannel: doxtrailv1.RawCoverage_builder{State: complete.Enum()}.Build(),
		errNoState:   doxtrailv1.RawCoverage_builder{Query: ptr("a")}.Build(),
	} {
		if err := b.converter.report(telegram, nil, encoded(t, raw), &b.rows); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	if err := b.converter.report(telegram, nil, []byte{0xff}, &b.rows); !errors.Is(err, errUndecodable) || len(b.rows) != 0 {
		t.Errorf("error %v, %d rows", err, len(b.rows))
	}
}
