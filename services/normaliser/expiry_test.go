package normaliser

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestOnlyWhatAQueueLeftBehindIsTooOld(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	hour := time.Hour
	for name, tc := range map[string]struct {
		limit        time.Duration
		ours, newest time.Duration // after the message was stored
		unknown      bool
		want         bool
	}{
		"young":                                         {72 * hour, 71 * hour, 71 * hour, false, false},
		"old, and the queue moved on":                   {72 * hour, 73 * hour, 73 * hour, false, true},
		"old, and nothing came after it":                {72 * hour, 73 * hour, 0, false, false},
		"our clock is years ahead":                      {72 * hour, 9 * 365 * 24 * hour, 80 * hour, false, false},
		"both clocks are years ahead":                   {72 * hour, 9 * 365 * 24 * hour, 9 * 365 * 24 * hour, false, false},
		"our clock is days ahead of the server's":       {72 * hour, 200 * hour, hour, false, false},
		"our clock is behind":                           {72 * hour, -hour, 80 * hour, false, false},
		"the server does not say":                       {72 * hour, 73 * hour, 73 * hour, true, false},
		"nothing is ever too old":                       {0, 73 * hour, 73 * hour, false, false},
		"ten times the limit is the most that it is":    {72 * hour, 719 * hour, 719 * hour, false, true},
		"more than ten times the limit is not believed": {72 * hour, 721 * hour, 719 * hour, false, false},
	} {
		e := &expiry{
			limit: tc.limit, now: func() time.Time { return start.Add(tc.ours) },
			newest: func(context.Context) (time.Time, error) {
				if tc.unknown {
					return time.Time{}, errors.New("away")
				}
				return start.Add(tc.newest), nil
			},
		}
		if got := e.over(t.Context(), start); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// What waited too long leaves a gap, is counted and is gone from RAW; what
// holds no text is normalised all the same.
func TestWhatWaitedTooLongBecomesAGap(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	n := s.service()
	n.expiry.now = func() time.Time { return time.Now().Add(100 * time.Hour) }
	n.expiry.newest = func(context.Context) (time.Time, error) { return n.expiry.now(), nil }
	servicetest.Background(t, n.Run)
	good := sightingPosts(1, 2)
	s.put(bus.KindPosts, good[0], []byte{0xff}, good[1])
	s.put(bus.KindImports, encoded(t, doxtrailv1.Import_builder{ImportId: []byte("0123456789abcdef")}.Build()))
	s.settled()

	rows := s.rows()
	gaps := of[*doxtrailv1.Coverage](t, rows, bus.KindCoverage)
	if len(gaps) != 1 || gaps[0].GetState() != gap || gaps[0].GetPostCount() != 0 || len(gaps[0].GetChannelKey()) != 16 || !gaps[0].HasFromAt() {
		t.Errorf("coverage is %v, want one gap that says whose posts are lost", gaps)
	}
	if posts := of[*doxtrailv1.Post](t, rows, bus.KindPosts); len(posts) != 0 {
		t.Errorf("%d posts became rows", len(posts))
	}
	if imports := of[*doxtrailv1.Import](t, rows, bus.KindImports); len(imports) != 1 {
		t.Errorf("%d import records, want 1", len(imports))
	}
	// RAW is empty, and still says when its newest message came.
	newest, err := s.server.Conn.NewestAt(within(t), bus.StreamRaw)
	if age := time.Since(newest); err != nil || age < 0 || age > bustest.Patience {
		t.Errorf("the newest message is of %v: %v", newest, err)
	}
	if got := s.metric("expired_total"); got != 3 {
		t.Errorf("%v posts are counted as expired, want 3", got)
	}
}
