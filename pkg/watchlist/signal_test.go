package watchlist_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	bounty       = doxtrailv1.PostFlag_POST_FLAG_BOUNTY
	callToAction = doxtrailv1.PostFlag_POST_FLAG_CALL_TO_ACTION
)

func TestSignals(t *testing.T) {
	finder := watchlist.NewSignalFinder(watchlist.Signals{
		Bounty:       []string{"懸賞", "reward for"},
		CallToAction: []string{"起底", "Spread This"},
	})
	for text, want := range map[string][]doxtrailv1.PostFlag{
		"":                                     nil,
		"懸":                                    nil,
		"懸 賞":                                  nil,
		"賞懸":                                   nil,
		"rewards are for others":               nil,
		"今晚懸賞十萬":                               {bounty},
		"懸賞":                                   {bounty},
		"A REWARD for whoever knows":           {bounty},
		"please spread this now, 懸賞起底":         {bounty, callToAction},
		"起\u200b底":                             {callToAction},
		"r\u00adeward\u2060 for whoever knows": {bounty},
		"spread th":                            nil,
		"spread th\xffis":                      nil,
	} {
		if diff := cmp.Diff(want, finder.Find(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	if flags := watchlist.NewSignalFinder(watchlist.Signals{}).Find("懸賞"); flags != nil {
		t.Errorf("without terms there is %v", flags)
	}
}

// plainly finds signals as slowly as they are described.
func plainly(text string, terms []string) bool {
	fold := func(s string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case r > 127 && unicode.Is(unicode.Cf, r):
				return -1
			case 'A' <= r && r <= 'Z':
				return r + 'a' - 'A'
			}
			return r
		}, s)
	}
	for _, term := range terms {
		if strings.Contains(fold(text), fold(term)) {
			return true
		}
	}
	return false
}

func TestSignalsAgreeWithTheirTwin(t *testing.T) {
	letters := []rune("abAB懸賞 \u200b\u00ad\u202e")
	rapid.Check(t, func(t *rapid.T) {
		term := rapid.Custom(func(t *rapid.T) string {
			return rapid.StringOfN(rapid.SampledFrom([]rune("abAB懸賞")), 2, 4, -1).Draw(t, "term")
		})
		terms := rapid.SliceOfN(term, 1, 4).Draw(t, "terms")
		text := rapid.StringOfN(rapid.SampledFrom(letters), 0, 40, -1).Draw(t, "text")
		got := watchlist.NewSignalFinder(watchlist.Signals{Bounty: terms}).Find(text) != nil
		if want := plainly(text, terms); got != want {
			t.Fatalf("%q in %q: got %v", terms, text, got)
		}
	})
}

func TestSignalsOfAListAreChecked(t *testing.T) {
	_, err := watchlist.Parse(strings.NewReader("signals:\n  bounty: [\"\", 賞, reward]\n  call_to_action: [" + strings.Repeat("x", 300) + "]\n"))
	want := []string{"signals.bounty[0]: is empty", "signals.bounty[1]: must have", "signals.call_to_action[0]: must have"}
	for _, text := range want {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in: %v", text, err)
		}
	}
	if _, err := watchlist.Parse(strings.NewReader("signals:\n  reward: [abcd]\n")); err == nil || !strings.Contains(err.Error(), "known are bounty, call_to_action") {
		t.Errorf("an unknown signal: %v", err)
	}
}

func TestAChangedSignalBeginsANewGeneration(t *testing.T) {
	first, _ := watchlist.Next(nil, &watchlist.List{Signals: watchlist.Signals{Bounty: []string{"reward", "懸賞"}}})
	if _, changed := watchlist.Next(first, &watchlist.List{Signals: watchlist.Signals{Bounty: []string{"懸賞", "reward", "reward"}}}); changed {
		t.Error("another order is a change")
	}
	if next, changed := watchlist.Next(first, &watchlist.List{}); !changed || next.Generation != 2 {
		t.Error("terms that were taken out are no change")
	}
}

func BenchmarkSignals(b *testing.B) {
	text := strings.Repeat("今晚大家去邊度食飯，聽日再講啦 and some words 12:30 ", 16)[:1000]
	finder := watchlist.NewSignalFinder(watchlist.Signals{Bounty: []string{"懸賞", "獎金", "reward for", "bounty on"}, CallToAction: []string{"起底", "人肉", "廣傳", "spread this", "share widely"}})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		finder.Find(text)
	}
}
