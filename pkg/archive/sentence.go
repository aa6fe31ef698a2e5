package archive

import (
	"fmt"
	"slices"
	"strings"
)

// Error says that one file cannot be read. It names the file by its position
// in the call and holds neither its name nor its content.
type Error struct {
	// Ordinal is the file's position in the call, from 1.
	Ordinal int
	// Offset is a byte offset in the unpacked content.
	Offset uint64
	Class  Class
	// Err is the system's error without a path, if there is one.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return "read " + e.Sentence() }

// Unwrap gives the system's error.
func (e *Error) Unwrap() error { return e.Err }

// Sentence says where, what and what to do, for the operator.
func (e *Error) Sentence() string {
	s := fmt.Sprintf("file %d at byte %d: %s", e.Ordinal, e.Offset, e.Class)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if advice := e.Class.advice(); advice != "" {
		s += ": " + advice
	}
	return s
}

// Lost says whether something was left out because of the fault.
func (f Fault) Lost() bool { return f.Class != ClassMendedText && f.Class != ClassConflict }

// mostPlaces is how many places of a fault a sentence names.
const mostPlaces = 4

// Sentence says where, how often, what and what to do, for the operator.
// Ordinal is the file's position in the call.
func (f Fault) Sentence(ordinal int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "file %d%s: %s", ordinal, places(f.Offsets), f.Class)
	if noun := f.Class.noun(); noun != "" {
		if f.Count != 1 {
			noun += "s"
		}
		fmt.Fprintf(&s, " (%d %s)", f.Count, noun)
	}
	if advice := f.Class.advice(); advice != "" {
		s.WriteString(": " + advice)
	}
	return s.String()
}

// places lists offsets: several records of one line have the same.
func places(offsets []uint64) string {
	offsets = slices.Compact(slices.Clone(offsets))
	var s strings.Builder
	for i, offset := range offsets[:min(len(offsets), mostPlaces)] {
		switch {
		case i > 0:
			s.WriteString(",")
		case len(offsets) > 1:
			s.WriteString(" at bytes")
		default:
			s.WriteString(" at byte")
		}
		fmt.Fprintf(&s, " %d", offset)
	}
	if len(offsets) > mostPlaces {
		s.WriteString(", ...")
	}
	return s.String()
}

// noun is what a class counts, or nothing for one that a file has once.
func (c Class) noun() string {
	switch c {
	case ClassBrokenJSON, ClassTooLong, ClassWrongType, ClassMissingField, ClassBadTime, ClassNoTimeZone:
		return "record"
	case ClassPrivateChat:
		return "chat"
	case ClassPublicGroup:
		return "group"
	case ClassMendedText, ClassConflict:
		return "post"
	default:
		return ""
	}
}

// advice says what the class means and what an operator can do, where that is
// not plain from its name.
func (c Class) advice() string {
	switch c {
	case ClassBrokenJSON:
		return "the others were read; copy or export the file again"
	case ClassTooLong:
		return "a record may have 16 MiB; the others were read"
	case ClassWrongType:
		return "a record must be an object and its id a number; the others were read"
	case ClassMissingField:
		return "a post needs an id, a time and a channel or author; the others were read"
	case ClassBadTime:
		return "a time must lie between 1970 and 2099; the others were read"
	case ClassNoTimeZone:
		return "set collector_archive.zone to that of the computer which made the export, such as Asia/Hong_Kong"
	case ClassPrivateChat:
		return "left out on purpose: only public channels are read, and public groups where collector_archive.groups is true"
	case ClassPublicGroup:
		return "left out: collector_archive.groups: true reads public groups too"
	case ClassMendedText:
		return "what is not UTF-8 was replaced; nothing was left out"
	case ClassConflict:
		return "the latest edit is kept"
	default:
		return c.fileAdvice()
	}
}

// fileAdvice is the advice for what concerns a whole file.
func (c Class) fileAdvice() string {
	switch c {
	case ClassTruncated:
		return "it ends in the middle; what comes before was read; copy or export it again"
	case ClassBrokenOff:
		return "the rest was not read, because which chat it belongs to cannot be told; export it again"
	case ClassDamaged:
		return "it cannot be unpacked from there on; copy or download it again"
	case ClassTooLarge:
		return "more than a hundred times its packed size; if you trust it, unpack it yourself and name what comes out"
	case ClassChanged:
		return "import it again when nothing writes to it any more"
	case ClassEmpty:
		return "copy or export it again"
	case ClassUnknownFormat:
		return "neither a Telegram Desktop result.json nor twarc2 JSON lines; tables, mails and other exports are not read"
	case ClassOtherFormat:
		return "leave --format out, or name the files of each format in a call of their own"
	case ClassHTML:
		return "export from Telegram Desktop again, as machine-readable JSON"
	case ClassUTF16:
		return "convert it to UTF-8"
	case ClassTwitter1:
		return "collect the posts again with twarc2, by their ids"
	case ClassIDList:
		return "ids without posts must be hydrated first"
	case ClassNestedZip, ClassNestedGzip, ClassTooManyEntries:
		return "unpack it and name the folder"
	case ClassTooDeep:
		return "name a folder further down"
	case ClassEncrypted:
		return "unpack it with its password and name what comes out"
	case ClassUnsafeEntry:
		return "its name leads out of the zip; take care with where this zip came from"
	case ClassSymlink:
		return "name the file itself"
	case ClassNotRegular:
		return "a device, socket or pipe inside a folder is not read"
	default:
		return ""
	}
}
