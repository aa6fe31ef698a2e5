package redirect

import (
	"testing"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What we refuse, and what nobody answers, is no act of a platform.
func TestTheStateOfALinkSaysWhoseActItIs(t *testing.T) {
	for _, tc := range []struct {
		result Result
		want   doxtrailv1.LinkState
	}{
		{Result{}, doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED},
		{Result{URL: "https://rb.gy/x", Outcome: Watched}, doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED},
		{Result{URL: "https://cards.example/x", Outcome: Watched, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_RESOLVED},
		{Result{URL: "https://cards.example/x", Outcome: Resolved, Hops: 2}, doxtrailv1.LinkState_LINK_STATE_RESOLVED},
		{Result{Outcome: Blocked, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_BLOCKED_BY_PLATFORM},
		{Result{Outcome: Unresolved, Reason: Gone, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_GONE},
		{Result{Outcome: Unresolved, Reason: Refused, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_REFUSED},
		{Result{Outcome: Unresolved, Reason: Guarded, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_REFUSED},
		{Result{Outcome: Unresolved, Reason: Paused, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_UNANSWERED},
		{Result{Outcome: Unresolved, Reason: Unreachable, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_UNANSWERED},
		{Result{Outcome: Unresolved, Reason: Slow, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_UNANSWERED},
		{Result{Outcome: Unresolved, Reason: Failed, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_UNRESOLVED},
		{Result{Outcome: Unresolved, Reason: Loop, Hops: 3}, doxtrailv1.LinkState_LINK_STATE_UNRESOLVED},
		{Result{Outcome: Unresolved, Reason: TooMany, Hops: 10}, doxtrailv1.LinkState_LINK_STATE_UNRESOLVED},
		{Result{Outcome: Unresolved, Reason: NoTarget, Hops: 1}, doxtrailv1.LinkState_LINK_STATE_UNRESOLVED},
	} {
		if got := tc.result.State(); got != tc.want {
			t.Errorf("%s %s after %d hops is %v, want %v", tc.result.Outcome, tc.result.Reason, tc.result.Hops, got, tc.want)
		}
	}
}
