package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	tail    = doxtrailv1.Leg_LEG_TAIL
	history = doxtrailv1.Leg_LEG_HISTORY
)

// A range that is read later takes the place of its gap, whichever comes first;
// what was read is no gap, and of two looks the later counts.
func TestOneRangeOfALiveLegIsOneRow(t *testing.T) {
	lost := look{name: "v", channel: "A", platform: telegram, leg: tail, fromNo: 10, toNo: 20, gap: true, lookedAt: "01-05 00:00:00", generation: 9}
	first := look{name: "v", channel: "A", platform: telegram, leg: history, fromNo: 10, toNo: 20, lookedAt: "01-01 00:00:00", generation: 1}
	later := first
	later.lookedAt = "01-09 00:00:00"
	looks := []look{lost, first, later}
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	w := newWorld(t)
	for step := range looks {
		for n, order := range orders {
			l := looks[order[step]]
			l.name, l.channel = fmt.Sprintf("v%d", n), fmt.Sprintf("A%d", n)
			w.look(l)
		}
		w.insert()
	}
	for n, got := range sorted(strings.Split(w.query("coverage", nil), "\n")) {
		if want := fmt.Sprintf("telegram A%d - - history full - - 2020-01-09T00:00:00Z true 0 0", n); got != want {
			t.Errorf("in the order %v:\n%s, want\n%s", orders[n], got, want)
		}
	}
}

// One post by tail and history in batches cut otherwise, a gap of the tail that
// history filled, and one that is open.
func TestCoverageOfLiveLegs(t *testing.T) {
	w := newWorld(t)
	for _, p := range []post{{name: "p1", channel: "A"}, {name: "p2", channel: "A-name"}, {name: "p3", channel: "B"}} {
		p.at, p.platform = "01-01 10:00:00", telegram
		w.post(p)
		w.post(p)
	}
	w.add("channel_aliases", telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key("A-name"), ChannelKey: w.key("A")}.Build())
	w.look(look{name: "v1", channel: "A-name", platform: telegram, leg: tail, fromNo: 1, toNo: 9, gap: true, lookedAt: "01-02 00:00:00"})
	w.look(look{name: "v2", channel: "A", platform: telegram, leg: tail, fromNo: 10, toNo: 12, from: "01-01 09:00:00", to: "01-01 10:00:00", lookedAt: "01-02 00:00:00"})
	w.look(look{name: "v3", channel: "A", platform: telegram, leg: history, fromNo: 1, toNo: 5, from: "01-01 01:00:00", to: "01-01 05:00:00", lookedAt: "01-03 00:00:00"})
	w.look(look{name: "v4", channel: "A", platform: telegram, leg: history, fromNo: 6, toNo: 11, from: "01-01 05:30:00", to: "01-01 09:00:00", lookedAt: "01-03 00:00:00"})
	w.look(look{name: "v5", channel: "A", platform: telegram, leg: tail, fromNo: 13, toNo: 20, gap: true, lookedAt: "01-04 00:00:00"})
	w.look(look{name: "v6", query: "q", platform: telegram, leg: doxtrailv1.Leg_LEG_SEARCH, lookedAt: "01-04 00:00:00"})
	w.look(look{name: "v7", channel: "B", importID: "i", platform: telegram, from: "01-01 10:00:00", to: "01-01 10:00:00", posts: 7})
	w.insert()
	want := lines(
		"telegram A - - history full 2020-01-01T01:00:00Z 2020-01-01T09:00:00Z 2020-01-03T00:00:00Z true 2 0",
		"telegram A - - tail full 2020-01-01T09:00:00Z 2020-01-01T10:00:00Z 2020-01-04T00:00:00Z false 2 1",
		"telegram B - - archive full 2020-01-01T10:00:00Z 2020-01-01T10:00:00Z - true 7 0",
		"telegram - - q search full - - 2020-01-04T00:00:00Z true - 0")
	if diff := cmp.Diff(want, w.query("coverage", nil)); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	got, err := w.store.CoverageLines(t.Context())
	if want := "telegram: 3 posts from 2020-01-01 to 2020-01-01, 2 channels, 1 search; 1 gap reported."; err != nil || got[0] != want {
		t.Errorf("the sentence is %q, %v", got, err)
	}
}

// liveWorld is a random set of looks, as they were made up. Number n was posted
// at slot(n).
type liveWorld struct{ looks []liveLook }

type liveLook struct {
	look
	begin, end int // numbers, and slots
	seen       int // slot; -1 where it is not said
	numbered   bool
	timed      bool
}

