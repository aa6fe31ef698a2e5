package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

// decided keeps decisions about channels, by ids; one without a label rejects.
func (s *testStudy) decided(at int64, labels map[string]string) {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	conn := (&canaryWatch{testStudy: s}).attach()
	err = provisioner.Decide(s.t.Context(), conn, ring.StateKey(), func(d *watchlist.Decided) (*watchlist.Decided, error) {
		for id, label := range labels {
			c := watchlist.Channel{Label: label, Platform: "telegram", ID: id, Reason: "decided in a test"}
			d = d.With(watchlist.DecidedChannel{Channel: c, Rejected: label == "", At: at})
		}
		return d, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// A decision that was made after a backup survives its restore, and one that is
// only in the backup comes back.
func TestARestoreUndoesNoDecision(t *testing.T) {
	t.Parallel()
	s, other := newStudy(t, smallCampaign(92), nil), newStudy(t, smallCampaign(92), nil)
	for _, study := range []*testStudy{s, other} {
		study.write("doxtrail.yaml", "data: data\nkeys: keys\n") // without a watch list file
	}
	check := func(when string, study *testStudy, want ...string) {
		t.Helper()
		for i := range want {
			want[i] += " decision "
		}
		now := study.watchedNow()
		slices.Sort(now)
		if !slices.Equal(now, want) {
			t.Errorf("%s, watched are %q", when, now)
		}
	}
	defer s.up()()
	s.decided(1, map[string]string{"11": "tg-1", "12": "tg-2", "13": "tg-3"})
	older := s.backUp("older")
	s.decided(2, map[string]string{"12": "", "14": "tg-4"})
	s.must(append([]string{"restore"}, older[:2]...)...)
	check("after an older backup was restored", s, "tg-1", "tg-3", "tg-4")

	other.must(append([]string{"restore"}, older...)...)
	defer other.up()()
	check("where there was nothing", other, "tg-1", "tg-2", "tg-3")
	other.decided(3, map[string]string{"15": "tg-4"})
	newer := s.backUp("newer")
	other.must(append([]string{"restore"}, newer[:2]...)...)
	check("after a newer backup was restored", other, "tg-1", "tg-3", "tg-4", "tg-4-2")

	out := s.must("sql", "--format", "csv", "SELECT count() FROM decisions WHERE kind = 'channel_rejected' AND in_force AND label = ''")
	if !strings.HasSuffix(strings.TrimSpace(out), "\n1") {
		t.Errorf("rejections in tables: %s", out)
	}
}

// A data file of a doxtrail that knew no decisions has none, and is no damaged one.
func TestAnOlderBackupHasNoDecisions(t *testing.T) {
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "data.zip")
	if err := os.WriteFile(path, dataFile(t, ring, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := openDataFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer data.close()
	if err := (&session{}).restoreDecided(t.Context(), data); err != nil {
		t.Errorf("error is %v", err)
	}
}
