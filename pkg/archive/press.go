package archive

import (
	"bytes"
	"strings"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// pressChunk is how much text shares one allocation.
const pressChunk = 64 << 10

// press turns drafts into raw posts. It uses its messages again and again,
// unless renew gives them away; only the strings are new each time, cut from
// chunks.
type press struct {
	chunk strings.Builder
	// chunkSize replaces pressChunk.
	chunkSize int
	raw       *doxtrailv1.RawPost
	counters  *doxtrailv1.Counters
	links     []*doxtrailv1.RawLink
	shares    []*doxtrailv1.RawShare
	media     []*doxtrailv1.RawMedia
	personal  []*doxtrailv1.PersonalData
	flags     []doxtrailv1.PostFlag
	// mended is set where text was not UTF-8.
	mended bool
}

// str copies bytes into a string and replaces what is not UTF-8, which a
// protocol buffer cannot hold.
func (p *press) str(b []byte) string {
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
		p.mended = true
	}
	if len(b) > p.chunk.Cap()-p.chunk.Len() {
		p.chunk.Reset()
		size := pressChunk
		if p.chunkSize > 0 {
			size = p.chunkSize
		}
		p.chunk.Grow(max(size, len(b)))
	}
	p.chunk.Write(b)
	s := p.chunk.String()
	return s[len(s)-len(b):]
}

// renew forgets the messages of the last post, which then belong to whoever
// has it.
func (p *press) renew() {
	p.raw, p.counters = nil, nil
	p.links, p.shares, p.media, p.personal, p.flags = nil, nil, nil, nil, nil
}

// channel fills a raw channel. Created is 0 where unknown.
func (p *press) channel(c *doxtrailv1.RawChannel, id, name []byte, kind doxtrailv1.ChannelKind, created int64) {
	c.Reset()
	c.SetChannelId(p.str(id))
	if len(name) > 0 {
		c.SetName(p.str(name))
	}
	c.SetKind(kind)
	if created > 0 {
		c.SetCreatedAt(created)
	}
}

// post fills the raw post from a draft.
func (p *press) post(d *draft, repeated bool) *doxtrailv1.RawPost {
	if p.raw == nil {
		p.raw = &doxtrailv1.RawPost{}
	}
	r := p.raw
	r.Reset()
	r.SetChannelId(p.str(d.channelID))
	if len(d.channelName) > 0 {
		r.SetChannelName(p.str(d.channelName))
	}
	r.SetChannelKind(d.channelKind)
	r.SetPostId(p.str(d.postID))
	if len(d.accountID) > 0 {
		r.SetAccountId(p.str(d.accountID))
	}
	r.SetKind(d.kind)
	r.SetPostedAt(d.postedAt)
	if d.editedAt > 0 {
		r.SetEditedAt(d.editedAt)
	}
	if d.collectedAt > 0 {
		r.SetCollectedAt(d.collectedAt)
	}
	if len(d.language) > 0 {
		r.SetLanguage(p.str(d.language))
	}
	if len(d.text) > 0 {
		r.SetText(p.str(d.text))
	}
	p.setLinks(d)
	p.setShares(d)
	p.setMedia(d)
	p.setCounters(d)
	p.setPersonal(d)
	p.setFlags(d)
	if repeated {
		r.SetRepeatedInFile(true)
	}
	return r
}

func (p *press) setLinks(d *draft) {
	if len(d.links) == 0 {
		return
	}
	p.links = extend(p.links, len(d.links))
	for i, l := range d.links {
		raw := p.links[i]
		raw.Reset()
		raw.SetUrl(p.str(l.url))
		raw.SetSource(l.source)
		raw.SetExpandedBy(l.expandedBy)
		if len(l.replaces) > 0 {
			raw.SetReplaces(p.str(l.replaces))
		}
	}
	p.raw.SetLinks(p.links[:len(d.links)])
}

func (p *press) setShares(d *draft) {
	if len(d.shares) == 0 {
		return
	}
	p.shares = extend(p.shares, len(d.shares))
	for i, s := range d.shares {
		raw := p.shares[i]
		raw.Reset()
		raw.SetKind(s.kind)
		if len(s.channelID) > 0 {
			raw.SetChannelId(p.str(s.channelID))
		}
		if len(s.channelName) > 0 {
			raw.SetChannelName(p.str(s.channelName))
		}
		if len(s.postID) > 0 {
			raw.SetPostId(p.str(s.postID))
		}
		if s.postedAt > 0 {
			raw.SetPostedAt(s.postedAt)
		}
		if s.person {
			raw.SetIsPerson(true)
		}
	}
	p.raw.SetShares(p.shares[:len(d.shares)])
}

func (p *press) setMedia(d *draft) {
	if len(d.media) == 0 {
		return
	}
	p.media = extend(p.media, len(d.media))
	for i, m := range d.media {
		raw := p.media[i]
		raw.Reset()
		if len(m.id) > 0 {
			raw.SetMediaId(p.str(m.id))
		}
		raw.SetKind(m.kind)
		if m.size > 0 {
			raw.SetSizeBytes(m.size)
		}
	}
	p.raw.SetMedia(p.media[:len(d.media)])
}

func (p *press) setCounters(d *draft) {
	if d.counters == [counterKinds]count{} {
		return
	}
	if p.counters == nil {
		p.counters = &doxtrailv1.Counters{}
	}
	p.counters.Reset()
	for i, set := range [counterKinds]func(int64){
		viewCount:     p.counters.SetViewCount,
		forwardCount:  p.counters.SetForwardCount,
		replyCount:    p.counters.SetReplyCount,
		quoteCount:    p.counters.SetQuoteCount,
		reactionCount: p.counters.SetReactionCount,
		bookmarkCount: p.counters.SetBookmarkCount,
		audience:      p.counters.SetAudience,
	} {
		if c := d.counters[i]; c.known {
			set(c.n)
		}
	}
	p.raw.SetCounters(p.counters)
}

func (p *press) setPersonal(d *draft) {
	if d.phones|d.emails|d.cards|d.names == 0 {
		return
	}
	n := 0
	for _, kind := range [...]struct {
		kind  doxtrailv1.PersonalDataKind
		count uint32
	}{
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE, d.phones},
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL, d.emails},
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD, d.cards},
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME, d.names},
	} {
		if kind.count == 0 {
			continue
		}
		p.personal = extend(p.personal, n+1)
		p.personal[n].SetKind(kind.kind)
		p.personal[n].SetCount(kind.count)
		n++
	}
	p.raw.SetPersonalData(p.personal[:n])
}

func (p *press) setFlags(d *draft) {
	p.flags = p.flags[:0]
	for _, flag := range [...]struct {
		set  bool
		flag doxtrailv1.PostFlag
	}{
		{d.sensitive, doxtrailv1.PostFlag_POST_FLAG_SENSITIVE},
		{d.withheld, doxtrailv1.PostFlag_POST_FLAG_WITHHELD},
		{d.viaBot, doxtrailv1.PostFlag_POST_FLAG_VIA_BOT},
		{d.capped, doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED},
	} {
		if flag.set {
			p.flags = append(p.flags, flag.flag)
		}
	}
	if len(p.flags) > 0 {
		p.raw.SetFlags(p.flags)
	}
}

// extend makes sure that a pool holds n messages.
func extend[T any](pool []*T, n int) []*T {
	for len(pool) < n {
		pool = append(pool, new(T))
	}
	return pool
}
