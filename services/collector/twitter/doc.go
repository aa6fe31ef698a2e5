// Package twitter is the service that follows what X shows of watched sites and
// accounts, and puts what it sees on RAW, sealed.
//
// One process follows one app, whose legs share its rates and its budget: the
// stream takes what is posted, search closes the stream's gaps and reads history,
// timelines are read for watched accounts, shares are asked for where counters say
// that there are new ones, and posts that are known are asked for again. Where each
// of them stopped is kept, sealed, in the bucket CURSORS; a leg moves on only when
// RAW has confirmed what it read, so a process that is killed reads a little twice
// and loses nothing.
//
// Everything that X charges for is noted in BUDGETS before it is asked for, so a
// process that is killed counts too much and never too little ([Meter]). What of X's
// words is told to status, log and metrics is a kind of fault and never content.
//
// Limits: search shows no reposts and not what X withholds; posts whose links X
// flags may be missing everywhere. What was posted and deleted while the stream was
// away was never there.
package twitter
