package twitter

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/cursor"
)

var errKilled = errors.New("killed")

// drawer is a shelf in memory. Like the real one it refuses to write over what this
// process has not read, and what is too large.
type drawer struct {
	kept map[string][]byte
	read map[string]bool
	// left is how many more writes are done before the process is killed; below zero it
	// never is.
	left   int
	writes int
}

func newDrawer() *drawer {
	return &drawer{kept: map[string][]byte{}, read: map[string]bool{}, left: -1}
}

// again is the shelf of the next process.
func (d *drawer) again() *drawer { return &drawer{kept: d.kept, read: map[string]bool{}, left: -1} }

func (d *drawer) Load(_ context.Context, name string, into any) (bool, error) {
	d.read[name] = true
	value, found := d.kept[name]
	if !found {
		return false, nil
	}
	return true, json.Unmarshal(value, into)
}

func (d *drawer) write(name string) error {
	if d.left == 0 {
		return errKilled
	}
	d.left--
	if _, there := d.kept[name]; there && !d.read[name] {
		return cursor.ErrStolen
	}
	d.read[name] = true
	d.writes++
	return nil
}

func (d *drawer) Save(_ context.Context, name string, value any) error {
	plain, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if len(plain) > cursor.MaxBytes {
		return cursor.ErrTooLarge
	}
	if err := d.write(name); err != nil {
		return err
	}
	d.kept[name] = plain
	return nil
}

func (d *drawer) Delete(_ context.Context, name string) error {
	if err := d.write(name); err != nil {
		return err
	}
	delete(d.kept, name)
	return nil
}

func load(t *testing.T, s shelf) *known {
	t.Helper()
	k, err := loadKnown(t.Context(), s, "known")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func anyPost(rt *rapid.T) knownPost {
	return knownPost{
		ID: rapid.Uint64Range(1, 60).Draw(rt, "id"), Author: rapid.Uint64Range(1, 3).Draw(rt, "author"),
		Mark: mark(rapid.IntRange(1, int(markEnd)-1).Draw(rt, "mark")), Reposts: rapid.Uint32Range(0, 3).Draw(rt, "reposts"),
		Aside: rapid.Bool().Draw(rt, "aside"),
	}
}

// What is known is what a plain map holds, whatever is set in whatever order, and
// after kill -9 at any write at least what was kept before.
func TestKnownAgainstAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDrawer()
		k := load(t, d)
		k.perPage = 4
		now, kept := map[uint64]knownPost{}, map[uint64]knownPost{}
		for range rapid.IntRange(1, 12).Draw(rt, "rounds") {
			for range rapid.IntRange(0, 12).Draw(rt, "posts") {
				p := anyPost(rt)
				k.set(p)
				now[p.ID] = p
			}
			same(rt, k, now)
			if d.left = rapid.IntRange(-1, 12).Draw(rt, "writes until killed"); d.left < 0 || rapid.Bool().Draw(rt, "saves") {
				if err := k.save(t.Context()); err == nil {
					kept = maps.Clone(now)
				} else if !errors.Is(err, errKilled) {
					rt.Fatal(err)
				}
			}
			if d.left < 0 {
				continue
			}
			d = d.again()
			k = load(t, d)
			k.perPage = 4
			got := map[uint64]knownPost{}
			for p := range k.each() {
				got[p.ID] = p
				if p != now[p.ID] && p != kept[p.ID] {
					rt.Fatalf("after a kill there is %+v, set was %+v, kept %+v", p, now[p.ID], kept[p.ID])
				}
			}
			for id := range kept {
				if got[id].ID == 0 {
					rt.Fatalf("after a kill %d is gone", id)
				}
			}
			now, kept = got, maps.Clone(got) // that is what there is
		}
	})
}

