package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// takedowns are the columns of the table takedowns.
type takedowns struct {
	message doxtrailv1.Takedown

	takedown                           plain[uuid.UUID]
	happenedAt                         plain[int64]
	state, platform, family, recipient plain[string]
	post, path                         optional[uuid.UUID]
	generation                         plain[uint32]
	version                            plain[uuid.UUID]
}

func newTakedowns() *table {
	t := &takedowns{}
	return &table{kind: KindTakedowns, columns: []column{
		{"takedown_id", wireKey, &t.takedown},
		{"happened_at", wireTime, &t.happenedAt},
		{"state", wireWord, &t.state},
		{"platform", wireWord, &t.platform},
		{"post_key", wireOptionalKey, &t.post},
		{"family", wireWord, &t.family},
		{"path_key", wireOptionalKey, &t.path},
		{"recipient", wireWord, &t.recipient},
		{"generation", wireNumber, &t.generation},
		{"version", wireVersion, &t.version},
	}, append: t.append}
}

func (t *takedowns) append(c *check, platform string, record []byte) {
	m := &t.message
	if !c.decode(record, m) {
		return
	}
	t.takedown.add(c.key("takedown_id", m.GetTakedownId()))
	t.happenedAt.add(c.time("happened_at", m.GetHappenedAt()))
	t.state.add(c.word("state", c.words.takedownState, int32(m.GetState())))
	t.platform.add(c.platform(platform))
	t.post.add(c.optionalKey("post_key", m.GetPostKey()))
	t.family.add(c.label("family", m.GetFamily()))
	t.path.add(c.optionalKey("path_key", m.GetPathKey()))
	t.recipient.add(c.label("recipient", m.GetRecipient()))
	generation := c.generation(m.GetGeneration())
	t.generation.add(generation)
	t.version.add(versionOf(0, 0, generation, record))
}
