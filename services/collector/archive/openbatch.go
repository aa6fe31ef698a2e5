package archive

import (
	"sort"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxBatchBytes is the size at which a batch is cut in two. A stretch of posts
// of a kilobyte stays whole; with the largest record on top a batch is still
// well below the server's largest message.
const maxBatchBytes = bus.BatchBytes + bus.MaxRecordBytes/2

// openBatch is a batch that is being filled. It keeps its posts encoded and
// apart, because only their sizes tell where it is to be cut.
type openBatch struct {
	look archive.Look
	cell cell
	// after is where the last cell of the place ended.
	after   uint64
	posts   []openPost
	encoded []byte
}

// openPost is one post of an open batch.
type openPost struct {
	number uint64
	first  uint64 // the first record it accounts for
	end    int    // where its bytes end
	// lookedAt is when it was looked at, 0 where unknown.
	lookedAt int64
}

// add encodes a post into the batch, or gives bus.ErrRecordTooLarge.
func (o *openBatch) add(look archive.Look, number, first uint64, post *doxtrailv1.RawPost) error {
	start := len(o.encoded)
	encoded, err := proto.MarshalOptions{}.MarshalAppend(o.encoded, post)
	if err != nil {
		return err
	}
	if len(encoded)-start > bus.MaxRecordBytes {
		if cap(encoded) <= 2*maxBatchBytes { // else let go of what one huge post took
			o.encoded = encoded[:start]
		}
		return bus.ErrRecordTooLarge
	}
	o.encoded = encoded
	o.look = look
	o.posts = append(o.posts, openPost{number: number, first: first, end: len(encoded), lookedAt: look.LookedAt})
	return nil
}

// endsBefore says whether a post lies beyond the cell, or is the first of all.
func (o *openBatch) endsBefore(number uint64) bool { return number >= o.cell.to }

// begin opens the cell of a post, when all posts before it are gone. Places are
// apart, and need no cells to be: another place begins anew.
func (o *openBatch) begin(number uint64, elsewhere bool) {
	o.after = o.cell.to
	if elsewhere {
		o.after = 0
	}
	o.cell = cellOf(number, o.after)
}

// excess halves the cell for as long as the batch is larger than a limit, and
// gives how many posts are to go: those of the lower half, where it has some.
func (o *openBatch) excess(limit int) int {
	for len(o.encoded) > limit && len(o.posts) > 1 {
		last := o.posts[len(o.posts)-1].number
		middle := o.cell.middle()
		below := o.below(middle)
		o.cell = o.cell.half(last)
		if below > 0 && last >= middle {
			return below
		}
	}
	return 0
}

// below is how many posts have a number below one.
func (o *openBatch) below(number uint64) int {
	return sort.Search(len(o.posts), func(i int) bool { return o.posts[i].number >= number })
}

// coveredBy says whether each of the first n posts is covered.
func (o *openBatch) coveredBy(c *Covered, n int) bool {
	if len(c.Ranges) == 0 {
		return false
	}
	for _, p := range o.posts[:n] {
		if !c.holds(p.number) {
			return false
		}
	}
	return true
}

// move puts the first n posts into a builder and says where they were read and
// which records they account for.
func (o *openBatch) move(n int, to *bus.Builder) (look archive.Look, of Range, err error) {
	look, of = o.look, Range{o.posts[0].first, o.posts[n-1].number + 1}
	look.LookedAt = 0
	start := 0
	for _, p := range o.posts[:n] {
		if err := to.AddEncoded(o.encoded[start:p.end]); err != nil {
			return look, of, err
		}
		start = p.end
		look.LookedAt = max(look.LookedAt, p.lookedAt)
	}
	o.drop(n)
	return look, of, nil
}

// drop forgets the first n posts.
func (o *openBatch) drop(n int) {
	cut := o.posts[n-1].end
	o.encoded = o.encoded[:copy(o.encoded, o.encoded[cut:])]
	o.posts = o.posts[:copy(o.posts, o.posts[n:])]
	for i := range o.posts {
		o.posts[i].end -= cut
	}
}
