// Package shortlink asks where the short links of posts lead that a live collector
// read, and sends the posts to RAW once more with what it learnt.
//
//	queue, err := shortlink.New(cfg.Redirects, shortlink.Deps{Gate: turns, Lists: lists, ...})
//	queue.Want(haul, source)  // what RAW has just confirmed; never blocks
//	err = queue.Run(ctx)      // until ctx ends
//
// No post waits for a shortener: it is on RAW, with its short links, before anybody is
// asked. What comes again is the same post with a RawLink for each short link: its
// state, and its target where one was told. The short link stays beside it.
//
// A collector that has it off has a nil Queue, which wants nothing. Imports never
// have one: an archive is believed.
//
// # Limits
//
// What waits is in memory and is forgotten when the process ends; the posts are there,
// with short links of which nothing is known. Beyond 256 posts, 20 links a post and
// 16 KiB of addresses a post, nothing is asked. What was learnt of a link is believed
// for a day. Two collectors of one process ask each at its own pace.
//
// Texts and addresses stand in clear in the memory of the process. Errors and metrics
// hold no part of them.
package shortlink