func randomLive(t *testing.T, seed uint64) (*world, liveWorld) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, seed))
	w := newWorld(t)
	w.add("channel_aliases", telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key("A"), ChannelKey: w.key("A0")}.Build())
	var lw liveWorld
	for n := range 160 {
		l := liveLook{begin: 1 + r.IntN(slots-8), seen: r.IntN(slots)}
		l.end = l.begin + r.IntN(8)
		l.look = look{name: fmt.Sprintf("v%d", n), channel: []string{"A", "A0", "B", "C", "D", "E"}[r.IntN(6)], platform: telegram, leg: tail, gap: r.IntN(3) == 0}
		switch kind := r.IntN(6); {
		case kind == 0 && !l.gap:
			l.importID, l.timed, l.seen = fmt.Sprintf("i%d", n), true, -1
		case kind < 3:
			l.numbered = true
		case kind == 3:
			l.timed = true
		default:
			l.numbered, l.timed = true, true
		}
		if r.IntN(10) == 0 {
			l.seen = -1
		}
		if l.timed && r.IntN(4) == 0 {
			l.end = l.begin
		}
		if l.timed {
			l.from, l.to = slot(l.begin), slot(l.end)
		}
		if l.numbered {
			l.fromNo, l.toNo = int64(l.begin), int64(l.end)
		}
		if l.seen >= 0 {
			l.lookedAt = slot(l.seen)
		}
		w.look(l.look)
		lw.looks = append(lw.looks, l)
	}
	alone := liveLook{look: look{name: "alone", channel: "F", platform: telegram, gap: true, lookedAt: slot(1), fromNo: 1, toNo: 1}, begin: 1, end: 1, seen: 1, numbered: true}
	w.look(alone.look)
	lw.looks = append(lw.looks, alone)
	w.insert()
	return w, lw
}

func channelOf(l liveLook) string { return strings.Replace(l.channel, "A0", "A", 1) }

// open says whether a point of a gap was never read again: each number, or each
// slot and the time halfway to the next.
func (lw liveWorld) open(g liveLook) bool {
	held := func(by func(l liveLook) bool, half int, l2 int) bool {
		for _, l := range lw.looks {
			later := l.importID != "" || g.seen < 0 || l.seen >= g.seen
			if !l.gap && channelOf(l) == channelOf(g) && later && by(l) && 2*l.begin <= half && 2*l.end+l2 >= half {
				return true
			}
		}
		return false
	}
	byNumber, byTime := g.numbered, g.timed
	for half := 2 * g.begin; half <= 2*g.end; half++ {
		byNumber = byNumber && held(func(l liveLook) bool { return l.numbered }, half, 1)
		byTime = byTime && held(func(l liveLook) bool { return l.timed }, half, 0)
	}
	return !byNumber && !byTime
}

// ranges are the stretches of a channel that were read in full: looks that a
// later open gap did not make a hole into, joined one by one.
func (lw liveWorld) ranges(channel string) (out []string) {
	var whole []liveLook
	for _, l := range lw.looks {
		holed := false
		for _, g := range lw.looks {
			if !g.gap || channelOf(g) != channelOf(l) || !lw.open(g) || l.importID != "" || l.seen >= 0 && g.seen >= 0 && l.seen >= g.seen {
				continue
			}
			comparable := l.numbered && g.numbered || l.timed && g.timed
			holed = holed || comparable && l.begin <= g.end && l.end >= g.begin
		}
		if !l.gap && l.timed && channelOf(l) == channel && !holed {
			whole = append(whole, l)
		}
	}
	slices.SortFunc(whole, func(a, b liveLook) int { return 100*(a.begin-b.begin) + a.end - b.end })
	type stretch struct{ from, to, no int }
	var all []stretch
	reached := stretch{-1, -1, -1}
	for _, l := range whole {
		touches := l.begin <= reached.to || l.numbered && reached.no >= 0 && l.begin <= reached.no+1
		if len(all) == 0 || !touches {
			all = append(all, stretch{l.begin, l.end, -1})
		}
		last := &all[len(all)-1]
		last.to, reached.to = max(last.to, l.end), max(reached.to, l.end)
		if l.numbered {
			reached.no = max(reached.no, l.end)
		}
	}
	for _, s := range all {
		out = append(out, stamp(slot(s.from))+" "+stamp(slot(s.to)))
	}
	return out
}

func TestLiveGapsAgreeWithTheirTwin(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w, lw := randomLive(t, seed)
			var want []string
			closed, channels := 0, map[string]bool{}
			for _, l := range lw.looks {
				if l.gap && lw.open(l) {
					want = append(want, l.name)
				} else if l.gap {
					closed++
				}
				channels[channelOf(l)] = true
			}
			if diff := cmp.Diff(sorted(want), sorted(w.select1("SELECT coverage_key FROM coverage WHERE state = 'gap'"))); diff != "" || closed == 0 {
				t.Errorf("open gaps differ, %d are closed (-twin +view):\n%s", closed, diff)
			}
			// A session may have absent rows of a join as NULL.
			if diff := cmp.Diff(sorted(want), sorted(w.select1("SELECT coverage_key FROM open_gaps SETTINGS join_use_nulls = 1"))); diff != "" {
				t.Errorf("open gaps differ (-twin +view):\n%s", diff)
			}
			var ranges []string
			for channel := range channels {
				for _, r := range lw.ranges(channel) {
					ranges = append(ranges, strings.Replace(channel, "A", "A0", 1)+" "+r)
				}
			}
			got := w.select1("SELECT channel_key, from_at, to_at FROM covered_ranges")
			if diff := cmp.Diff(sorted(ranges), sorted(got)); diff != "" {
				t.Errorf("ranges differ (-twin +view):\n%s", diff)
			}
		})
	}
}

// select1 runs a statement on the views and gives its lines.
func (w *world) select1(sql string) []string {
	w.t.Helper()
	var b strings.Builder
	if err := w.store.Stream(w.t.Context(), &b, sql, nil, "tsv"); err != nil {
		w.t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	if body = w.named(body); body == "" {
		return nil
	}
	return strings.Split(body, "\n")
}
