package archive

import (
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxRecord is the size of the largest record that is read, in bytes.
const maxRecord = 16 << 20

// Handler takes what Read finds, in the order of the file. An error that it
// returns ends the reading and is returned by Read as it is.
type Handler interface {
	// Look says that the place being read changed. Every post that follows was
	// seen by this look; a batch must not hold posts of two.
	Look(look Look) error
	// Channel is called before the first post of a channel, and again when
	// what the file says of it changes. Like a post, the record must not be
	// kept after the call.
	Channel(channel *doxtrailv1.RawChannel) error
	// Post takes one post. Number is its position among the records of the
	// file, from 0. The post and what it points to belong to the reader and
	// change with the next call: marshal or clone it.
	Post(number uint64, post *doxtrailv1.RawPost) error
}

// Look is one place at one time: a channel of a Telegram export, a page of a
// search. Times are milliseconds since 1970 UTC, 0 where unknown.
type Look struct {
	// Platform of all posts of the look.
	Platform doxtrailv1.Platform
	// Selection is what part of the place the source covers, as far as the
	// source tells.
	Selection doxtrailv1.Selection
	// ChannelID is the platform's id of the one channel that was read; empty
	// for a search.
	ChannelID string
	// ChannelKind belongs to ChannelID.
	ChannelKind doxtrailv1.ChannelKind
	// Query is what was asked, without paging and field lists, so that all
	// pages of one search ask the same. It may hold names.
	Query string
	// LookedAt is when the source looked.
	LookedAt int64
	// First is the number of the record the look begins with.
	First uint64
}

// Options say how files are read. The zero value is usable.
type Options struct {
	// Format is the format the files have; unspecified recognises each by its
	// content. A file that is recognised as something else is not read.
	Format doxtrailv1.ArchiveFormat
	// Groups also reads public groups of a Telegram export. Without it only
	// public channels are read. Private chats are never read.
	Groups bool
	// Zone is the time zone of Telegram exports that carry local times only.
	// Without it their messages are rejected.
	Zone *time.Location

	// maxRecord replaces the constant in tests.
	maxRecord int
}

func (o Options) recordLimit() int {
	if o.maxRecord > 0 {
		return o.maxRecord
	}
	return maxRecord
}
