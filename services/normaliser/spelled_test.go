package normaliser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestASpelledLinkOfAWatchedFamilyBecomesARow(t *testing.T) {
	b := newBench(t, harbour)
	const card = "/card/1"
	lookalike, err := cardlink.Canonicalise("https://hаrbour-leaks.org")
	if err != nil {
		t.Fatal(err)
	}
	spelled := func(host string) []brief { return []brief{b.brief(host, card, roleLink, inText)} }
	for text, want := range map[string][]brief{
		"see harbour-leaks dot example/card/1":   spelled("harbour-leaks.example"),
		"請看harbour-leaks點example/card/1 謝謝":      spelled("harbour-leaks.example"),
		"a mirror: HarbourLeaks · org/card/1":    nil,
		"a mirror: HarbourLeaks·org/card/1":      spelled("harbourleaks.org"),
		"a mirror: hаrbour-leaks.org/card/1":     spelled(lookalike.Host),
		"of no family: quay-cards dot example/1": nil,
		"of no family: quаy.org/card/1":          nil,
		// The site is listed as a host, so its label is that of others too.
		"pier dot example/card/1": nil,
		"the harbour. is it open": nil,
	} {
		b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text = &text }))
		if diff := cmp.Diff(b.links(), want); diff != "" {
			t.Errorf("%q (-got +want):\n%s", text, diff)
		}
	}
}

func TestASpelledLinkSaysHowItWasSpelled(t *testing.T) {
	b := newBench(t, harbour)
	text := "harbour-leaks dot example/card/1"
	b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text = &text }))
	links := of[*doxtrailv1.Link](t, b.rows, bus.KindLinks)
	if len(links) != 1 {
		t.Fatalf("%d links, want 1", len(links))
	}
	want := []doxtrailv1.LinkDisguise{doxtrailv1.LinkDisguise_LINK_DISGUISE_SPACED_DOT}
	if diff := cmp.Diff(links[0].GetDisguises(), want); diff != "" {
		t.Errorf("disguises (-got +want):\n%s", diff)
	}
}
