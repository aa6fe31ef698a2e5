// Package fingerprint makes short values by which copies of a thing are found
// again without the thing itself.
//
// [Difference] is a coarse hash of a picture. It is made for the inline
// thumbnails that come with a post, some 40 pixels a side, where nothing is
// downloaded: a picture that was uploaded anew has a new media id, and often
// still the same hash.
//
// # What it says
//
// [Distance] counts the bits in which two hashes differ, from 0 to 64. Among
// forty invented pictures, copies that were scaled to 40 pixels or compressed
// again lay within 10 bits, other pictures 12 or more apart and 30 on average.
// The hash does not survive cropping, mirroring or turning.
//
// # What it cannot say
//
// It is a hint, never a finding: 64 bits of a thumbnail show where a picture is
// lighter and darker, no more. Two cards of one campaign share their layout and
// may lie as near to each other as two copies of one card, so a small distance
// means "same picture or same template", and never that two pictures show the
// same person. Cards are not joined by it and it is not counted without other
// evidence. It is no PDQ hash and is compared with none.
//
// A picture without light and dark parts has the hash 0, as has every other one
// like it: such a hash says nothing.
package fingerprint
