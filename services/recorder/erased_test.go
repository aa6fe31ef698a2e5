package recorder_test

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const web = doxtrailv1.Platform_PLATFORM_WEB

func (r *rig) publishOne(kind bus.Kind, record proto.Message) {
	r.t.Helper()
	encoded, err := proto.Marshal(record)
	if err != nil {
		r.t.Fatal(err)
	}
	r.publishAs(bus.Subject{Stage: bus.StageRecords, Lane: bus.LaneLive, Kind: kind, Platform: web}, encoded)
}

// rowsOf is the number of rows of a kind that are still there.
func (r *rig) rowsOf(kind store.Kind) uint64 {
	r.t.Helper()
	var rows []struct {
		N uint64 `ch:"n"`
	}
	if err := r.direct.SelectTables(r.within(), &rows, "SELECT count() AS n FROM "+string(kind), nil); err != nil {
		r.t.Fatal(err)
	}
	return rows[0].N
}

func (r *rig) erase(list ...privacy.Tombstone) {
	r.t.Helper()
	if err := r.tombstones.Append(list); err != nil {
		r.t.Fatal(err)
	}
}

func TestRowsOfWhatWasErasedAreNotInserted(t *testing.T) {
	r := newRig(t)
	dir := t.TempDir()
	var err error
	if r.tombstones, err = privacy.OpenTombstones(dir); err != nil {
		t.Fatal(err)
	}
	run := r.start(quick())
	r.erase(privacy.Tombstone{Target: privacy.Key(keyOf(2))})
	r.publish(bus.LaneLive, posts(0, 5)...)
	eventually(t, "the others are rows", func() bool { return r.rowsOf(store.KindPosts) == 4 })
	// While it runs another process erases more.
	other, err := privacy.OpenTombstones(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Append([]privacy.Tombstone{{Target: privacy.Key(keyOf(7))}}); err != nil {
		t.Fatal(err)
	}
	r.publish(bus.LaneArchive, posts(5, 9)...)
	eventually(t, "the others are rows", func() bool { return r.rowsOf(store.KindPosts) == 7 })
	if n, _ := run.metric("doxtrail_recorder_erased_rows_total", "posts"); n != 2 {
		t.Errorf("%v rows were counted as erased, want 2", n)
	}

	// Nothing is stored while nobody can tell what was erased.
	path := filepath.Join(dir, privacy.TombstonesName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, "damaged\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	before := run.stats.Redelivered.Load()
	r.publish(bus.LaneLive, posts(9, 10)...)
	eventually(t, "the delivery came again", func() bool { return run.stats.Redelivered.Load() > before })
	if n := r.rowsOf(store.KindPosts); n != 7 {
		t.Errorf("%d posts are rows, want 7", n)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is a row once that is mended", func() bool { return r.rowsOf(store.KindPosts) == 8 })
}

// A mirror of a site may be listed after a card was erased: only the tables know then
// that a link shows it.
func TestALinkThatMayShowAnErasedCardIsLookedAt(t *testing.T) {
	r := newRig(t)
	var err error
	if r.tombstones, err = privacy.OpenTombstones(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	path, known, mirror, foreign := keyOf(50), keyOf(51), keyOf(52), keyOf(53)
	card := store.CardKey("red", privacy.Key(path))
	r.erase(privacy.Tombstone{Target: card}, privacy.Tombstone{Target: card, Path: privacy.Key(path), Site: privacy.Key(known)})
	cfg := quick()
	cfg.StripWait = cfg.BatchWait
	run := r.start(cfg)
	r.publishOne(bus.KindDecisions, doxtrailv1.Decision_builder{
		Kind: doxtrailv1.DecisionKind_DECISION_KIND_ERASED.Enum(), TargetKey: card.Bytes(), InForce: proto.Bool(true), Generation: proto.Uint64(1),
	}.Build())
	r.publishOne(bus.KindSites, doxtrailv1.Site_builder{
		Match: doxtrailv1.SiteMatch_SITE_MATCH_SITE.Enum(), MatchKey: mirror, Host: proto.String("mirror.example"), Family: proto.String("red"),
		Listed: proto.Bool(true), Generation: proto.Uint64(1),
	}.Build())
	eventually(t, "decision and site are rows", func() bool { return r.rowsOf(store.KindDecisions)+r.rowsOf(store.KindSites) == 2 })
	for i, site := range [][]byte{known, mirror, foreign} {
		r.publishOne(bus.KindLinks, doxtrailv1.Link_builder{
			PostKey: keyOf(i), ChannelKey: keyOf(60), PostedAt: proto.Int64(1_590_000_000_000), HostKey: site, SiteKey: site, PathKey: path,
			Depth: proto.Uint32(1), Role: doxtrailv1.LinkRole_LINK_ROLE_LINK.Enum(), CanonVersion: proto.Uint32(1), Generation: proto.Uint64(1),
		}.Build())
	}
	eventually(t, "the two that show it are counted as erased", func() bool {
		n, _ := run.metric("doxtrail_recorder_erased_rows_total", "links")
		return n == 2
	})
	eventually(t, "the one of a site of its own is left", func() bool { return r.rowsOf(store.KindLinks) == 1 })
}
