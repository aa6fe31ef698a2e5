package twitter

// mark is what is known of a post.
type mark uint8

const (
	// markNone is a post that was never seen.
	markNone mark = iota
	// markUp is a post that was there when it was last asked for.
	markUp
	// markGone is a post that was missing once, markDown one that was missing at two
	// looks far apart, or that X itself says was deleted.
	markGone
	markDown
	// markWithheld is a post that is there, but withheld somewhere.
	markWithheld
	// markPrivate is a post that its author has hidden with the account, or that was
	// hidden when the author was suspended.
	markPrivate
	// markEnd is one beyond the last.
	markEnd
)

// alive says whether the post was there when it was last asked for.
func (m mark) alive() bool { return m == markUp || m == markWithheld }

// missing says whether it could not be had.
func (m mark) missing() bool { return m == markGone || m == markDown || m == markPrivate }
