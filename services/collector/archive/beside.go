package archive

import (
	"errors"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What a file says besides its posts: where it looked, and which channels it
// knows.

// Look implements archive.Handler.
func (b *batcher) Look(look archive.Look) error {
	b.reading = look
	if samePlace(b.place, look) {
		b.place.LookedAt = max(b.place.LookedAt, look.LookedAt)
		return nil
	}
	err := b.endPlace()
	b.place, b.found = look, false
	return err
}

// samePlace says whether two looks are one place, be it at other times. A batch
// ends where another place is read, not at the next page of the same search:
// small batches cost a message each, and every post has its own collected_at.
func samePlace(a, b archive.Look) bool {
	a.LookedAt, a.First = b.LookedAt, b.First
	return a == b
}

// endPlace notes a place in which no post was found, or none that the file did
// not have before: that we looked there is worth a row too.
func (b *batcher) endPlace() error {
	look := b.place
	if b.found || look.Platform == doxtrailv1.Platform_PLATFORM_UNSPECIFIED || (look.ChannelID == "" && look.Query == "") {
		return nil
	}
	state := doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE
	report := doxtrailv1.RawCoverage_builder{State: &state, FirstRecord: &look.First, Selection: &look.Selection}.Build()
	if look.ChannelID != "" {
		report.SetChannelId(look.ChannelID)
	} else {
		report.SetQuery(queryOf(look))
	}
	if look.LookedAt != 0 {
		report.SetLookedAt(look.LookedAt)
	}
	if err := b.looks.Add(report); err != nil {
		return err
	}
	if b.looks.Full() {
		return b.flushBeside(b.looks, bus.KindCoverage)
	}
	return nil
}

// Channel implements archive.Handler. A channel is no record of the file: one
// that is too large for the bus is left out, its posts bring what matters.
func (b *batcher) Channel(channel *doxtrailv1.RawChannel) error {
	err := b.channels.Add(channel)
	if err != nil && !errors.Is(err, bus.ErrRecordTooLarge) {
		return err
	}
	if b.channels.Full() {
		return b.flushBeside(b.channels, bus.KindChannels)
	}
	return nil
}

// flushBeside puts on RAW what no range of records accounts for: channels, and
// looks that found nothing. They were seen by several looks, so their origin
// names none. A file that was read to its end before has them all on RECORDS.
func (b *batcher) flushBeside(builder *bus.Builder, kind bus.Kind) error {
	if builder.Len() == 0 {
		return nil
	}
	covered, err := b.coveredBefore()
	if err != nil {
		return err
	}
	if covered.Finished && !b.published {
		builder.Reset()
		return nil
	}
	return b.send(builder, kind, archive.Look{Platform: b.reading.Platform}, Range{b.next, b.next})
}
