package message

import (
	"slices"
	"strings"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Restrictions translates the reasons for which Telegram withholds a post or a
// channel, each kind once, ascending; nil if there are none. The platforms that
// are meant and the texts that users are shown are not kept.
func Restrictions(reasons []tg.RestrictionReason) []doxtrailv1.RestrictionKind {
	var kinds []doxtrailv1.RestrictionKind
	for _, reason := range reasons {
		kinds = append(kinds, restrictionOf(reason.Reason))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// restrictionOf translates one reason. Telegram documents no list of them and
// spells some in several ways (porn, porno, pornography), so a part will do.
func restrictionOf(reason string) doxtrailv1.RestrictionKind {
	reason = strings.ToLower(reason)
	for _, known := range [...]struct {
		part string
		kind doxtrailv1.RestrictionKind
	}{
		{"terms", doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS},
		{"copyright", doxtrailv1.RestrictionKind_RESTRICTION_KIND_COPYRIGHT},
		{"dmca", doxtrailv1.RestrictionKind_RESTRICTION_KIND_COPYRIGHT},
		{"porn", doxtrailv1.RestrictionKind_RESTRICTION_KIND_PORNOGRAPHY},
		{"violence", doxtrailv1.RestrictionKind_RESTRICTION_KIND_VIOLENCE},
		{"sensitive", doxtrailv1.RestrictionKind_RESTRICTION_KIND_SENSITIVE},
		{"law", doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW},
	} {
		if strings.Contains(reason, known.part) {
			return known.kind
		}
	}
	return doxtrailv1.RestrictionKind_RESTRICTION_KIND_OTHER
}
