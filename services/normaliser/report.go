package normaliser

import (
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// report converts a look as a collector reports it: one that found nothing, one
// that failed, or a range that was read. It counts no posts: those that were
// found have coverage of their own.
func (c *converter) report(platform doxtrailv1.Platform, origin *doxtrailv1.BatchOrigin, record []byte, out rows) error {
	var raw doxtrailv1.RawCoverage
	if err := decode(record, &raw); err != nil {
		return err
	}
	channel := c.channelKey(platform, raw.GetChannelId(), raw.GetChannelName())
	query := c.keyer.Query(platform, raw.GetQuery())
	if channel.IsZero() && query.IsZero() {
		return errNoChannel
	}
	if raw.GetState() == doxtrailv1.CoverageState_COVERAGE_STATE_UNSPECIFIED {
		return errNoState
	}
	selection := known(raw.GetSelection())
	if selection == nil {
		selection = known(origin.GetSelection())
	}
	key := c.reportKey(channel, query, origin, &raw)
	state := raw.GetState()
	row := doxtrailv1.Coverage_builder{
		CoverageKey: key[:],
		ChannelKey:  channel.Bytes(),
		QueryKey:    query.Bytes(),
		ImportId:    origin.GetImportId(),
		Leg:         known(origin.GetLeg()),
		Selection:   selection,
		State:       &state,
		Generation:  &c.generation,
	}.Build()
	bounded(row, &raw)
	if raw.HasFirstRecord() {
		row.SetFirstRecord(raw.GetFirstRecord())
		row.SetRecordCount(0) // it accounts for no post
	}
	out.add(bus.KindCoverage, platform, c.encode(row))
	return nil
}

// bounded fills in from where to where a look reached and when it was; absent bounds
// are unknown.
func bounded(row *doxtrailv1.Coverage, raw *doxtrailv1.RawCoverage) {
	for _, field := range []struct {
		has   bool
		value int64
		set   func(int64)
	}{
		{raw.HasFromAt(), raw.GetFromAt(), row.SetFromAt},
		{raw.HasToAt(), raw.GetToAt(), row.SetToAt},
		{raw.HasFromNo(), raw.GetFromNo(), row.SetFromNo},
		{raw.HasToNo(), raw.GetToNo(), row.SetToNo},
		{raw.HasLookedAt(), raw.GetLookedAt(), row.SetLookedAt},
	} {
		if field.has {
			field.set(field.value)
		}
	}
}

// reportKey is the identity of a reported look. Where it has bounds, those are
// it, whatever came of it and whenever it was: so a range that is read later
// takes the place of its gap. A look without bounds is known by its time.
func (c *converter) reportKey(channel, query privacy.Key, origin *doxtrailv1.BatchOrigin, raw *doxtrailv1.RawCoverage) privacy.Key {
	part := channel
	if part.IsZero() {
		part = query
	}
	id := origin.GetImportId()
	switch {
	case raw.HasFirstRecord():
		return c.keyer.Coverage(id, part, raw.GetFirstRecord(), 0)
	case raw.HasFromAt(), raw.HasToAt(), raw.HasFromNo(), raw.HasToNo():
		return c.keyer.Coverage(id, part, uint64(raw.GetFromNo()), uint64(raw.GetToNo()), uint64(raw.GetFromAt()), uint64(raw.GetToAt()))
	default:
		return c.keyer.Coverage(id, part, uint64(raw.GetLookedAt()), 0, 0, 0, 0)
	}
}
