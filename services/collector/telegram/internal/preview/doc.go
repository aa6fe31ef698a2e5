// Package preview reads the public web preview of Telegram channels,
// t.me/s/NAME: what anybody sees in a browser, without an account. It is the
// second vantage point for the question whether a post is still up, and a
// source of posts where no account exists.
//
// A page lists up to twenty posts with their text, links, the post they were
// forwarded from and rounded counters. It has no deletions, no time of an edit
// and no ids of files, and a channel that is restricted has none at all: that a
// preview is absent is never a takedown.
//
// Names of persons stand on a page too: signatures, authors of what was
// forwarded or replied to, answers of polls. None of them is read. No error
// holds content, a name or an address.
package preview
