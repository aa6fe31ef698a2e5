package store

import (
	"encoding/binary"

	"github.com/google/uuid"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// posts are the columns of the table posts.
type posts struct {
	message doxtrailv1.Post

	post, channel       plain[uuid.UUID]
	postNo, account     optional[uuid.UUID]
	platform, kind      plain[string]
	postedAt            plain[int64]
	precision           plain[uint32]
	editedAt, collected optional[int64]
	language, script    optional[string]
	length              optional[uint32]

	views, forwards, replies, quotes, reactions, bookmarks, audience optional[int64]

	mediaKeys, mediaKinds, mediaSizes, pictureHashes plain[string]
	dataKinds, dataCounts, flags, itemKeys           plain[string]

	fingerprint optional[string]
	generation  plain[uint32]
	version     plain[uuid.UUID]
}

func newPosts() *table {
	p := &posts{}
	return &table{kind: KindPosts, columns: []column{
		{"post_key", wireKey, &p.post},
		{"post_no_key", wireOptionalKey, &p.postNo},
		{"channel_key", wireKey, &p.channel},
		{"account_key", wireOptionalKey, &p.account},
		{"platform", wireWord, &p.platform},
		{"kind", wireWord, &p.kind},
		{"posted_at", wireTime, &p.postedAt},
		{"posted_precision_s", wireNumber, &p.precision},
		{"edited_at", wireOptTime, &p.editedAt},
		{"collected_at", wireOptTime, &p.collected},
		{"language", wireOptWord, &p.language},
		{"script", wireOptWord, &p.script},
		{"length", wireOptNumber, &p.length},
		{"view_count", wireOptSigned, &p.views},
		{"forward_count", wireOptSigned, &p.forwards},
		{"reply_count", wireOptSigned, &p.replies},
		{"quote_count", wireOptSigned, &p.quotes},
		{"reaction_count", wireOptSigned, &p.reactions},
		{"bookmark_count", wireOptSigned, &p.bookmarks},
		{"audience", wireOptSigned, &p.audience},
		{"media_keys", wireArray, &p.mediaKeys},
		{"media_kinds", wireArray, &p.mediaKinds},
		{"media_sizes", wireArray, &p.mediaSizes},
		{"media_picture_hashes", wireArray, &p.pictureHashes},
		{"text_fingerprint", wireOptBytes, &p.fingerprint},
		{"personal_data_kinds", wireArray, &p.dataKinds},
		{"personal_data_counts", wireArray, &p.dataCounts},
		{"flags", wireArray, &p.flags},
		{"item_keys", wireArray, &p.itemKeys},
		{"generation", wireNumber, &p.generation},
		{"version", wireVersion, &p.version},
	}, append: p.append}
}

func (p *posts) append(c *check, platform string, record []byte) {
	m := &p.message
	if !c.decode(record, m) {
		return
	}
	p.post.add(c.key("post_key", m.GetPostKey()))
	p.postNo.add(c.optionalKey("post_no_key", m.GetPostNoKey()))
	p.channel.add(c.key("channel_key", m.GetChannelKey()))
	p.account.add(c.optionalKey("account_key", m.GetAccountKey()))
	p.platform.add(c.platform(platform))
	p.kind.add(c.word("kind", c.words.postKind, int32(m.GetKind())))
	p.postedAt.add(c.time("posted_at", m.GetPostedAt()))
	p.precision.add(m.GetPostedPrecisionS())
	edited := c.optionalTime("edited_at", m.HasEditedAt(), m.GetEditedAt())
	p.editedAt.add(edited)
	p.collected.add(c.optionalTime("collected_at", m.HasCollectedAt(), m.GetCollectedAt()))
	p.language.add(c.maybeToken("language", m.GetLanguage()))
	p.script.add(c.maybeToken("script", m.GetScript()))
	p.length.add(maybe[uint32]{m.GetLength(), m.HasLength()})
	p.fingerprint.add(c.fixed("text_fingerprint", m.GetTextFingerprint(), 16))
	p.appendCounters(c, m.GetCounters())
	p.appendMedia(c, m.GetMedia())
	p.appendPersonalData(c, m.GetPersonalData())
	c.array.start()
	for _, f := range m.GetFlags() {
		c.array.word(c.word("flags", c.words.postFlag, int32(f)))
	}
	p.flags.add(c.array.end())
	c.array.start()
	for _, k := range m.GetItemKeys() {
		c.array.key(c.key("item_keys", k))
	}
	p.itemKeys.add(c.array.end())
	generation := c.generation(m.GetGeneration())
	p.generation.add(generation)
	version := versionOf(edited.value, precisionRank(m.GetPostedPrecisionS()), generation, record)
	p.version.add(fullerFirst(version, wholePictures(m.GetMedia())))
}

// wholePictures counts the files whose hash is that of the picture itself.
func wholePictures(files []*doxtrailv1.Media) (n int) {
	for _, f := range files {
		if f.GetPictureWhole() {
			n++
		}
	}
	return n
}

// appendCounters works on absent counters too: they are all unknown.
func (p *posts) appendCounters(c *check, n *doxtrailv1.Counters) {
	p.views.add(c.count("view_count", n.HasViewCount(), n.GetViewCount()))
	p.forwards.add(c.count("forward_count", n.HasForwardCount(), n.GetForwardCount()))
	p.replies.add(c.count("reply_count", n.HasReplyCount(), n.GetReplyCount()))
	p.quotes.add(c.count("quote_count", n.HasQuoteCount(), n.GetQuoteCount()))
	p.reactions.add(c.count("reaction_count", n.HasReactionCount(), n.GetReactionCount()))
	p.bookmarks.add(c.count("bookmark_count", n.HasBookmarkCount(), n.GetBookmarkCount()))
	p.audience.add(c.count("audience", n.HasAudience(), n.GetAudience()))
}

// appendMedia keeps four arrays of one length, one element a file.
func (p *posts) appendMedia(c *check, files []*doxtrailv1.Media) {
	c.array.start()
	for _, f := range files {
		if k := c.optionalKey("media_key", f.GetMediaKey()); k.present {
			c.array.key(k.value)
		} else {
			c.array.null()
		}
	}
	p.mediaKeys.add(c.array.end())
	c.array.start()
	for _, f := range files {
		c.array.word(c.word("media kind", c.words.mediaKind, int32(f.GetKind())))
	}
	p.mediaKinds.add(c.array.end())
	c.array.start()
	for _, f := range files {
		if n := c.count("size_bytes", f.HasSizeBytes(), f.GetSizeBytes()); n.present {
			c.array.number(n.value)
		} else {
			c.array.null()
		}
	}
	p.mediaSizes.add(c.array.end())
	c.array.start()
	for _, f := range files {
		if hash := c.fixed("picture_hash", f.GetPictureHash(), 8); hash.present {
			c.array.unsigned(binary.BigEndian.Uint64([]byte(hash.value)))
		} else {
			c.array.null()
		}
	}
	p.pictureHashes.add(c.array.end())
}

func (p *posts) appendPersonalData(c *check, kinds []*doxtrailv1.PersonalData) {
	c.array.start()
	for _, k := range kinds {
		c.array.word(c.word("personal_data", c.words.personalData, int32(k.GetKind())))
	}
	p.dataKinds.add(c.array.end())
	c.array.start()
	for _, k := range kinds {
		c.array.number(int64(k.GetCount()))
	}
	p.dataCounts.add(c.array.end())
}