// same compares all that is asked of known with a map.
func same(rt *rapid.T, k *known, want map[uint64]knownPost) {
	ids := slices.Sorted(maps.Keys(want))
	list := func(keep func(knownPost) bool) (posts []knownPost) {
		for _, id := range ids {
			if keep(want[id]) {
				posts = append(posts, want[id])
			}
		}
		return posts
	}
	from, limit := rapid.Uint64Range(0, 61).Draw(rt, "from"), rapid.IntRange(1, 10).Draw(rt, "limit")
	some := func(posts []knownPost) []knownPost { return posts[:min(limit, len(posts))] }
	for name, pair := range map[string][2][]knownPost{
		"each":      {slices.Collect(k.each()), list(func(knownPost) bool { return true })},
		"after":     {k.after(from, limit, false), some(list(func(p knownPost) bool { return p.ID > from && p.Mark.alive() && !p.Aside }))},
		"after all": {k.after(from, limit, true), some(list(func(p knownPost) bool { return p.ID > from }))},
		"gone":      {k.gone(limit), some(list(func(p knownPost) bool { return p.Mark == markGone }))},
	} {
		if len(pair[0])+len(pair[1]) > 0 && !slices.Equal(pair[0], pair[1]) {
			rt.Fatalf("%s: %s", name, cmp.Diff(pair[1], pair[0]))
		}
	}
	for _, id := range []uint64{from, 1, 60} {
		if got, found := k.get(id); found != (want[id].ID != 0) || found && got != want[id] {
			rt.Fatalf("get %d: %+v, want %+v", id, got, want[id])
		}
	}
	posts, forgotten := k.count()
	if posts != len(want) || forgotten != 0 || len(ids) > 0 && k.newest() != ids[len(ids)-1] {
		rt.Fatalf("%d posts, %d forgotten, newest %d", posts, forgotten, k.newest())
	}
	for i, p := range k.pages {
		if len(p.entries) > k.perPage || i > 0 && p.from <= k.pages[i-1].from {
			rt.Fatalf("page %d has %d entries from %d", i, len(p.entries), p.from)
		}
	}
}

// Only what changed is written, and the oldest are forgotten, also by the next process.
func TestKnownIsBoundedAndWritesLittle(t *testing.T) {
	d := newDrawer()
	k := load(t, d)
	k.limit, k.perPage = 100, 10
	set := func(from, to uint64) {
		for id := from; id < to; id++ {
			k.set(knownPost{ID: id << 22, Author: 7, Mark: markUp})
		}
		if err := k.save(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	set(1, 96)
	d.writes = 0
	set(96, 97)
	if d.writes > 2 {
		t.Errorf("%d writes for one more post", d.writes)
	}
	set(97, 300)
	if posts, forgotten := k.count(); posts > 100 || posts < 90 || posts+int(forgotten) != 299 || len(d.kept) > 12 {
		t.Errorf("%d posts, %d forgotten, %d cursors", posts, forgotten, len(d.kept))
	}
	set(1, 5)
	again := load(t, d.again())
	if diff := cmp.Diff(slices.Collect(k.each()), slices.Collect(again.each())); diff != "" {
		t.Error(diff)
	}
	posts, forgotten := again.count()
	if was, wasForgotten := k.count(); posts != was || forgotten != wasForgotten {
		t.Errorf("%d posts, %d forgotten", posts, forgotten)
	}
}

func TestAPostTakesLittleMemory(t *testing.T) {
	const posts = 200_000
	before := heap()
	k := load(t, newDrawer())
	for i := range uint64(posts) {
		k.set(knownPost{ID: 1 + i*1000, Author: i, Mark: markUp})
	}
	if got := float64(heap()-before) / posts; got > 40 {
		t.Errorf("a post takes %.0f bytes", got)
	}
	runtime.KeepAlive(k)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// On real servers, sealed: what one process keeps the next one has.
func TestKnownLiesInCursors(t *testing.T) {
	b, err := bustest.New(t).Conn.Bucket(t.Context(), bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	key := stateKey(t)
	k := load(t, cursor.NewShelf(b, key, Name))
	for i := range uint64(3 * pageEntries) {
		k.set(knownPost{ID: (3*pageEntries - i) << 22, Author: i % 9, Mark: markUp, Quotes: uint32(i)})
	}
	if err := k.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := load(t, cursor.NewShelf(b, key, Name))
	if !slices.Equal(slices.Collect(k.each()), slices.Collect(again.each())) {
		t.Error("another process has something else")
	}
}
