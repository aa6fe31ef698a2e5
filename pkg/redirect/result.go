package redirect

import (
	"errors"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Why nothing is known of a link. None holds the link.
var (
	// ErrNotShort says that an address is not that of a link on a listed shortener.
	// Nothing was requested.
	ErrNotShort = errors.New("expand a link: it is not on a listed shortener")
	// ErrBusy says that too many links wait already. Nothing was requested, and
	// later there may be room.
	ErrBusy = errors.New("expand a link: too many wait for their turn")
	// ErrHeld says that a shortener is left alone for longer than the caller waits: it
	// wants a pause, or did not answer. It was not requested.
	ErrHeld = errors.New("expand a link: its shortener is left alone for now")
)

// Outcome is what came of a short link.
type Outcome string

// The outcomes.
const (
	// Resolved says that the target is known. It was not requested.
	Resolved Outcome = "resolved"
	// Watched says that the target is known, and on a watched host.
	Watched Outcome = "watched"
	// Blocked says that the shortener warns of the target, or withholds it for
	// legal reasons. The target is known if the warning names it.
	Blocked Outcome = "blocked_by_platform"
	// Unresolved says that the link leads nowhere, or nowhere that may be gone to.
	Unresolved Outcome = "unresolved"
)

// Reason says why a link is unresolved.
type Reason string

// The reasons. Those for which a later try may end otherwise are Later.
const (
	// Gone says that the shortener does not know the link (404, 410).
	Gone Reason = "gone"
	// Failed says that it answered with another status of no use.
	Failed Reason = "failed"
	// Paused says that it wants fewer requests, or is out of order (429, 5xx).
	Paused Reason = "paused"
	// Unreachable says that no answer came, or none that could be read.
	Unreachable Reason = "unreachable"
	// Slow says that the time was up.
	Slow Reason = "slow"
	// Guarded says that a host's name means an address that is not dialled.
	Guarded Reason = "guarded"
	// Refused says that the target is nothing that a link may lead to.
	Refused Reason = "refused"
	// Loop says that a hop leads back to one before it.
	Loop Reason = "loop"
	// TooMany says that there were more hops than are followed.
	TooMany Reason = "too_many_hops"
	// NoTarget says that the answer names no target.
	NoTarget Reason = "no_target"
)

// Later says whether a later try may end otherwise.
func (r Reason) Later() bool {
	return r == Paused || r == Unreachable || r == Slow
}

// Result is what is known of a short link.
type Result struct {
	// URL is the target, whole and in ASCII. It may name a person and belongs in
	// memory. It is empty for an unresolved link, and may be for a blocked one.
	URL     string
	Outcome Outcome
	// Reason is empty unless the outcome is Unresolved.
	Reason Reason
	// Hops is how many requests were made.
	Hops int
}

// State is the word for r that stands with the link in the tables; unspecified where
// nobody was asked.
func (r Result) State() doxtrailv1.LinkState {
	switch {
	case r.Hops == 0:
		return doxtrailv1.LinkState_LINK_STATE_UNSPECIFIED
	case r.Outcome == Blocked:
		return doxtrailv1.LinkState_LINK_STATE_BLOCKED_BY_PLATFORM
	case r.Outcome == Resolved, r.Outcome == Watched:
		return doxtrailv1.LinkState_LINK_STATE_RESOLVED
	case r.Reason == Gone:
		return doxtrailv1.LinkState_LINK_STATE_GONE
	case r.Reason == Refused, r.Reason == Guarded:
		return doxtrailv1.LinkState_LINK_STATE_REFUSED
	case r.Reason.Later():
		return doxtrailv1.LinkState_LINK_STATE_UNANSWERED
	}
	return doxtrailv1.LinkState_LINK_STATE_UNRESOLVED
}

func unresolved(why Reason) Result { return Result{Outcome: Unresolved, Reason: why} }
