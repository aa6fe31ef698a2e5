package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// observations are the columns of the table observations.
type observations struct {
	message doxtrailv1.Observation

	channel, post            plain[uuid.UUID]
	platform, state          plain[string]
	restrictions             plain[string]
	observedAt               plain[int64]
	views, forwards, replies optional[int64]
	reactions, audience      optional[int64]
	source, vantage          plain[string]
	generation               plain[uint32]
	version                  plain[uuid.UUID]
}

func newObservations() *table {
	o := &observations{}
	return &table{kind: KindObservations, columns: []column{
		{"channel_key", wireKey, &o.channel},
		{"post_key", wireKey, &o.post},
		{"platform", wireWord, &o.platform},
		{"state", wireWord, &o.state},
		{"restrictions", wireArray, &o.restrictions},
		{"observed_at", wireTime, &o.observedAt},
		{"view_count", wireOptSigned, &o.views},
		{"forward_count", wireOptSigned, &o.forwards},
		{"reply_count", wireOptSigned, &o.replies},
		{"reaction_count", wireOptSigned, &o.reactions},
		{"audience", wireOptSigned, &o.audience},
		{"source", wireWord, &o.source},
		{"vantage", wireWord, &o.vantage},
		{"generation", wireNumber, &o.generation},
		{"version", wireVersion, &o.version},
	}, append: o.append}
}

func (o *observations) append(c *check, platform string, record []byte) {
	m := &o.message
	if !c.decode(record, m) {
		return
	}
	o.channel.add(c.key("channel_key", m.GetChannelKey()))
	o.post.add(c.zeroKey("post_key", m.GetPostKey()))
	o.platform.add(c.platform(platform))
	o.state.add(c.word("state", c.words.observationState, int32(m.GetState())))
	c.array.start()
	for _, kind := range m.GetRestrictions() {
		c.array.word(c.word("restrictions", c.words.restriction, int32(kind)))
	}
	o.restrictions.add(c.array.end())
	o.observedAt.add(c.time("observed_at", m.GetObservedAt()))
	o.views.add(c.count("view_count", m.HasViewCount(), m.GetViewCount()))
	o.forwards.add(c.count("forward_count", m.HasForwardCount(), m.GetForwardCount()))
	o.replies.add(c.count("reply_count", m.HasReplyCount(), m.GetReplyCount()))
	o.reactions.add(c.count("reaction_count", m.HasReactionCount(), m.GetReactionCount()))
	o.audience.add(c.count("audience", m.HasAudience(), m.GetAudience()))
	o.source.add(c.token("source", m.GetSource()))
	o.vantage.add(c.token("vantage", m.GetVantage()))
	generation := c.generation(m.GetGeneration())
	o.generation.add(generation)
	o.version.add(versionOf(0, 0, generation, record))
}
