package archive

import (
	"errors"
	"io/fs"
	"os"
)

// Class is a kind of fault, in plain words that can stand in a sentence. It
// never holds content.
type Class string

// Classes of a record that was rejected. Their counts add up to
// Counts.Rejected.
const (
	// ClassBrokenJSON: not JSON, or cut off.
	ClassBrokenJSON Class = "broken json"
	// ClassTooLong: a record or line of more than 16 MiB.
	ClassTooLong Class = "record too long"
	// ClassWrongType: a value that must be an object, an id or a time is
	// something else.
	ClassWrongType Class = "wrong type"
	// ClassMissingField: no id, no channel, no time.
	ClassMissingField Class = "missing field"
	// ClassBadTime: a time that cannot be read or lies outside 1970 to 2099.
	ClassBadTime Class = "bad time"
	// ClassNoTimeZone: a local time, and no zone was given.
	ClassNoTimeZone Class = "no time zone"
)

// Classes that reject no record.
const (
	// ClassPrivateChat: a chat of a Telegram export that is not read. Its
	// messages count as non-posts.
	ClassPrivateChat Class = "private chat"
	// ClassPublicGroup: a public group, which is read only if Options say so.
	// Its messages count as non-posts.
	ClassPublicGroup Class = "public group"
	// ClassConflict: a post that the file had before with other content.
	ClassConflict Class = "same id with other content"
	// ClassMendedText: bytes that are not UTF-8 were replaced.
	ClassMendedText Class = "mended text encoding"
	// ClassTruncated: the content ends in the middle.
	ClassTruncated Class = "truncated"
	// ClassBrokenOff: the structure around the records is broken, so that the
	// rest cannot be told apart.
	ClassBrokenOff Class = "broken structure"
	// ClassDamaged: packed data that cannot be unpacked further.
	ClassDamaged Class = "damaged packing"
	// ClassTooLarge: unpacks to more than a hundred times its size.
	ClassTooLarge Class = "unpacks too large"
	// ClassChanged: the file changed while it was read.
	ClassChanged Class = "changed while it was read"
)

// Classes of a body of X's API, besides ClassHTML, ClassTruncated,
// ClassTooManyEntries and those of a record.
const (
	ClassEmptyBody Class = "empty body"
	// ClassGlued: more behind the first object.
	ClassGlued Class = "several objects in one body"
)

// Classes of a file that is not read at all.
const (
	ClassEmpty         Class = "empty file"
	ClassUnknownFormat Class = "unknown format"
	// ClassOtherFormat: another format than Options names.
	ClassOtherFormat Class = "not the format that was named"
	// ClassHTML: a web page, for example a Telegram export as HTML.
	ClassHTML Class = "html page"
	// ClassUTF16: text in UTF-16, as some shells write it.
	ClassUTF16 Class = "utf-16 text"
	// ClassTwitter1: posts of Twitter's API 1.1, as the first twarc wrote them.
	ClassTwitter1 Class = "posts of the old twitter api"
	// ClassIDList: post ids only, without content.
	ClassIDList Class = "list of ids"
	// ClassNestedZip: a zip inside another, or on standard input.
	ClassNestedZip Class = "zip that cannot be read in place"
	// ClassNestedGzip: packed more than twice.
	ClassNestedGzip Class = "packed too often"
	ClassEncrypted  Class = "encrypted"
	// ClassUnsafeEntry: a zip member whose name leaves the zip.
	ClassUnsafeEntry Class = "unsafe zip member"
	// ClassTooManyEntries: a zip with more than 100,000 members.
	ClassTooManyEntries Class = "too many entries"
	// ClassTooDeep: a folder more than 32 below the one that was named.
	ClassTooDeep Class = "folders too deep"
	ClassSymlink Class = "symbolic link"
	// ClassNotRegular: a device, socket or pipe inside a folder.
	ClassNotRegular Class = "not a regular file"
	// ClassUnreadable: the system refused.
	ClassUnreadable Class = "unreadable"
)

// pathless removes the path from a system's error.
func pathless(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if se, ok := errors.AsType[*os.SyscallError](err); ok {
		return se.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}

func unreadable(ordinal int, err error) *Error {
	return &Error{Ordinal: ordinal, Class: ClassUnreadable, Err: pathless(err)}
}
