// Package privacy holds what keeps doxtrail from becoming a store of what it
// follows: the key ring, keyed ids, sealing, and the scrubbing of logs.
//
// # What it is for
//
// A [Ring] is a folder of secrets outside the data folder. Its [Keyer] turns
// the clear name of a channel, post, host or path into a [Key] of 128 bits that
// joins like the name but cannot be turned back without the ring. [Seal] closes
// a batch to a public key, so that collectors can write what only the
// normaliser can read; [LocatorBatch] does the same for what finds a post again
// and only the custodian may read. [NewLogHandler], [Scrub] and [ScrubError]
// stand at the choke points where text leaves the process, and [Sensitive]
// marks a string that must not.
//
// # How it is used
//
//	ring, err := privacy.OpenRing(dir)
//	keyer := ring.Keyer() // one per goroutine
//	key := keyer.Host("cards.example")
//
// # Limits
//
// A keyed id is a pseudonym: whoever holds the ring can test a guess. The
// secrets lie on disk unencrypted, guarded by file modes alone. Overwriting a
// destroyed key reaches the blocks it stood in on a plain file system; on a
// copy-on-write or wear-levelling device an old copy may stay. Scrubbing knows
// shapes (addresses, handles, numbers, Chinese text), not names: a romanised
// name in plain words passes, so nothing of a post may ever be given to a log.
// The ring needs a Unix file system (modes, flock).
package privacy
