package normaliser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestOnlySoManyLinksOfAPostAreKept(t *testing.T) {
	ring := testRing(t)
	tests := map[string]struct {
		links, repeats int
		marks          []doxtrailv1.PostFlag
		want           int
		flags          []doxtrailv1.PostFlag
	}{
		"fewer":                              {links: 2, want: 2},
		"as many":                            {links: 3, want: 3},
		"as many, and one of them once more": {links: 3, repeats: 2, want: 3},
		"one more":                           {links: 4, want: 3, flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED}},
		"a flag that was there is not set twice": {
			links: 4, want: 3, marks: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED, doxtrailv1.PostFlag_POST_FLAG_SENSITIVE},
			flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED, doxtrailv1.PostFlag_POST_FLAG_SENSITIVE},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := &bench{t: t, ring: ring, keyer: ring.Keyer(), converter: newConverter(ring, effective(t, harbour), 3)}
			var text strings.Builder
			for i := range tc.links {
				fmt.Fprintf(&text, "https://harbour-leaks.example/card/%d ", i)
			}
			text.WriteString(strings.Repeat("https://harbour-leaks.example/card/0 ", tc.repeats))
			facts := b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text, r.Flags = ptr(text.String()), tc.marks }))
			if got := len(b.links()); got != tc.want || facts.links != uint64(tc.want) {
				t.Errorf("%d links, %d counted, want %d", got, facts.links, tc.want)
			}
			if diff := cmp.Diff(of[*doxtrailv1.Post](t, b.rows, bus.KindPosts)[0].GetFlags(), tc.flags); diff != "" {
				t.Errorf("flags (-got +want)\n%s", diff)
			}
		})
	}
}

// Each link of a text is compared with all that are marked, so these must not be many.
func TestOnlySoManyMarkedLinksAreLookedAt(t *testing.T) {
	ring := testRing(t)
	b := &bench{t: t, ring: ring, keyer: ring.Keyer(), converter: newConverter(ring, effective(t, harbour), 3)}
	marks := slices.Repeat([]*doxtrailv1.RawLink{marked("https://harbour-leaks.example/card/1", entity)}, 4)
	for n, capped := range map[int]bool{3: false, 4: true} {
		facts := b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text, r.Links = ptr("harbour-leaks.example/card/2"), marks[:n] }))
		if facts.linksCapped != capped || facts.links != 2 {
			t.Errorf("of %d marked links: capped %t, %d links", n, facts.linksCapped, facts.links)
		}
	}
}

// Else each later post would pay for clearing it.
func TestNoRoomIsKeptForVeryManyLinks(t *testing.T) {
	b := newBench(t, harbour)
	var text strings.Builder
	for i := range 2 * usualLinks {
		fmt.Fprintf(&text, "https://harbour-leaks.example/card/%d ", i)
	}
	b.mustPost(telegram, telegramPost(withText(text.String())))
	seen, cards := b.converter.seen, b.converter.cards
	b.converter.forget()
	b.mustPost(telegram, telegramPost(withText("https://harbour-leaks.example/card/1")))
	if len(seen) == 1 || len(cards) == 1 || cap(b.converter.found) > usualLinks {
		t.Error("the next post has the room of one with very many links")
	}
	if len(b.converter.seen) != 1 || len(b.converter.cards) != 1 {
		t.Errorf("of the next post %d links and %d cards are known", len(b.converter.seen), len(b.converter.cards))
	}
}
