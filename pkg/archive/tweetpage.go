package archive

import (
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// TweetPage is what one body of X's API holds, in either spelling: a page of
// posts or of profiles, or one message of a stream. All of it belongs to the
// caller. It holds text and names, and is for memory only.
type TweetPage struct {
	// Posts are those that were asked for, in the order of the body.
	Posts []TweetPost
	// Included are the posts that those refer to, less what repeats one of Posts.
	Included []TweetPost
	// Channels are the authors of Posts and Included whom the body describes,
	// once each.
	Channels []*doxtrailv1.RawChannel
	// Accounts are the profiles that were asked for, and the same authors. Who
	// is only mentioned is in neither.
	Accounts []TweetAccount
	// Problems are what could not be had, of things that were asked for or that
	// they refer to.
	Problems []TweetProblem
	// Rules are those of the stream that the post matched.
	Rules []TweetRule
	Meta  TweetMeta
	// Others counts entries that are neither posts nor profiles.
	Others int
	// Rejected counts entries that cannot be read. Faults has their classes, one
	// each, and ClassMendedText once for each post whose text was mended.
	Rejected int
	Faults   []Class
	// Disconnect is why a stream ended, in the documented spelling of
	// disconnect_type and connection_issue, or ProblemOther where the body says
	// so in other words. It is empty where there is data, and where all that is
	// wrong is in Problems.
	Disconnect string
}

// TweetPost is one version of one post.
type TweetPost struct {
	// Raw is the post. Its id is the id of the first version; its edited_at is
	// the time of this one. A repost has the text and links of its original, and
	// no counters but the author's audience.
	Raw *doxtrailv1.RawPost
	// ID is the id of this version.
	ID string
	// VersionIDs are the ids of the post's versions, first to last; ID alone where
	// the body does not say.
	VersionIDs []string
	// Reposts and Quotes are counters as they were served, also with a repost,
	// where they are the original's; -1 where unknown.
	Reposts, Quotes int64
	// Withheld are the codes of the countries where the post is not shown, two
	// capital letters each; WithheldScope is post, user or other, and empty where
	// the body does not say; Copyright says that a complaint about copyright is
	// why.
	Withheld      []string
	WithheldScope string
	Copyright     bool
	// Original is the id of the post that a repost passes on; else empty.
	Original string
}

// TweetAccount is what a body says of an account.
type TweetAccount struct {
	// ID is the account's number, Name its handle.
	ID, Name string
	// CreatedAt is in milliseconds since 1970 UTC, 0 where unknown.
	CreatedAt int64
	// Followers is -1 where unknown.
	Followers int64
	Protected bool
	// Withheld are the codes of the countries where the account is not shown.
	Withheld []string
}

// TweetProblem is something that could not be had. All but ResourceID are words
// of fixed lists, so that they may be counted and logged.
type TweetProblem struct {
	// Kind is the last segment of the problem's type; ProblemOther where the
	// documentation does not have it, empty where there is none.
	Kind string
	// ResourceType is post, user, media, place, poll or other; or empty.
	ResourceType string
	// ResourceID is what was asked for: an id, or a handle, which is never logged.
	ResourceID string
	// Parameter is what part of the question named it, in the newer spelling:
	// ids, usernames, referenced_posts.id and so on, or other.
	Parameter string
}

// TweetRule is a rule of the stream that a post matched.
type TweetRule struct {
	ID, Tag string
}

// TweetMeta is what a page says of itself.
type TweetMeta struct {
	NewestID, OldestID, NextToken string
	// Count is the number of results; -1 where the body does not say.
	Count int
}

// BodyError says why a body cannot be read to its end. It holds no content.
type BodyError struct {
	Class Class
}

// Error implements error.
func (e *BodyError) Error() string { return "read body: " + string(e.Class) }

// TweetTime gives the time that the id of a post carries, to the millisecond; ids
// from before November 2010 carry none.
func TweetTime(id string) (at time.Time, ok bool) {
	ms, ok := snowflakeStamp([]byte(id))
	return time.UnixMilli(ms).UTC(), ok
}
