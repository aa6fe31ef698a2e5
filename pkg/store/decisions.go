package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// decisions are the columns of the table decisions.
type decisions struct {
	message doxtrailv1.Decision

	target              plain[uuid.UUID]
	kind, family, label plain[string]
	inForce             plain[bool]
	generation          plain[uint32]
	version             plain[uuid.UUID]
}

func newDecisions() *table {
	d := &decisions{}
	return &table{kind: KindDecisions, columns: []column{
		{"target_key", wireKey, &d.target},
		{"kind", wireWord, &d.kind},
		{"family", wireWord, &d.family},
		{"label", wireWord, &d.label},
		{"in_force", wireFlag, &d.inForce},
		{"generation", wireNumber, &d.generation},
		{"version", wireVersion, &d.version},
	}, append: d.append}
}

func (d *decisions) append(c *check, _ string, record []byte) {
	m := &d.message
	if !c.decode(record, m) {
		return
	}
	d.target.add(c.key("target_key", m.GetTargetKey()))
	d.kind.add(c.word("kind", c.words.decisionKind, int32(m.GetKind())))
	d.family.add(c.label("family", m.GetFamily()))
	d.label.add(c.label("label", m.GetLabel()))
	d.inForce.add(m.GetInForce())
	generation := c.generation(m.GetGeneration())
	d.generation.add(generation)
	d.version.add(versionOf(0, 0, generation, record))
}
