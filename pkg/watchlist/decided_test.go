package watchlist

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func approved(at int64, label, id, name string) DecidedChannel {
	return DecidedChannel{Channel: Channel{Label: label, Platform: "telegram", ID: id, Name: name, Reason: "passes cards on"}, At: at}
}

func rejected(at int64, id, name string) DecidedChannel {
	return DecidedChannel{Channel: Channel{Platform: "telegram", ID: id, Name: name, Reason: "about cooking"}, Rejected: true, At: at}
}

func TestTheFileWinsOverDecisions(t *testing.T) {
	decided := (&Decided{}).With(approved(1, "tg-1", "11", "Pier_Cards")).With(approved(2, "tg-2", "12", "")).
		With(rejected(3, "13", "")).With(rejected(4, "", "harbour_news")).With(approved(5, "mine", "14", ""))
	file := parse(t, `channels:
  - {label: pier, platform: telegram, name: "@pier_cards"}
  - {label: after-all, platform: telegram, id: 13}
  - {label: mine, platform: telegram, id: 15}
  - {label: mine-2, platform: telegram, id: 16}
`)
	want := &List{
		Channels: append(slices.Clone(file.Channels),
			Channel{Label: "tg-2", Platform: "telegram", ID: "12", Reason: "passes cards on", Decided: true},
			Channel{Label: "mine-3", Platform: "telegram", ID: "14", Reason: "passes cards on", Decided: true}),
		Rejected: []Channel{{Platform: "telegram", Name: "harbour_news", Reason: "about cooking"}},
	}
	merged := Merge(file, decided)
	if diff := cmp.Diff(merged, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err := merged.Validate(); err != nil {
		t.Error(err)
	}
	effective, _ := Next(nil, merged)
	back := effective.File()
	slices.SortFunc(back.Channels, func(a, b Channel) int { return strings.Compare(a.ID, b.ID) })
	file.Channels[0].Name = "pier_cards"
	if diff := cmp.Diff(back, file); diff != "" {
		t.Errorf("what the file said (-got +want):\n%s", diff)
	}
}

func TestALaterDecisionTakesTheEarlierOnesPlace(t *testing.T) {
	d := (&Decided{}).With(rejected(1, "", "Pier_Cards")).With(approved(2, "tg-1", "11", "pier_cards"))
	if c, ok := d.Find(Channel{Platform: "telegram", ID: "11"}); !ok || c.Rejected || len(d.Channels) != 1 {
		t.Errorf("found %t, %d decisions", ok, len(d.Channels))
	}
	if _, ok := d.Find(Channel{Platform: "telegram", ID: "12", Name: "pier_cards"}); ok {
		t.Error("a channel that took over a handle is taken for the one that had it")
	}
	if _, ok := d.Find(Channel{Platform: "twitter", ID: "11"}); ok {
		t.Error("a channel of another platform is found")
	}
}

func TestARejectionIsADecisionInTables(t *testing.T) {
	keyer := testRing(t).Keyer()
	first, _ := Next(nil, Merge(&List{}, (&Decided{}).With(rejected(1, "11", "pier_cards"))))
	second, changed := Next(first, Merge(&List{}, (&Decided{}).With(approved(2, "tg-1", "11", ""))))
	if !changed {
		t.Fatal("another decision is no change")
	}
	target := keyer.Channel(doxtrailv1.Platform_PLATFORM_TELEGRAM, "11")
	for _, want := range []struct {
		list      *Effective
		kinds     []doxtrailv1.DecisionKind
		label     string
		rejection bool
	}{
		{first, []doxtrailv1.DecisionKind{doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_REJECTED}, "", true},
		{second, []doxtrailv1.DecisionKind{doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_APPROVED, doxtrailv1.DecisionKind_DECISION_KIND_CHANNEL_REJECTED}, "tg-1", false},
	} {
		records := want.list.DecisionRecords(keyer)
		var kinds []doxtrailv1.DecisionKind
		for _, r := range records {
			kinds = append(kinds, r.GetKind())
			if key, err := privacy.KeyFromBytes(r.GetTargetKey()); err != nil || key != target || r.GetGeneration() != want.list.Generation {
				t.Errorf("generation %d: a record of another channel or generation", want.list.Generation)
			}
		}
		last := records[len(records)-1]
		if !slices.Equal(kinds, want.kinds) || records[0].GetLabel() != want.label || last.GetInForce() != want.rejection || last.HasLabel() {
			t.Errorf("generation %d: %v", want.list.Generation, kinds)
		}
	}
}

func TestDecisionsTravelSealed(t *testing.T) {
	ring := testRing(t)
	d := (&Decided{}).With(approved(1, "tg-1", "11", "pier_cards"))
	sealed, err := d.Seal(ring.StateKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{"pier_cards", "tg-1", "channels", "passes"} {
		if strings.Contains(string(sealed), clear) {
			t.Errorf("sealed decisions show %q", clear)
		}
	}
	back, err := UnsealDecided(ring.StateKey(), sealed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(back, d); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, err := UnsealDecided(testRing(t).StateKey(), sealed); !errors.Is(err, privacy.ErrSealed) {
		t.Errorf("another ring: error is %v, want ErrSealed", err)
	}
	if _, err := Unseal(ring.StateKey(), sealed); err == nil {
		t.Error("decisions are taken for a watch list")
	}
	if none, err := UnsealDecided(ring.StateKey(), nil); err != nil || len(none.Channels) != 0 {
		t.Errorf("nothing gives %v", err)
	}
	d.Channels[0].Reason = strings.Repeat("x", maxDecided)
	if _, err := d.Seal(ring.StateKey()); !errors.Is(err, errManyDecided) {
		t.Errorf("decisions that fit into no message give %v", err)
	}
}

func drawDecided(t *rapid.T) *Decided {
	d := &Decided{}
	for range rapid.IntRange(0, 5).Draw(t, "decisions") {
		id := rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(t, "id")
		at := rapid.Int64Range(1, 5).Draw(t, "at")
		if rapid.Bool().Draw(t, "rejected") {
			d = d.With(rejected(at, id, ""))
			continue
		}
		d = d.With(approved(at, rapid.SampledFrom([]string{"c1", "d2", "e"}).Draw(t, "label"), id, ""))
	}
	return drawSites(t, d)
}

func TestMergingLosesNothingAndRepeatsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file, a, b := drawList(t), drawDecided(t), drawDecided(t)
		both := a.And(b)
		if diff := cmp.Diff(b.And(a), both); diff != "" {
			t.Fatalf("it matters who adds to whom:\n%s", diff)
		}
		if diff := cmp.Diff(both.And(b), both); diff != "" {
			t.Fatalf("adding again changes something:\n%s", diff)
		}
		for _, c := range slices.Concat(a.Channels, b.Channels) {
			if now, ok := both.Find(c.Channel); !ok || now.At < c.At {
				t.Fatal("an older decision won, or one was lost")
			}
		}
		merged := Merge(file, both)
		if err := merged.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, c := range both.Channels {
			inFile := slices.ContainsFunc(file.Channels, c.Same)
			if slices.ContainsFunc(merged.Channels, c.Same) != (inFile || !c.Rejected) ||
				slices.ContainsFunc(merged.Rejected, c.Same) != (!inFile && c.Rejected) {
				t.Fatal("a decision has no effect, or one that it should not have")
			}
		}
		checkMergedSites(t, slices.Concat(a.Sites, b.Sites), both, file, merged)
		list, _ := Next(nil, merged)
		if diff := cmp.Diff(file.Signals, list.Signals); diff != "" {
			t.Fatalf("signals of the file are not in force:\n%s", diff)
		}
		if again, changed := Next(list, Merge(list.File(), both)); changed || again != list {
			t.Fatal("the list without its file is another one")
		}
	})
}
