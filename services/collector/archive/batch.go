package archive

import (
	"context"
	"errors"
	"fmt"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// maxReceipts is how many receipts of a file are kept before the settled ones
// are looked at and let go.
const maxReceipts = 512

// batcher packs what a reader finds into sealed batches and puts them on RAW.
// It serves one file; a batch never holds posts of two looks.
type batcher struct {
	ctx       context.Context //nolint:containedctx // the reader's callbacks carry none
	publisher *bus.Publisher
	key       func(context.Context) (privacy.PublicKey, error)
	// importID is asked for only when there is something to publish: it costs
	// a reading of the file.
	importID func() ([16]byte, error)

	look     archive.Look
	posts    *bus.Builder
	channels *bus.Builder
	// next is the number of the first record that no batch accounts for yet.
	next uint64
	// upTo is one more than the number of the last post in the open batch.
	upTo uint64

	receipts []*bus.Receipt
	sequence uint64
	tooLarge uint64
}

// Look implements archive.Handler. A batch ends where another place is read,
// not at the next page of the same search: small batches cost a message each,
// and every post has its own collected_at.
func (b *batcher) Look(look archive.Look) error {
	last := b.look
	last.LookedAt, last.First = look.LookedAt, look.First
	if last == look { // the same place: the batch was looked at until now
		b.look.LookedAt = max(look.LookedAt, b.look.LookedAt)
		return nil
	}
	if err := b.flush(); err != nil {
		return err
	}
	b.look = look
	return nil
}

// Channel implements archive.Handler.
func (b *batcher) Channel(channel *doxtrailv1.RawChannel) error {
	if err := b.channels.Add(channel); err != nil {
		return err
	}
	if b.channels.Full() {
		return b.flushChannels()
	}
	return nil
}

// flushChannels puts the channels seen so far on RAW.
func (b *batcher) flushChannels() error {
	if b.channels.Len() == 0 {
		return nil
	}
	return b.send(b.channels, bus.KindChannels, 0)
}

// Post implements archive.Handler.
func (b *batcher) Post(number uint64, post *doxtrailv1.RawPost) error {
	err := b.posts.Add(post)
	switch {
	case errors.Is(err, bus.ErrRecordTooLarge):
		b.tooLarge++ // the file's counts move it from posts to rejected
		return nil
	case err != nil:
		return err
	}
	b.upTo = number + 1
	if b.posts.Full() {
		return b.flush()
	}
	return nil
}

// flush puts the open batch of posts on RAW and returns while it is on its way.
func (b *batcher) flush() error {
	if b.posts.Len() == 0 {
		return nil
	}
	if err := b.send(b.posts, bus.KindPosts, b.upTo-b.next); err != nil {
		return err
	}
	b.next = b.upTo
	return nil
}

// origin says where the records of a batch were read.
func (b *batcher) origin(records uint64) (*doxtrailv1.BatchOrigin, error) {
	id, err := b.importID()
	if err != nil {
		return nil, err
	}
	leg := doxtrailv1.Leg_LEG_ARCHIVE
	first := b.next
	origin := doxtrailv1.BatchOrigin_builder{
		Platform:    &b.look.Platform,
		Leg:         &leg,
		Selection:   &b.look.Selection,
		ImportId:    id[:],
		FirstRecord: &first,
		RecordCount: &records,
	}.Build()
	if b.look.LookedAt != 0 {
		origin.SetLookedAt(b.look.LookedAt)
	}
	if b.look.Query != "" {
		origin.SetQuery(b.look.Query)
	}
	return origin, nil
}

// send seals one batch, which accounts for so many records of the file, and
// publishes it. Publish waits while RAW is full or its reader is behind: that
// is how an archive is slowed down.
func (b *batcher) send(builder *bus.Builder, kind bus.Kind, records uint64) error {
	origin, err := b.origin(records)
	if err != nil {
		return err
	}
	key, err := b.key(b.ctx)
	if err != nil {
		return err
	}
	subject := bus.Subject{Stage: bus.StageRaw, Lane: bus.LaneArchive, Kind: kind, Platform: origin.GetPlatform()}
	message, err := builder.Raw(subject, origin, key)
	if err != nil {
		return err
	}
	builder.Reset()
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
	b.receipts = append(b.receipts[:0], b.receipts[n:]...)
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
	if b.look.Platform == doxtrailv1.Platform_PLATFORM_UNSPECIFIED {
		b.look.Platform = record.GetPlatform()
	}
	if err := b.send(b.posts, bus.KindImports, 0); err != nil {
		return err
	}
	return b.settle(len(b.receipts))
}
