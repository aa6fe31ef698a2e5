package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

// What a channel's posts name is counted, with what it takes to get there, and read
// by another process.
func TestChannelsThatPostsNameAreProposed(t *testing.T) {
	r := newRig(t, fake.Options{})
	none, err := ReadProposals(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
	if err != nil || len(none) != 0 {
		t.Fatalf("%d channels are proposed before there is a collector: %v", len(none), err)
	}
	pier := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "pier_cards", Title: "Pier"})
	at := pier.Say("https://harbour-leaks.example/card/1")
	c := r.harbour(3)
	c.Forward("look", pier, at)
	c.Forward("look again", pier, at)
	last := c.Say("see https://t.me/bay_cards/12")
	r.start()
	r.eventually("the posts are on RAW", func() bool { return r.raw.post(c, last) != nil && r.raw.covered(c, complete, 1, last) })
	r.stop()
	got, err := ReadProposals(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := []*Proposal{
		{ID: pier.ID(), Hash: pier.AccessHash(), Name: "pier_cards", Forwards: 2, Labels: []string{"harbour"}},
		{Name: "bay_cards", Links: 1, Labels: []string{"harbour"}},
	}
	if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(Proposal{}, "FirstAt", "LastAt")); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if n := r.raw.count(pier); n != 0 {
		t.Errorf("%d posts of a channel that nobody approved were read", n)
	}
}

// A hostile channel can name as many invented ones as it likes.
func TestOneChannelDoesNotPushOutWhatOthersPropose(t *testing.T) {
	var ps proposals
	if err := ps.load(t.Context(), newRig(t, fake.Options{}).shelf()); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, label := range []string{"harbour", "pier", "bay"} {
		ps.note(label, []message.Source{{ID: 7, Why: message.SourceForward}}, now)
	}
	ps.linked("harbour", 8, now)
	for n := range proposalLimit + 200 {
		for range 4 {
			ps.note("hostile", []message.Source{{Name: fmt.Sprintf("invented_%d", n), Why: message.SourceLink}}, now)
		}
	}
	list := ps.list()
	if len(list) != proposalLimit || list[0].ID != 8 || list[1].ID != 7 {
		t.Errorf("%d are kept, and the first are %v and %v", len(list), list[0], list[1])
	}
}

// There are more handles than one cursor holds; that must not keep the others from
// being kept.
func TestProposalsFitIntoTheirCursor(t *testing.T) {
	var ps proposals
	r := newRig(t, fake.Options{})
	if err := ps.load(t.Context(), r.shelf()); err != nil {
		t.Fatal(err)
	}
	for id := range int64(proposalLimit) {
		for n := range 1 + id%3 {
			ps.note(fmt.Sprintf("a-label-of-some-length-%d", n), []message.Source{{ID: 3_000_000_000 + id, Name: "some_longer_handle_of_a_channel", Why: message.SourceForward}}, time.Now())
		}
	}
	if _, err := ps.save(t.Context(), r.shelf()); err != nil {
		t.Fatal(err)
	}
	var again proposals
	if err := again.load(t.Context(), r.shelf()); err != nil {
		t.Fatal(err)
	}
	kept := again.list()
	if len(kept) < 1000 || kept[0].Forwards != 3 {
		t.Errorf("%d are kept, the first named %d times", len(kept), kept[0].Forwards)
	}
}

// All of them are written each time, so that is done once a minute, when one
// changed, and at the end.
func TestProposalsAreWrittenOnceAMinuteAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &memory{values: map[string][]byte{}}
		a := &account{shelf: shelf.cursors(), proposals: &proposals{}, log: slog.New(slog.DiscardHandler)}
		if err := a.proposals.load(t.Context(), a.shelf); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.keepProposals(ctx) }()
		named := func(n int) { // once a second
			for range n {
				a.proposals.note("harbour", []message.Source{{ID: 3_000_000_001, Name: "pier_cards", Why: message.SourceForward}}, time.Now())
				time.Sleep(time.Second)
			}
		}
		named(600)
		if n := shelf.saved(proposalsName); n != 10 {
			t.Errorf("written %d times in ten minutes of changes", n)
		}
		time.Sleep(2 * time.Minute)
		quiet := shelf.saved(proposalsName)
		time.Sleep(24 * time.Hour)
		if n := shelf.saved(proposalsName) - quiet; n != 0 {
			t.Errorf("written %d times in a day without changes", n)
		}
		named(1)
		began := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(began) != 0 {
			t.Errorf("the end took %s: %v", time.Since(began), err)
		}
		var k kept
		if _, err := a.shelf.Load(t.Context(), proposalsName, &k); err != nil || k.Proposals[0].Forwards != 601 {
			t.Errorf("what was named last is not kept: %v, %v", k.Proposals, err)
		}
	})
}
