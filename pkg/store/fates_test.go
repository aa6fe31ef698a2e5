package store_test

import (
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// fates are what looks tell of a post of X, and whether it is stripped. It is of
// 01-01 10:00 and was last seen up at 12:00.
func fates() []struct {
	name  string
	looks []seen
	gone  bool
} {
	own := func(state doxtrailv1.ObservationState, at, vantage, source string) seen {
		return seen{post: "p", at: "01-01 " + at, state: state, vantage: vantage, source: source}
	}
	withheld := func(at, vantage string, why doxtrailv1.RestrictionKind) seen {
		return seen{post: "p", at: "01-01 " + at, state: isRestricted, vantage: vantage, why: why}
	}
	const (
		law       = doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW
		copyright = doxtrailv1.RestrictionKind_RESTRICTION_KIND_COPYRIGHT
		terms     = doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS
	)
	account := func(state doxtrailv1.ObservationState, at, source string) seen {
		return seen{at: "01-01 " + at, state: state, vantage: "a", source: source}
	}
	return []struct {
		name  string
		looks []seen
		gone  bool
	}{
		{"up", nil, false},
		{"gone-once", []seen{own(isGone, "13:00:00", "a", "")}, false},
		{"gone-twice", []seen{own(isGone, "13:00:00", "a", ""), own(isGone, "19:00:00", "a", "")}, true},
		{"private-twice", []seen{own(isPrivate, "13:00:00", "a", ""), own(isPrivate, "13:01:00", "b", "")}, true},
		{"by-compliance", []seen{own(isGone, "13:00:00", "", "compliance")}, true},
		{"withheld-somewhere", []seen{withheld("13:00:00", "de+hk", law), withheld("20:00:00", "de+hk", law)}, false},
		{"withheld-everywhere", []seen{withheld("13:00:00", "xx", law)}, true},
		{"withheld-for-copyright", []seen{withheld("13:00:00", "de+xy", copyright)}, true},
		{"withheld-by-rule", []seen{withheld("13:00:00", "a", terms)}, true},
		{"withheld-no-more", []seen{withheld("13:00:00", "a", terms), own(isUp, "14:00:00", "a", "")}, false},
		{"withheld-less", []seen{withheld("13:00:00", "xx", law), withheld("14:00:00", "de", law)}, false},
		{"came-back", []seen{own(isGone, "13:00:00", "a", "compliance"), own(isBack, "14:00:00", "a", "")}, false},
		{"account-suspended", []seen{account(isGone, "13:00:00", "compliance")}, true},
		{"account-protected", []seen{account(isPrivate, "13:00:00", ""), account(isPrivate, "20:00:00", "")}, true},
		{"account-protected-for-a-while", []seen{account(isPrivate, "13:00:00", "compliance"), account(isBack, "14:00:00", "")}, false},
	}
}

// fated is a study of X in which each fate befell a post, and two of Telegram, of
// which it is no matter.
func fated(t *testing.T) *world {
	w := newWorld(t)
	w.fated()
	return w
}

func (w *world) fated() {
	w.t.Helper()
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	for _, f := range fates() {
		w.whole(f.name, "account-of-"+f.name, twitter, 1)
		for _, look := range f.looks {
			if look.channel, look.platform = "account-of-"+f.name, twitter; look.post != "" {
				look.post = f.name
			}
			w.seen(look)
		}
	}
	w.whole("elsewhere-gone", "group", telegram, 1)
	w.seen(seen{channel: "group", post: "elsewhere-gone", at: "01-01 13:00:00", state: isGone, source: "compliance"})
	w.whole("elsewhere-restricted", "group", telegram, 1)
	w.seen(seen{channel: "group", post: "elsewhere-restricted", at: "01-01 13:00:00", state: isRestricted})
	w.insert()
}

// goes is what stripping takes of fated.
func goes() (lines []string) {
	for _, f := range fates() {
		if f.gone {
			lines = append(lines, contentOf(f.name)...)
		}
	}
	return sorted(lines)
}
