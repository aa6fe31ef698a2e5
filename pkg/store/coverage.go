package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// coverage are the columns of the table coverage.
type coverage struct {
	message doxtrailv1.Coverage

	coverage                   plain[uuid.UUID]
	channel, query, importID   optional[uuid.UUID]
	platform, state            plain[string]
	leg, selection             optional[string]
	fromAt, toAt, fromNo, toNo optional[int64]
	lookedAt                   optional[int64]
	first, records             optional[uint64]
	posts, links, sightings    plain[uint64]
	generation                 plain[uint32]
	version                    plain[uuid.UUID]
}

func newCoverage() *table {
	v := &coverage{}
	return &table{kind: KindCoverage, columns: []column{
		{"coverage_key", wireKey, &v.coverage},
		{"channel_key", wireOptionalKey, &v.channel},
		{"query_key", wireOptionalKey, &v.query},
		{"import_id", wireOptionalKey, &v.importID},
		{"platform", wireWord, &v.platform},
		{"leg", wireOptWord, &v.leg},
		{"selection", wireOptWord, &v.selection},
		{"state", wireWord, &v.state},
		{"from_at", wireOptTime, &v.fromAt},
		{"to_at", wireOptTime, &v.toAt},
		{"from_no", wireOptSigned, &v.fromNo},
		{"to_no", wireOptSigned, &v.toNo},
		{"looked_at", wireOptTime, &v.lookedAt},
		{"first_record", wireOptCount, &v.first},
		{"record_count", wireOptCount, &v.records},
		{"post_count", wireCount, &v.posts},
		{"link_count", wireCount, &v.links},
		{"sighting_count", wireCount, &v.sightings},
		{"generation", wireNumber, &v.generation},
		{"version", wireVersion, &v.version},
	}, append: v.append}
}

func (v *coverage) append(c *check, platform string, record []byte) {
	m := &v.message
	if !c.decode(record, m) {
		return
	}
	v.coverage.add(c.key("coverage_key", m.GetCoverageKey()))
	v.channel.add(c.optionalKey("channel_key", m.GetChannelKey()))
	v.query.add(c.optionalKey("query_key", m.GetQueryKey()))
	importID := c.optionalKey("import_id", m.GetImportId())
	v.importID.add(importID)
	v.platform.add(c.platform(platform))
	v.leg.add(c.maybeWord("leg", c.words.leg, int32(m.GetLeg())))
	v.selection.add(c.maybeWord("selection", c.words.selection, int32(m.GetSelection())))
	v.state.add(c.word("state", c.words.coverageState, int32(m.GetState())))
	from := c.optionalTime("from_at", m.HasFromAt(), m.GetFromAt())
	to := c.optionalTime("to_at", m.HasToAt(), m.GetToAt())
	if from.present && to.present && from.value > to.value {
		c.fail("from_at", "want no later than to_at")
	}
	v.fromAt.add(from)
	v.toAt.add(to)
	v.fromNo.add(maybe[int64]{m.GetFromNo(), m.HasFromNo()})
	v.toNo.add(maybe[int64]{m.GetToNo(), m.HasToNo()})
	lookedAt := c.optionalTime("looked_at", m.HasLookedAt(), m.GetLookedAt())
	v.lookedAt.add(lookedAt)
	v.first.add(maybe[uint64]{c.total("first_record", m.GetFirstRecord()), m.HasFirstRecord()})
	v.records.add(maybe[uint64]{c.total("record_count", m.GetRecordCount()), m.HasRecordCount()})
	if m.HasFirstRecord() != m.HasRecordCount() {
		c.fail("record_count", "want it where there is a first_record, and only there")
	}
	v.posts.add(c.total("post_count", m.GetPostCount()))
	v.links.add(c.total("link_count", m.GetLinkCount()))
	v.sightings.add(c.total("sighting_count", m.GetSightingCount()))
	generation := c.generation(m.GetGeneration())
	v.generation.add(generation)
	// What was read goes before a gap in the same place, whatever the watch list
	// was then.
	var rank uint8
	if m.GetState() == doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE {
		rank = 1
	}
	version := versionOf(0, rank, generation, record)
	if importID.present {
		v.version.add(fewerFirst(version, m.GetPostCount()))
	} else {
		v.version.add(laterFirst(version, lookedAt.value))
	}
}
