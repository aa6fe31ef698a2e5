package normaliser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	stateNone       = doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED
	stateUnanswered = doxtrailv1.LinkState_LINK_STATE_UNANSWERED
	stateGone       = doxtrailv1.LinkState_LINK_STATE_GONE
	stateResolved   = doxtrailv1.LinkState_LINK_STATE_RESOLVED
	stateBlocked    = doxtrailv1.LinkState_LINK_STATE_BLOCKED_BY_PLATFORM
	byNobody        = doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE
	byCollector     = doxtrailv1.LinkExpansion_LINK_EXPANSION_RESOLVED
)

// learnt is what a collector learnt of a short link; target is empty where it is not
// known.
func learnt(short, target string, state doxtrailv1.LinkState, source doxtrailv1.LinkSource) *doxtrailv1.RawLink {
	l := doxtrailv1.RawLink_builder{Source: &source, Resolves: &short, State: &state, ExpandedBy: byCollector.Enum()}.Build()
	if target != "" {
		l.SetUrl(target)
	}
	return l
}

// stated is a link with what came of asking for it.
type stated struct {
	Link      brief
	State     doxtrailv1.LinkState
	Expanded  doxtrailv1.LinkExpansion
	Disguised bool
}

func (b *bench) stated() (list []stated) {
	b.t.Helper()
	links := b.links()
	for i, l := range of[*doxtrailv1.Link](b.t, b.rows, bus.KindLinks) {
		if !l.HasState() && l.GetState() != stateNone || l.HasState() && l.GetState() == stateNone {
			b.t.Error("nothing is said of a link's state, and something is")
		}
		list = append(list, stated{links[i], l.GetState(), l.GetExpandedBy(), len(l.GetDisguises()) > 0})
	}
	return list
}

func TestWhatBecameOfAShortLinkStandsWithItAndItsTarget(t *testing.T) {
	const site, card, at = "harbour-leaks.example", "/card/1", "https://harbour-leaks.example/card/1"
	b := newBench(t, harbour)
	short := b.brief("bit.ly", "/x", roleLink, inText)
	target := b.brief(site, card, roleLink, inText)
	tests := map[string]struct {
		text   string
		marked []*doxtrailv1.RawLink
		want   []stated
	}{
		"resolved: the short link stays, with its disguise": {
			"see hxxps://bit[.]ly/x",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", at, stateResolved, inText)},
			[]stated{{short, stateResolved, byNobody, true}, {target, stateResolved, byCollector, false}},
		},
		"blocked, and the warning names the target": {
			"bit.ly/x",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", at, stateBlocked, inText)},
			[]stated{{short, stateBlocked, byNobody, false}, {target, stateBlocked, byCollector, false}},
		},
		"gone": {
			"bit.ly/x bit.ly/y",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", "", stateGone, inText)},
			[]stated{{short, stateGone, byNobody, false}, {b.brief("bit.ly", "/y", roleLink, inText), stateNone, byNobody, false}},
		},
		"what the platform marked has it too": {
			"here",
			[]*doxtrailv1.RawLink{marked("https://bit.ly/x", textLink), learnt("https://bit.ly/x", "", stateUnanswered, textLink)},
			[]stated{{b.brief("bit.ly", "/x", roleLink, textLink), stateUnanswered, byNobody, false}},
		},
		"in two roles both have it": {
			"",
			[]*doxtrailv1.RawLink{marked("https://bit.ly/x", button), marked("https://bit.ly/x", quoted), learnt("https://bit.ly/x", "", stateGone, button)},
			[]stated{{b.brief("bit.ly", "/x", roleLink, button), stateGone, byNobody, false}, {b.brief("bit.ly", "/x", roleQuote, quoted), stateGone, byNobody, false}},
		},
		"a target that the post shows whole is the post's own": {
			"bit.ly/x " + at,
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", at, stateResolved, inText)},
			[]stated{{short, stateResolved, byNobody, false}, {target, stateNone, byNobody, false}},
		},
		"a target does not cover a link that it begins with": {
			"bit.ly/x https://harbour-leaks.example/card",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", at, stateResolved, entity)},
			[]stated{{short, stateResolved, byNobody, false}, {b.brief(site, "/card", roleLink, inText), stateNone, byNobody, false}, {b.brief(site, card, roleLink, entity), stateResolved, byCollector, false}},
		},
		"two that lead to one target": {
			"bit.ly/x bit.ly/y",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", at, stateResolved, inText), learnt("https://bit.ly/y", at, stateBlocked, inText)},
			[]stated{{short, stateResolved, byNobody, false}, {b.brief("bit.ly", "/y", roleLink, inText), stateBlocked, byNobody, false}, {target, stateBlocked, byCollector, false}},
		},
		"an archive of the target has its state": {
			"bit.ly/x",
			[]*doxtrailv1.RawLink{learnt("https://bit.ly/x", "https://web.archive.org/web/20200501000000/"+at, stateResolved, inText)},
			[]stated{
				{short, stateResolved, byNobody, false},
				{b.brief("web.archive.org", "/web/20200501000000/https:/harbour-leaks.example/card/1", roleOuter, inText), stateResolved, byCollector, false},
				{b.brief(site, card, roleInner, inText), stateResolved, byCollector, true},
			},
		},
		"an older collector's target takes the place of its short link": {
			"bit.ly/x",
			[]*doxtrailv1.RawLink{doxtrailv1.RawLink_builder{Url: ptr(at), Source: inText.Enum(), ExpandedBy: byCollector.Enum(), Replaces: ptr("bit.ly/x")}.Build()},
			[]stated{{target, stateNone, byCollector, false}},
		},
		"an address that is none tells nothing": {
			"bit.ly/x",
			[]*doxtrailv1.RawLink{learnt("mailto:fong@harbour-leaks.example", at, stateResolved, inText)},
			[]stated{{short, stateNone, byNobody, false}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Text, r.Links = &tc.text, tc.marked }))
			if diff := cmp.Diff(tc.want, b.stated()); diff != "" {
				t.Errorf("links (-want +got)\n%s", diff)
			}
		})
	}
}

// Where a text could not be read, nothing that follows from it is kept: neither its
// short links nor where they lead.
func TestOfATextThatIsUnreadNoTargetIsKept(t *testing.T) {
	b := newBench(t, harbour)
	b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
		r.Text = ptr("ดูที่นี่ bit.ly/x")
		r.Links = []*doxtrailv1.RawLink{
			marked("https://bit.ly/y", textLink), learnt("https://bit.ly/x", "https://harbour-leaks.example/card/1", stateResolved, inText),
			learnt("https://bit.ly/y", "https://harbour-leaks.example/card/2", stateResolved, textLink),
		}
	}))
	want := []stated{
		{b.brief("bit.ly", "/y", roleLink, textLink), stateResolved, byNobody, false},
		{b.brief("harbour-leaks.example", "/card/2", roleLink, textLink), stateResolved, byCollector, false},
	}
	if diff := cmp.Diff(want, b.stated()); diff != "" {
		t.Errorf("links (-want +got)\n%s", diff)
	}
}
