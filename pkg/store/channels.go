package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// channels are the columns of the table channels.
type channels struct {
	message doxtrailv1.Channel

	channel    plain[uuid.UUID]
	platform   plain[string]
	kind       optional[string]
	createdDay optional[int32]
	generation plain[uint32]
	version    plain[uuid.UUID]
}

func newChannels() *table {
	n := &channels{}
	return &table{kind: KindChannels, columns: []column{
		{"channel_key", wireKey, &n.channel},
		{"platform", wireWord, &n.platform},
		{"kind", wireOptWord, &n.kind},
		{"created_day", wireOptDay, &n.createdDay},
		{"generation", wireNumber, &n.generation},
		{"version", wireVersion, &n.version},
	}, append: n.append}
}

func (n *channels) append(c *check, platform string, record []byte) {
	m := &n.message
	if !c.decode(record, m) {
		return
	}
	n.channel.add(c.key("channel_key", m.GetChannelKey()))
	n.platform.add(c.ownPlatform(m.GetPlatform(), platform))
	n.kind.add(c.maybeWord("kind", c.words.channelKind, int32(m.GetKind())))
	n.createdDay.add(c.day("created_day", m.HasCreatedDay(), m.GetCreatedDay()))
	generation := c.generation(m.GetGeneration())
	n.generation.add(generation)
	n.version.add(versionOf(0, 0, generation, record))
}

// channelAliases are the columns of the table channel_aliases.
type channelAliases struct {
	message doxtrailv1.ChannelAlias

	alias, channel plain[uuid.UUID]
	platform       plain[string]
	generation     plain[uint32]
	version        plain[uuid.UUID]
}

func newChannelAliases() *table {
	a := &channelAliases{}
	return &table{kind: KindChannelAliases, columns: []column{
		{"alias_key", wireKey, &a.alias},
		{"channel_key", wireKey, &a.channel},
		{"platform", wireWord, &a.platform},
		{"generation", wireNumber, &a.generation},
		{"version", wireVersion, &a.version},
	}, append: a.append}
}

func (a *channelAliases) append(c *check, platform string, record []byte) {
	m := &a.message
	if !c.decode(record, m) {
		return
	}
	alias, channel := c.key("alias_key", m.GetAliasKey()), c.key("channel_key", m.GetChannelKey())
	if alias == channel {
		c.fail("alias_key", "want another key than channel_key")
	}
	a.alias.add(alias)
	a.channel.add(channel)
	a.platform.add(c.ownPlatform(m.GetPlatform(), platform))
	generation := c.generation(m.GetGeneration())
	a.generation.add(generation)
	a.version.add(versionOf(0, 0, generation, record))
}
