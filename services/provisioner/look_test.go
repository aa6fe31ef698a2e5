package provisioner

import (
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
)

func TestAnAlarmIsRaisedOnceForEachTime(t *testing.T) {
	a := alarms{}
	for i, step := range []struct{ sounds, want bool }{{false, false}, {true, true}, {true, false}, {false, false}, {true, true}} {
		if got := a.raise("age", step.sounds); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
	if !a.raise("another", true) {
		t.Error("one alarm silences another")
	}
}

func TestAgesSurviveAClockThatJumps(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]time.Duration{
		{}: 0, now.Add(-25 * time.Hour): 25 * time.Hour, now.AddDate(3, 0, 0): 0,
	} {
		if got := ageOf(at, now); got != want {
			t.Errorf("of %v: %v, want %v", at, got, want)
		}
	}
}

func TestALookShowsWhatTheStreamsHoldAndLost(t *testing.T) {
	s := newStudy(t)
	p := s.provisioner("", nil)
	s.fill(5)
	if err := s.server.Conn.EraseMessages(within(t), bus.StreamRecords, 2); err != nil {
		t.Fatal(err)
	}
	s.server.Damage(bus.StreamRecords)
	for deadline := time.Now().Add(bustest.Patience); p.audit(within(t)) != nil; { // the connection comes back
		if time.Now().After(deadline) {
			t.Fatal("no audit can be made")
		}
	}
	p.look(within(t))
	lost := p.gauge(t, "sequence_gap_messages", bus.StreamRecords)
	gaps, err := s.server.Conn.OpenGaps(within(t))
	if err != nil || len(gaps) != 1 || float64(gaps[0].Messages()) != lost {
		t.Errorf("the gauge says %v, the gaps are %+v: %v", lost, gaps, err)
	}
	if got := p.gauge(t, "stream_messages", bus.StreamRecords); got == 0 || got > 4 {
		t.Errorf("RECORDS holds %v", got)
	}
	if got := p.gauge(t, "pending_messages", bus.StreamRecords); got == 0 || got > 4 {
		t.Errorf("%v are pending", got)
	}
	if got := p.metric(t, "look_failures_total"); got != 0 {
		t.Errorf("%v looks failed", got)
	}
}

// gauge is a gauge of one stream.
func (m made) gauge(t *testing.T, name, stream string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			if f.GetName() == "doxtrail_provisioner_"+name && one.GetLabel()[0].GetValue() == stream {
				return one.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
