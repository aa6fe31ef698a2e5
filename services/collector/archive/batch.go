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
// It serves one file; a batch never holds posts of two places.
type batcher struct {
	ctx       context.Context //nolint:containedctx // the reader's callbacks carry none
	publisher *bus.Publisher
	key       func(context.Context) (privacy.PublicKey, error)
	// importID is asked for only when there is something to publish: it costs
	// a reading of the file.
	importID func() ([16]byte, error)

	// reading is the look that is being read, look that of the open batch.
	reading, look archive.Look
	posts         *bus.Builder
	channels      *bus.Builder
	// next is the number of the first record that no batch accounts for yet.
	next uint64
	// upTo is one more than the number of the last post in the open batch.
	upTo uint64

	receipts []*bus.Receipt
	sequence uint64
	// oversize are the records that were too large for the bus: the file's
	// counts move them to rejected.
	oversize oversize
}

// oversize counts what Read counted as posts and as duplicates.
type oversize struct{ posts, duplicates uint64 }

// Look implements archive.Handler.
func (b *batcher) Look(look archive.Look) error {
	b.reading = look
	return nil
}

// samePlace says whether two looks are one place, be it at other times. A batch
// ends where another place is read, not at the next page of the same search:
// small batches cost a message each, and every post has its own collected_at.
func samePlace(a, b archive.Look) bool {
	a.LookedAt, a.First = b.LookedAt, b.First
	return a == b
}

// Channel implements archive.Handler. A channel is no record of the file: one
// that is too large for the bus is left out, its posts bring what matters.
func (b *batcher) Channel(channel *doxtrailv1.RawChannel) error {
	err := b.channels.Add(channel)
	if err != nil && !errors.Is(err, bus.ErrRecordTooLarge) {
		return err
	}
	if b.channels.Full() {
		return b.flushChannels()
	}
	return nil
}

// flushChannels puts the channels seen so far on RAW. They were seen by several
// looks, so their origin names none.
func (b *batcher) flushChannels() error {
	if b.channels.Len() == 0 {
		return nil
	}
	return b.send(b.channels, bus.KindChannels, archive.Look{Platform: b.reading.Platform}, 0)
}

// Post implements archive.Handler. A batch that is complete is sent only when
// the next post comes, so that the last of a file is still open at its end and
// can account for the records behind it.
func (b *batcher) Post(number uint64, post *doxtrailv1.RawPost) error {
	if b.posts.Full() || !samePlace(b.look, b.reading) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	err := b.posts.Add(post)
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
	lookedAt := b.reading.LookedAt
	if b.posts.Len() > 1 { // the batch was looked at until now
		lookedAt = max(lookedAt, b.look.LookedAt)
	}
	b.look = b.reading
	b.look.LookedAt = lookedAt
	b.upTo = number + 1
	return nil
}

// flush puts the open batch of posts on RAW and returns while it is on its way.
func (b *batcher) flush() error {
	if b.posts.Len() == 0 {
		return nil
	}
	if err := b.send(b.posts, bus.KindPosts, b.look, b.upTo-b.next); err != nil {
		return err
	}
	b.next = b.upTo
	return nil
}

// origin says where the records of a batch were read.
func (b *batcher) origin(look archive.Look, records uint64) (*doxtrailv1.BatchOrigin, error) {
	id, err := b.importID()
	if err != nil {
		return nil, err
	}
	leg := doxtrailv1.Leg_LEG_ARCHIVE
	first := b.next
	origin := doxtrailv1.BatchOrigin_builder{
		Platform:    &look.Platform,
		Leg:         &leg,
		Selection:   &look.Selection,
		ImportId:    id[:],
		FirstRecord: &first,
		RecordCount: &records,
	}.Build()
	if look.LookedAt != 0 {
		origin.SetLookedAt(look.LookedAt)
	}
	if look.Query != "" {
		// Cut and mended: the query is part of the file, and may be anything.
		origin.SetQuery(strings.ToValidUTF8(look.Query[:min(len(look.Query), maxQueryBytes)], "\uFFFD"))
	}
	return origin, nil
}

// send seals one batch, which accounts for so many records of the file, and
// publishes it. Publish waits while RAW is full or its reader is behind: that
// is how an archive is slowed down.
func (b *batcher) send(builder *bus.Builder, kind bus.Kind, look archive.Look, records uint64) error {
	origin, err := b.origin(look, records)
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

// finish publishes what is left and waits until all of it is stored. The last
// batch accounts for all records up to the end of the file.
func (b *batcher) finish(records uint64) error {
	b.upTo = max(b.upTo, records)
	if err := errors.Join(b.flush(), b.flushChannels()); err != nil {
		return err
	}
	return b.settle(len(b.receipts))
}

// report publishes the import record of the file, after its posts.
func (b *batcher) report(record *doxtrailv1.Import) error {
	if err := b.posts.Add(record); err != nil {
		return err
	}
	if err := b.send(b.posts, bus.KindImports, archive.Look{Platform: record.GetPlatform()}, 0); err != nil {
		return err
	}
	return b.settle(len(b.receipts))
}
