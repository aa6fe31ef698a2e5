package provisioner

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

func listed(families []watchlist.EffectiveFamily, label string) bool {
	return slices.ContainsFunc(families, func(f watchlist.EffectiveFamily) bool { return f.Label == label && f.Listed })
}

func TestAChangedFileIsTheNextGeneration(t *testing.T) {
	s := newStudy(t)
	p := s.provisioner(s.file, nil)
	if list := p.inForce(t); list != nil {
		t.Fatalf("generation %d before there is a list", list.Generation)
	}
	steps := []struct {
		what, text string
		want       uint64
	}{
		{"the first list", harbour, 1},
		{"the same list", harbour, 1},
		{"the same list, written in another way", "# a comment\n" + harbour, 1},
		{"another list", pier, 2},
		{"the first list again", harbour, 3},
		{"a file with nothing in it", "", 4},
	}
	for _, step := range steps {
		s.write(step.text)
		if got := p.sync(t); got != step.want {
			t.Errorf("%s: generation %d, want %d", step.what, got, step.want)
		}
		if got := p.inForce(t).Generation; got != step.want {
			t.Errorf("%s: generation %d is in force, want %d", step.what, got, step.want)
		}
		if got := p.metric(t, "watchlist_generation"); got != float64(step.want) {
			t.Errorf("%s: the metric says %v", step.what, got)
		}
	}
	families := p.inForce(t).Families
	if len(families) != 2 || listed(families, "harbour-leaks") || listed(families, "pier-cards") {
		t.Error("what was taken off is listed, or forgotten")
	}
}

func TestOfCallsAtOnceOnePublishes(t *testing.T) {
	s := newStudy(t)
	const processes, calls = 4, 4
	var all []made
	for range processes {
		all = append(all, s.provisioner(s.file, nil))
	}
	for round, text := range []string{harbour, pier} {
		s.write(text)
		got := make([]uint64, processes*calls)
		var group errgroup.Group
		for i := range got {
			group.Go(func() (err error) {
				got[i], err = all[i%processes].SyncWatchlist(within(t))
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		for _, generation := range got {
			if generation != uint64(round+1) {
				t.Errorf("round %d: a call returned generation %d", round+1, generation)
			}
		}
		if list := all[0].inForce(t); list.Generation != uint64(round+1) {
			t.Errorf("round %d: generation %d is in force", round+1, list.Generation)
		}
	}
}

func TestAFaultyFileKeepsTheListInForce(t *testing.T) {
	s := newStudy(t)
	p := s.provisioner(s.file, nil)
	s.write(harbour)
	p.sync(t)
	before := p.inForce(t)
	for name, spoil := range map[string]func(){
		"faulty":    func() { s.write(faulty) },
		"not there": func() { _ = os.Remove(s.file) },
	} {
		spoil()
		if _, err := p.SyncWatchlist(within(t)); err == nil {
			t.Errorf("a file that is %s is taken", name)
		}
		if diff := cmp.Diff(p.inForce(t), before); diff != "" {
			t.Errorf("a file that is %s changed the list (-got +want)\n%s", name, diff)
		}
	}
}

func TestACommandWithoutAFile(t *testing.T) {
	s := newStudy(t)
	none := s.provisioner("", nil)
	if got := none.sync(t); got != 1 {
		t.Errorf("generation %d, want a first, empty list", got)
	}
	if got := none.sync(t); got != 1 {
		t.Errorf("generation %d after doing it again", got)
	}
	s.write(harbour)
	p := s.provisioner(s.file, nil)
	p.sync(t)
	if got := none.sync(t); got != 2 || !listed(p.inForce(t).Families, "harbour-leaks") {
		t.Error("a command that was given no file emptied the list")
	}
}

func TestNewRulesAreANewGenerationWithoutAFileToo(t *testing.T) {
	s := newStudy(t)
	bucket, err := s.server.Conn.Watchlist(within(t))
	if err != nil {
		t.Fatal(err)
	}
	older := &watchlist.Effective{Generation: 5, RulesVersion: watchlist.RulesVersion - 1}
	sealed, err := older.Seal(s.ring.StateKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.Store(within(t), bus.Published{}, 5, sealed); err != nil {
		t.Fatal(err)
	}
	if got := s.provisioner("", nil).sync(t); got != 6 {
		t.Errorf("generation %d, want 6", got)
	}
}

func TestABusThatIsAwayIsNoFaultOfTheFile(t *testing.T) {
	s := newStudy(t)
	s.write(harbour)
	p := s.provisioner(s.file, nil)
	if err := p.deps.Conn.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	before := inputs{size: 1}
	if got := p.follow(within(t), before); got != before {
		t.Error("the change of the file is taken for dealt with")
	}
	if got := p.metric(t, "watchlist_faults_total"); got != 0 {
		t.Errorf("%v faults of the file were counted", got)
	}
}
