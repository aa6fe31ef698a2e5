// Package cursor keeps where a collector stopped: what it must know to go on
// after a restart without reading again and without leaving anything out.
//
//	shelf := cursor.NewShelf(bucket, ring.StateKey(), "collector-telegram")
//	found, err := shelf.Load(ctx, "channel/4711", &place)
//	err = shelf.Save(ctx, "channel/4711", place)
//
// A cursor is sealed with the key ring's state key and lies in the bucket
// CURSORS under `<collector>.<32 hexadecimal digits>`. Neither its name nor its
// value stands there in clear, and it opens only under the key it was written
// under, so that two of them cannot be exchanged unseen.
//
// Each collector has one holder at a time, by its lease. Should there be two all
// the same, the one that wrote less recently gets [ErrStolen] instead of
// overwriting what the other has done. A write whose answer was lost is known
// again by its bytes, so a server that was away does not make the holder a
// stranger to itself.
package cursor
