package provisioner

import (
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

const talk = harbour + "channels: [{label: talk, platform: telegram, id: 5, name: harbour_talk}]\n"

func decision(label, id string, rejected bool) watchlist.DecidedChannel {
	return watchlist.DecidedChannel{Channel: watchlist.Channel{Label: label, Platform: "telegram", ID: id}, Rejected: rejected, At: 1}
}

// decide keeps decisions, as a command does.
func (s *study) decide(decisions ...watchlist.DecidedChannel) {
	s.t.Helper()
	err := Decide(within(s.t), s.server.Conn, s.ring.StateKey(), func(d *watchlist.Decided) (*watchlist.Decided, error) {
		for _, c := range decisions {
			d = d.With(c)
		}
		return d, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// watched are the labels that are listed.
func watched(list *watchlist.Effective) (labels []string) {
	for _, c := range list.Channels {
		if c.Listed {
			labels = append(labels, c.Label)
		}
	}
	slices.Sort(labels)
	return labels
}

func TestDecisionsAreAddedToTheFile(t *testing.T) {
	s := newStudy(t)
	file, none := s.provisioner(s.file, nil), s.provisioner("", nil)
	s.write(talk)
	for _, step := range []struct {
		what       string
		by         made
		do         func()
		generation uint64
		watched    []string
		rejected   int
	}{
		{"the file alone", file, func() {}, 1, []string{"talk"}, 0},
		{"approved", file, func() { s.decide(decision("tg-1", "7", false)) }, 2, []string{"talk", "tg-1"}, 0},
		{"nothing new", file, func() {}, 2, []string{"talk", "tg-1"}, 0},
		{"nothing new, without a file", none, func() {}, 2, []string{"talk", "tg-1"}, 0},
		{"approved, without a file", none, func() { s.decide(decision("tg-2", "8", false)) }, 3, []string{"talk", "tg-1", "tg-2"}, 0},
		{"rejected after all, without a file", none, func() { s.decide(decision("", "7", true)) }, 4, []string{"talk", "tg-2"}, 1},
		{"a file without channels", file, func() { s.write(harbour) }, 5, []string{"tg-2"}, 1},
		{"the file names a rejected one", file, func() {
			s.write(harbour + "channels: [{label: seven, platform: telegram, id: 7}]\n")
		}, 6, []string{"seven", "tg-2"}, 0},
	} {
		step.do()
		if got := step.by.sync(t); got != step.generation {
			t.Errorf("%s: generation %d, want %d", step.what, got, step.generation)
		}
		list, rejected := file.inForce(t), 0
		for _, r := range list.Rejected {
			if r.InForce {
				rejected++
			}
		}
		if got := watched(list); !slices.Equal(got, step.watched) || rejected != step.rejected || !listed(list.Families, "harbour-leaks") {
			t.Errorf("%s: watched are %v, and %d are rejected", step.what, got, rejected)
		}
	}
}

func TestNoDecisionIsLostToAnother(t *testing.T) {
	s := newStudy(t)
	var group errgroup.Group
	for i := range maxTries {
		conn := s.server.Connect("command")
		group.Go(func() error {
			return Decide(within(t), conn, s.ring.StateKey(), func(d *watchlist.Decided) (*watchlist.Decided, error) {
				return d.With(decision("tg-"+strconv.Itoa(i), strconv.Itoa(i), false)), nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	decided, _, err := LoadDecided(within(t), s.server.Conn, s.ring.StateKey())
	if err != nil || len(decided.Channels) != maxTries {
		t.Fatalf("%d decisions are kept, want %d: %v", len(decided.Channels), maxTries, err)
	}
}

func TestADecisionTakesEffectWhileTheServiceRuns(t *testing.T) {
	s := newStudy(t)
	s.write(talk)
	p := s.provisioner(s.file, nil)
	p.sync(t)
	seen := p.inputs(within(t), inputs{})
	if again := p.follow(within(t), seen); again != seen {
		t.Error("nothing changed, and it was dealt with")
	}
	s.decide(decision("tg-1", "7", false))
	if after := p.follow(within(t), seen); after == seen || !slices.Contains(watched(p.inForce(t)), "tg-1") {
		t.Error("a decision was not taken over")
	}
}
