package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// links are the columns of the table links.
type links struct {
	message doxtrailv1.Link

	post, channel, host, site, path plain[uuid.UUID]
	label, dir                      optional[uuid.UUID]
	platform, role, disguises       plain[string]
	postKind, extension, expandedBy optional[string]
	source, state                   optional[string]
	postedAt                        plain[int64]
	editedAt                        optional[int64]
	precision, depth, canon         plain[uint32]
	generation                      plain[uint32]
	version                         plain[uuid.UUID]
}

func newLinks() *table {
	l := &links{}
	return &table{kind: KindLinks, columns: []column{
		{"post_key", wireKey, &l.post},
		{"channel_key", wireKey, &l.channel},
		{"platform", wireWord, &l.platform},
		{"post_kind", wireOptWord, &l.postKind},
		{"posted_at", wireTime, &l.postedAt},
		{"posted_precision_s", wireNumber, &l.precision},
		{"edited_at", wireOptTime, &l.editedAt},
		{"host_key", wireKey, &l.host},
		{"site_key", wireKey, &l.site},
		{"label_key", wireOptionalKey, &l.label},
		{"path_key", wireKey, &l.path},
		{"dir_key", wireOptionalKey, &l.dir},
		{"depth", wireNumber, &l.depth},
		{"extension_class", wireOptWord, &l.extension},
		{"disguises", wireArray, &l.disguises},
		{"expanded_by", wireOptWord, &l.expandedBy},
		{"role", wireWord, &l.role},
		{"source", wireOptWord, &l.source},
		{"state", wireOptWord, &l.state},
		{"canon_version", wireNumber, &l.canon},
		{"generation", wireNumber, &l.generation},
		{"version", wireVersion, &l.version},
	}, append: l.append}
}

func (l *links) append(c *check, platform string, record []byte) {
	m := &l.message
	if !c.decode(record, m) {
		return
	}
	l.post.add(c.key("post_key", m.GetPostKey()))
	l.channel.add(c.key("channel_key", m.GetChannelKey()))
	l.platform.add(c.platform(platform))
	l.postKind.add(c.maybeWord("post_kind", c.words.postKind, int32(m.GetPostKind())))
	l.postedAt.add(c.time("posted_at", m.GetPostedAt()))
	l.precision.add(m.GetPostedPrecisionS())
	edited := c.optionalTime("edited_at", m.HasEditedAt(), m.GetEditedAt())
	l.editedAt.add(edited)
	l.host.add(c.key("host_key", m.GetHostKey()))
	l.site.add(c.key("site_key", m.GetSiteKey()))
	l.label.add(c.optionalKey("label_key", m.GetLabelKey()))
	l.path.add(c.key("path_key", m.GetPathKey()))
	l.dir.add(c.optionalKey("dir_key", m.GetDirKey()))
	l.depth.add(m.GetDepth())
	l.extension.add(c.maybeWord("extension_class", c.words.extensionClass, int32(m.GetExtensionClass())))
	c.array.start()
	for _, d := range m.GetDisguises() {
		c.array.word(c.word("disguises", c.words.linkDisguise, int32(d)))
	}
	l.disguises.add(c.array.end())
	l.expandedBy.add(c.maybeWord("expanded_by", c.words.linkExpansion, int32(m.GetExpandedBy())))
	l.role.add(c.word("role", c.words.linkRole, int32(m.GetRole())))
	l.source.add(c.maybeWord("source", c.words.linkSource, int32(m.GetSource())))
	l.state.add(c.maybeWord("state", c.words.linkState, int32(m.GetState())))
	l.canon.add(m.GetCanonVersion())
	generation := c.generation(m.GetGeneration())
	l.generation.add(generation)
	version := versionOf(edited.value, precisionRank(m.GetPostedPrecisionS()), generation, record)
	l.version.add(fullerFirst(version, int(m.GetState())))
}
