package normaliser

import (
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/privacy/kinds"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Faults of a raw record that no second try can mend. Their texts are the
// classes under which FAILED lists them.
var (
	errUndecodable = errors.New("undecodable")
	errNoPostID    = errors.New("no_post_id")
	errNoChannel   = errors.New("no_channel")
	errNoTime      = errors.New("no_posted_at")
	// errTooLarge is a post whose row would be larger than a record may be.
	errTooLarge = errors.New("too_large")
	// errKind is a record of a kind that this version does not normalise.
	errKind = errors.New("unknown_kind")
)

// rows takes the records that a converter makes, encoded. The bytes are good
// only until add returns.
type rows interface {
	add(kind bus.Kind, platform doxtrailv1.Platform, record []byte)
}

// converter turns raw records into text-free, keyed ones. It is the only place
// where a key is made from a name, an id or a link. One belongs to one
// goroutine: keyer and finder reuse their buffers, and so does encode.
type converter struct {
	keyer    *privacy.Keyer
	finder   *cardlink.Finder
	matcher  *watchlist.Matcher
	maxLinks int
	// recogniser finds kinds of personal data, signals what the watch list marks.
	recogniser *kinds.Recogniser
	signals    *watchlist.SignalFinder
	// generation counts changes of the effective watch list and of the rules
	// here; it stands in every row.
	generation uint64
	// locators is nil where none are kept.
	locators *locators

	// tombstones are of what was erased; nil where nothing was.
	tombstones *privacy.TombstoneSet

	// Of the post in hand: the links found in it, what a collector learnt of short
	// ones, those that became rows, and the cards among them.
	found    []cardlink.Link
	resolved []resolution
	spans    []kinds.Span
	seen     map[linkIdentity]struct{}
	cards    map[cardIdentity]struct{}
	buf      []byte
}

func newConverter(ring *privacy.Ring, effective *watchlist.Effective, maxLinks int) *converter {
	keyer := ring.Keyer()
	return &converter{
		keyer:      keyer,
		finder:     cardlink.NewWatching(effective.Labels()),
		matcher:    watchlist.NewMatcher(effective, keyer),
		maxLinks:   maxLinks,
		recogniser: kinds.New(),
		signals:    watchlist.NewSignalFinder(effective.Signals),
		generation: effective.Generation,
		seen:       map[linkIdentity]struct{}{},
		cards:      map[cardIdentity]struct{}{},
	}
}

// usualLinks is how many links of a post the converter keeps room for. Room is cleared
// whole, so that one post with thousands would make all later ones dear.
const usualLinks = 64

// emptied gives a map without what is in it, and not with room for many more than usual.
func emptied[K comparable](set map[K]struct{}) map[K]struct{} {
	if len(set) > usualLinks {
		return map[K]struct{}{}
	}
	clear(set)
	return set
}

// forget ends a delivery: it lets go of the links of its last post, which would
// otherwise stay in memory until the next one, and of its locators, whose number it
// gives.
func (c *converter) forget() (locators uint64) {
	clear(c.found[:cap(c.found)])
	clear(c.resolved[:cap(c.resolved)])
	if cap(c.found) > usualLinks {
		c.found = nil
	}
	if cap(c.resolved) > usualLinks {
		c.resolved = nil
	}
	if c.locators == nil {
		return 0
	}
	return c.locators.end()
}

// decode reads a raw record. Fields that this version does not know are left
// out: they may hold anything, and parts of a raw record go into rows whole.
func decode(record []byte, into proto.Message) error {
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(record, into); err != nil {
		return errUndecodable
	}
	return nil
}

// encode writes a record into the converter's buffer; the bytes are good until
// the next call.
func (c *converter) encode(m proto.Message) []byte {
	// Deterministic, because the row hash in a row's version is taken over
	// these bytes: the same row must give the same hash in every process.
	b, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(c.buf[:0], m)
	if err != nil {
		panic("encode a record of our own making") // only invalid UTF-8 in a string field, which decode refuses
	}
	c.buf = b
	return b
}

// known is nil for the zero of an enum, which is unspecified: a source that
// does not say gives a row that does not say.
func known[E ~int32](value E) *E {
	if value == 0 {
		return nil
	}
	return &value
}

// optional is a value that a source may leave out.
type optional[T any] struct {
	value   T
	present bool
}

// pointer is what a record's builder takes: nil for what is absent.
func (o *optional[T]) pointer() *T {
	if !o.present {
		return nil
	}
	return &o.value
}

// imported passes on the report of an import, which holds nothing that needs a
// key.
func (c *converter) imported(platform doxtrailv1.Platform, record []byte, out rows) error {
	var report doxtrailv1.Import
	if err := decode(record, &report); err != nil {
		return err
	}
	out.add(bus.KindImports, platform, c.encode(&report))
	return nil
}
