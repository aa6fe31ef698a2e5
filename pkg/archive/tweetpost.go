package archive

import (
	"bytes"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// desk is what the reader of archives and the reader of live bodies share: an
// object taken apart, and the draft that is made of one of its posts.
type desk struct {
	sheet sheet
	draft draft
}

// fill makes the draft of a post and gives the class of what is wrong.
func (t *desk) fill(tw *tweet) Class {
	d, s := &t.draft, &t.sheet
	d.reset()
	if len(tw.id) == 0 || len(tw.author) == 0 {
		return ClassMissingField
	}
	if !isID(tw.id) || !isID(tw.author) {
		return ClassWrongType
	}
	var ok bool
	if d.postedAt, d.editedAt, ok = tw.times(); !ok {
		return ClassBadTime
	}
	d.channelID, d.channelKind = tw.author, doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT
	d.postID = tw.identity()
	d.collectedAt = s.retrievedAt
	d.language = tw.lang
	d.own = tw.own
	d.fullness = 1
	t.fillReferences(tw)
	content := tw
	if d.kind == doxtrailv1.PostKind_POST_KIND_REPOST {
		// A repost's own text and links are cut, and its counters are those
		// of the original, which would then count once for each repost.
		if original, ok := s.tweets.find(tw.reposted()); ok {
			content = original
		}
	} else {
		d.counters = tw.counters
	}
	d.sensitive = tw.sensitive || content.sensitive
	d.withheld = tw.hold.present || content.hold.present
	if u, ok := s.users.find(tw.author); ok {
		d.channelName = u.name
		d.setCounter(audience, u.followers)
		d.fullness++
	}
	d.setText(content.fullText())
	t.fillLinks(content)
	t.fillFiles(content)
	return ""
}

// isID says whether a text is an id of Twitter: the decimal digits of 64 bits.
func isID(b []byte) bool {
	const digits = 20
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= digits
}

// fillReferences sets the kind and the shares. Of what a post does, passing on
// counts before quoting, quoting before answering.
func (t *desk) fillReferences(tw *tweet) {
	d := &t.draft
	if id := tw.reposted(); len(id) > 0 {
		d.kind = doxtrailv1.PostKind_POST_KIND_REPOST
		t.addReference(doxtrailv1.ShareKind_SHARE_KIND_REPOST, id, nil)
		return
	}
	d.kind = doxtrailv1.PostKind_POST_KIND_ORIGINAL
	if id := tw.repliedTo(); len(id) > 0 {
		d.kind = doxtrailv1.PostKind_POST_KIND_REPLY
		t.addReference(doxtrailv1.ShareKind_SHARE_KIND_REPLY, id, tw.inReplyTo)
	}
	if id := tw.quoted(); len(id) > 0 {
		d.kind = doxtrailv1.PostKind_POST_KIND_QUOTE
		t.addReference(doxtrailv1.ShareKind_SHARE_KIND_QUOTE, id, nil)
	}
}

// addReference adds a share with as much of the other post as the line holds.
func (t *desk) addReference(kind doxtrailv1.ShareKind, id, author []byte) {
	d, s := &t.draft, &t.sheet
	sh := share{kind: kind, postID: id, channelID: author}
	if at, ok := snowflakeStamp(id); ok {
		sh.postedAt = at
	}
	if other, ok := s.tweets.find(id); ok {
		d.fullness += 2
		sh.postID = other.identity()
		if len(other.author) > 0 {
			sh.channelID = other.author
		}
		if at, _, ok := other.times(); ok {
			sh.postedAt = at
		}
	}
	if u, ok := s.users.find(sh.channelID); ok {
		sh.channelName = u.name
	}
	d.addShare(sh)
}

// fillLinks takes the links of a post and of the post it quotes.
func (t *desk) fillLinks(content *tweet) {
	t.addLinks(content, doxtrailv1.LinkSource_LINK_SOURCE_ENTITY)
	if quoted, ok := t.sheet.tweets.find(content.quoted()); ok {
		if t.draft.kind == doxtrailv1.PostKind_POST_KIND_REPOST {
			t.draft.fullness++
		}
		t.addLinks(quoted, doxtrailv1.LinkSource_LINK_SOURCE_QUOTED)
	}
}

func (t *desk) addLinks(tw *tweet, source doxtrailv1.LinkSource) {
	for _, u := range tw.noteURLs {
		t.addLink(u, source)
	}
	for _, u := range tw.urls {
		// The entities of the cut text repeat those of the whole.
		repeated := false
		for _, n := range tw.noteURLs {
			repeated = repeated || len(u.short) > 0 && bytes.Equal(n.short, u.short)
		}
		if !repeated {
			t.addLink(u, source)
		}
	}
}

// addLink takes the furthest form that the platform resolved a short link to.
func (t *desk) addLink(u shortURL, source doxtrailv1.LinkSource) {
	l := link{source: source}
	switch {
	case len(u.unwound) > 0 && !bytes.Equal(u.unwound, u.expanded):
		l.url, l.expandedBy = u.unwound, doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND
	case len(u.expanded) > 0 && !bytes.Equal(u.expanded, u.short):
		l.url, l.expandedBy = u.expanded, doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM
	default:
		l.url, l.expandedBy = u.short, doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE
	}
	// The short form of a quoted post's link stands in the other text.
	if source != doxtrailv1.LinkSource_LINK_SOURCE_QUOTED && !bytes.Equal(l.url, u.short) {
		l.replaces = u.short
	}
	t.draft.addLink(l)
}

// fillFiles takes the pictures and films. Where the includes do not tell the
// kind, the media key does: it begins with a number for it.
func (t *desk) fillFiles(content *tweet) {
	d := &t.draft
	for _, key := range content.mediaKeys {
		if len(key) == 0 || len(key) > maxID {
			continue
		}
		f, ok := t.sheet.files.find(key)
		if !ok {
			number, _, _ := bytes.Cut(key, []byte("_"))
			f.kind = fileKind(number)
		}
		d.addMedia(media{id: key, kind: f.kind})
	}
	if content.poll {
		d.addMedia(media{kind: doxtrailv1.MediaKind_MEDIA_KIND_POLL})
	}
}
