package look

import (
	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Asked says whether a problem is with something that was asked for, and not with
// what that refers to: a quoted post that is gone says nothing of the quoting one.
func Asked(p archive.TweetProblem) bool {
	switch p.Parameter {
	case "id", "ids", "username", "usernames":
		return true
	default:
		return false
	}
}

// Problem is a look at a post, or at an account where postID is empty, that came
// back as a problem. Other problems than those with a meaning give nothing: ask
// again.
func (l Look) Problem(p archive.TweetProblem, channelID, postID string) (*doxtrailv1.RawObservation, bool) {
	switch p.Kind {
	case archive.ProblemNotFound:
		return l.Observation(channelID, postID, Gone, nil), true
	case archive.ProblemNotAuthorised:
		return l.Observation(channelID, postID, Private, nil), true
	case archive.ProblemDisallowed:
		o := l.Observation(channelID, postID, Restricted, nil)
		o.SetRestrictions([]doxtrailv1.RestrictionKind{terms})
		return o, true
	default:
		return nil, false
	}
}
