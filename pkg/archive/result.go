package archive

import (
	"fmt"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Result is what reading one file came to.
type Result struct {
	// Format and Platform as recognised; unspecified for an unknown format.
	Format   doxtrailv1.ArchiveFormat
	Platform doxtrailv1.Platform
	// FileHash is the SHA-256 of the file; of standard input and of a member
	// of a zip, of the bytes read.
	FileHash [32]byte
	Counts   Counts
	// Complete is false where the file broke off or could not be read to its
	// end. Single records that were rejected do not make it incomplete.
	Complete bool
	// Faults lists what was wrong, one entry a class, in the order in which
	// the classes first occurred.
	Faults []Fault
}

// Counts are the numbers of one file. Records is always the sum of Posts,
// NonPosts, Rejected and Duplicates.
type Counts struct {
	Records uint64
	// Posts were seen for the first time in this file.
	Posts uint64
	// NonPosts are service messages, messages of chats that are not read,
	// error reports, and objects that are not posts.
	NonPosts uint64
	// Rejected could not be read; the faults say why.
	Rejected uint64
	// Duplicates repeat a post of the same file.
	Duplicates uint64
	// Conflicts are the duplicates whose content differs.
	Conflicts uint64
	// Bytes is the size of the unpacked content.
	Bytes uint64
}

// Add adds the counts of another file.
func (c *Counts) Add(other Counts) {
	c.Records += other.Records
	c.Posts += other.Posts
	c.NonPosts += other.NonPosts
	c.Rejected += other.Rejected
	c.Duplicates += other.Duplicates
	c.Conflicts += other.Conflicts
	c.Bytes += other.Bytes
}

// maxOffsets is how many places of a fault are named.
const maxOffsets = 8

// Fault is one class of fault in one file.
type Fault struct {
	Class Class
	// Count is how often it occurred.
	Count uint64
	// Offsets are the first eight places: where the record begins, in bytes of
	// the unpacked content.
	Offsets []uint64
}

// String gives the class, the number and the first place.
func (f Fault) String() string {
	if len(f.Offsets) == 0 {
		return fmt.Sprintf("%s (%d)", f.Class, f.Count)
	}
	return fmt.Sprintf("%s (%d, first at byte %d)", f.Class, f.Count, f.Offsets[0])
}

// faults collects the faults of one file.
type faults []Fault

func (fs *faults) note(class Class, offset uint64) {
	for i := range *fs {
		f := &(*fs)[i]
		if f.Class != class {
			continue
		}
		f.Count++
		if len(f.Offsets) < maxOffsets {
			f.Offsets = append(f.Offsets, offset)
		}
		return
	}
	*fs = append(*fs, Fault{Class: class, Count: 1, Offsets: []uint64{offset}})
}
