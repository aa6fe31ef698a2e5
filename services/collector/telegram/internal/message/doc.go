// Package message turns a message of Telegram, as gotd decodes it, into the raw
// post that goes to the normaliser, and reads the few other things that a
// collector needs of one: its counters, its restrictions, the channels it names.
// It is pure: no network, no clock, no state.
//
// # What is kept
//
// Ids of the channel, the post, the other items of its album and its files ·
// times · the text, with that of a poll, a list of tasks and rich blocks, since
// all of it is what the post says · links, each with the place it stood in · what
// the post passes on: forwards and replies, by channel and post · kinds and sizes
// of files, and a coarse hash of a picture's inline thumbnail · counters · how
// often Telegram itself marked a phone number, mail address, bank card, contact
// or place, never the value.
//
// A post that is read here and the same post in an export by Telegram Desktop,
// which pkg/archive reads, become the same facts. What an export lacks comes on
// top: the original post of a forward, views, previews, quotes, polls.
//
// # What is not kept
//
// Names of people, wherever Telegram writes them: the hidden sender of a forward,
// an author's signature, a contact, who is mentioned. Ids of people, but for the
// author inside a group that a person approved ([Channel].Kind); of a person whose
// message is forwarded only that it was a person. Which bot a post was written
// through. File names, mime types, titles and descriptions of previews, labels of
// buttons, platforms and texts of restrictions. Mentions and hashtags stay in the
// text, where the normaliser sees them.
//
// # Bounds
//
// A post whose text, links or parts exceed the bounds in draft.go is cut and
// flagged, so that its record stays below 256 KiB whatever comes. Strings that are
// not UTF-8 are mended.
package message
