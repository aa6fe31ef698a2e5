package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxReceipts is how many receipts of a file are kept before the settled ones
// are looked at and let go.
const maxReceipts = 512

// maxQueryBytes bounds the query of an origin. What platforms take is far
// shorter; a file that holds a longer one is odd, and no reason to end an import.
const maxQueryBytes = 32 << 10

// batcher packs what a reader finds into sealed batches and puts them on RAW.
// It serves one file. A batch holds posts of one place and of one cell.
type batcher struct {
	ctx       context.Context //nolint:containedctx // the reader's callbacks carry none
	publisher *bus.Publisher
	key       func(context.Context) (privacy.PublicKey, error)
	// importID is asked for only when there is something to publish: it costs
	// a reading of the file. So does ask, which says what is covered.
	importID func() ([16]byte, error)
	ask      func([16]byte) (Covered, error)
	// continuing is told the first record that is published after some that
	// were rows already; may be nil.
	continuing func(record uint64)

	// reading is the look that is being read, place the first of those that are
	// at one place with it, looked at until the last.
	reading, place archive.Look
	// found says that the place had a post.
	found bool
	// next is the number of the first record that no post accounts for yet.
	next uint64
	open openBatch

	builder, channels, looks *bus.Builder
	receipts                 []*bus.Receipt
	sequence                 uint64

	covered *Covered // nil until it was asked for
	// posts are the numbers of all posts, skipped how many of them were rows
	// already, published whether any was not.
	posts     numbers
	skipped   uint64
	published bool
	// oversize are the records that were too large for the bus: the file's
	// counts move them to rejected.
	oversize oversize
}

// oversize counts what Read counted as posts and as duplicates.
type oversize struct{ posts, duplicates uint64 }

// coveredBefore says what of the file was covered when its reading began.
func (b *batcher) coveredBefore() (*Covered, error) {
	if b.covered != nil {
		return b.covered, nil
	}
	var covered Covered
	if b.ask != nil {
		id, err := b.importID()
		if err != nil {
			return nil, err
		}
		if covered, err = b.ask(id); err != nil {
			return nil, err
		}
	}
	b.covered = &covered
	return b.covered, nil
}

// Post implements archive.Handler.
func (b *batcher) Post(number uint64, post *doxtrailv1.RawPost) error {
	b.found = true
	o := &b.open
	elsewhere := !samePlace(o.look, b.reading)
	if elsewhere || o.endsBefore(number) {
		if err := b.flush(len(o.posts)); err != nil {
			return err
		}
		o.begin(number, elsewhere)
	}
	// The post accounts for what lies between it and the last one, as far as
	// that is in its stretch.
	first := max(b.next, number-number%stretch)
	post.SetRecord(number)
	if n := uint32(number + 1 - first); n > 1 {
		post.SetRecordCount(n)
	}
	err := o.add(b.reading, number, first, post)
	switch {
	case errors.Is(err, bus.ErrRecordTooLarge) && post.GetRepeatedInFile():
		b.oversize.duplicates++
		return nil
	case errors.Is(err, bus.ErrRecordTooLarge):
		b.oversize.posts++
		return nil
	case err != nil:
		return err
	}
	b.next = number + 1
	b.posts.add(number)
	for {
		n := o.excess(maxBatchBytes)
		if n == 0 {
			return nil
		}
		if err := b.flush(n); err != nil {
			return err
		}
	}
}

// flush puts the first n posts of the open batch on RAW, unless all of them are
// rows already, and returns while they are on their way.
func (b *batcher) flush(n int) error {
	o := &b.open
	if n == 0 {
		return nil
	}
	covered, err := b.coveredBefore()
	if err != nil {
		return err
	}
	if o.coveredBy(covered, n) {
		b.skipped += uint64(n)
		o.drop(n)
		return nil
	}
	if !b.published && b.skipped > 0 && b.continuing != nil {
		b.continuing(o.posts[0].number)
	}
	b.published = true
	look, of, err := o.move(n, b.builder)
	if err != nil {
		return err
	}
	return b.send(b.builder, bus.KindPosts, look, of)
}

// origin says where the records of a batch were read.
func (b *batcher) origin(look archive.Look, of Range) (*doxtrailv1.BatchOrigin, error) {
	id, err := b.importID()
	if err != nil {
		return nil, err
	}
	leg := doxtrailv1.Leg_LEG_ARCHIVE
	count := of.To - of.From
	origin := doxtrailv1.BatchOrigin_builder{
		Platform:    &look.Platform,
		Leg:         &leg,
		Selection:   &look.Selection,
		ImportId:    id[:],
		FirstRecord: &of.From,
		RecordCount: &count,
	}.Build()
	if look.LookedAt != 0 {
		origin.SetLookedAt(look.LookedAt)
	}
	if look.Query != "" {
		origin.SetQuery(queryOf(look))
	}
	return origin, nil
}

// queryOf is the query of a look, cut and mended: it is part of the file, and
// may be anything.
func queryOf(look archive.Look) string {
	return strings.ToValidUTF8(look.Query[:min(len(look.Query), maxQueryBytes)], "\uFFFD")
}

// send seals one batch, which accounts for a range of records of the file, and
// publishes it. Publish waits while RAW is full or its reader is behind: that
// is how an archive is slowed down.
func (b *batcher) send(builder *bus.Builder, kind bus.Kind, look archive.Look, of Range) error {
	origin, err := b.origin(look, of)
	if err != nil {
		return err
	}
	key, err := b.key(b.ctx)
	if err != nil {
		return err
	}
	subject := bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: kind, Platform: look.Platform}
	message, err := builder.Raw(subject, origin, key)
	if err != nil {
		return err
	}
	receipt, err := b.publisher.Publish(b.ctx, message)
	if err != nil {
		return err
	}
	b.receipts = append(b.receipts, receipt)
	if len(b.receipts) < maxReceipts {
		return nil
	}
	return b.settle(len(b.receipts) / 2)
}

// settle waits for the n oldest receipts and notes the highest sequence.
func (b *batcher) settle(n int) error {
	for _, r := range b.receipts[:n] {
		sequence, err := r.Wait(b.ctx)
		if err != nil {
			return fmt.Errorf("store a batch: %w", err)
		}
		b.sequence = max(b.sequence, sequence)
	}
	b.receipts = slices.Delete(b.receipts, 0, n)
	return nil
}

// finish publishes what is left and waits until all of it is stored.
func (b *batcher) finish() error {
	if err := errors.Join(b.flush(len(b.open.posts)), b.endPlace()); err != nil {
		return err
	}
	if err := errors.Join(b.flushBeside(b.channels, bus.KindChannels), b.flushBeside(b.looks, bus.KindCoverage)); err != nil {
		return err
	}
	return b.settle(len(b.receipts))
}

// errUnbalanced is a fault of the reader: each record of a file is one of four.
var errUnbalanced = errors.New("report file: its records are not posts + non-posts + rejected + duplicates")

// report publishes the import record of the file, after its posts.
func (b *batcher) report(record *doxtrailv1.Import) error {
	if record.GetRecordCount() != record.GetPostCount()+record.GetNonPostCount()+record.GetRejectedCount()+record.GetDuplicateCount() {
		return errUnbalanced
	}
	if err := b.builder.Add(record); err != nil {
		return err
	}
	if err := b.send(b.builder, bus.KindImports, archive.Look{Platform: record.GetPlatform()}, Range{b.next, b.next}); err != nil {
		return err
	}
	return b.settle(len(b.receipts))
}
