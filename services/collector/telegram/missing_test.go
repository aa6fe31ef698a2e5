package telegram

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gotd/td/tg"
)

// marked is a channel of which nothing but marks is known.
func marked(marks map[int]mark) *channel {
	ch := newChannel(&account{cfg: Defaults(), proposals: &proposals{}, log: slog.New(slog.DiscardHandler)}, byName("harbour", "harbour_watch"))
	ch.known = &known{pages: map[int]*page{}, once: map[int]bool{}}
	for id, m := range marks {
		ch.known.set(id, m)
	}
	return ch
}

// A deletion that the tail is told and the re-poll finds a moment later is one look,
// or the real second one, hours later, would never be made.
func TestOnlyASecondLookTellsAgainWhatIsGone(t *testing.T) {
	ch := marked(map[int]mark{1: markUp, 2: markGone, 3: markDown, 4: markItem, 5: markWithheld})
	at := time.UnixMilli(1_700_000_000_000)
	for second, want := range map[bool]missing{
		false: {At: at.UnixMilli(), Gone: []int{1, 5, 6}},
		true:  {At: at.UnixMilli(), Gone: []int{1, 5, 6}, Down: []int{2}},
	} {
		if diff := cmp.Diff(ch.missed([]int{1, 2, 3, 4, 5, 6}, at, second), want); diff != "" {
			t.Errorf("second look %v (-got +want):\n%s", second, diff)
		}
	}
}

// A page of history may be older than the deletion that the tail has told.
func TestWhatIsGoneComesBackByALookAlone(t *testing.T) {
	ch := marked(map[int]mark{1: markGone, 2: markDown, 3: markWithheld, 4: markUp})
	for id := 1; id <= 5; id++ {
		ch.noted([]*tg.Message{{ID: id}}, time.Now())
	}
	for id, want := range []mark{1: markGone, 2: markDown, 3: markWithheld, 4: markUp, 5: markUp} {
		if got := ch.known.get(id); got != want {
			t.Errorf("the mark of %d is %d, want %d", id, got, want)
		}
	}
}

// What came back and goes again is new: the look that waits is none for it.
func TestASecondLookIsForgottenWhenThePostIsBack(t *testing.T) {
	ch := marked(map[int]mark{1: markGone, 2: markUp})
	ch.repoll.state.Again = []second{{1, 5}, {2, 6}}
	ch.repoll.expect(time.Now())
	if diff := cmp.Diff(ch.repoll.state.Again, []second{{1, 5}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
