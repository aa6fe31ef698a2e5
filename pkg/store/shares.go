package store

import (
	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// shares are the columns of the table shares.
type shares struct {
	message doxtrailv1.Share

	post, channel                       plain[uuid.UUID]
	sourceChannel, sourcePost, sourceNo plain[uuid.UUID]
	platform, kind                      plain[string]
	postedAt                            plain[int64]
	sourcePostedAt                      optional[int64]
	sourceIsPerson                      plain[bool]
	generation                          plain[uint32]
	version                             plain[uuid.UUID]
}

func newShares() *table {
	s := &shares{}
	return &table{kind: KindShares, columns: []column{
		{"post_key", wireKey, &s.post},
		{"channel_key", wireKey, &s.channel},
		{"platform", wireWord, &s.platform},
		{"posted_at", wireTime, &s.postedAt},
		{"kind", wireWord, &s.kind},
		{"source_channel_key", wireKey, &s.sourceChannel},
		{"source_post_key", wireKey, &s.sourcePost},
		{"source_post_no_key", wireKey, &s.sourceNo},
		{"source_posted_at", wireOptTime, &s.sourcePostedAt},
		{"source_is_person", wireFlag, &s.sourceIsPerson},
		{"generation", wireNumber, &s.generation},
		{"version", wireVersion, &s.version},
	}, append: s.append}
}

func (s *shares) append(c *check, platform string, record []byte) {
	m := &s.message
	if !c.decode(record, m) {
		return
	}
	s.post.add(c.key("post_key", m.GetPostKey()))
	s.channel.add(c.key("channel_key", m.GetChannelKey()))
	s.platform.add(c.platform(platform))
	s.postedAt.add(c.time("posted_at", m.GetPostedAt()))
	s.kind.add(c.word("kind", c.words.shareKind, int32(m.GetKind())))
	s.sourceChannel.add(c.zeroKey("source_channel_key", m.GetSourceChannelKey()))
	s.sourcePost.add(c.zeroKey("source_post_key", m.GetSourcePostKey()))
	s.sourceNo.add(c.zeroKey("source_post_no_key", m.GetSourcePostNoKey()))
	s.sourcePostedAt.add(c.optionalTime("source_posted_at", m.HasSourcePostedAt(), m.GetSourcePostedAt()))
	s.sourceIsPerson.add(m.GetSourceIsPerson())
	generation := c.generation(m.GetGeneration())
	s.generation.add(generation)
	s.version.add(versionOf(0, 0, generation, record))
}
