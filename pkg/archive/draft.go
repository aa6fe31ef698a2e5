package archive

import doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"

// Bounds of one raw post, far above what the platforms allow, so that a record
// always fits a batch of 512 KiB whatever a file says. A post that exceeds them
// is cut and flagged.
const (
	maxText      = 256 << 10
	maxLinks     = 1000
	maxLinkBytes = 96 << 10
	maxID        = 128
	maxShares    = 16
	maxMedia     = 64
)

// counter is a position in draft.counters.
type counter int

const (
	viewCount counter = iota
	forwardCount
	replyCount
	quoteCount
	reactionCount
	bookmarkCount
	audience
	counterKinds
)

// draft is a post as a reader found it: slices of the record it was cut from,
// valid until the next record. Times are milliseconds, 0 where absent.
type draft struct {
	// scope is what a post id is unique in: the channel, or empty for a whole
	// platform.
	scope       []byte
	channelID   []byte
	channelName []byte
	channelKind doxtrailv1.ChannelKind
	postID      []byte
	accountID   []byte
	kind        doxtrailv1.PostKind
	postedAt    int64
	editedAt    int64
	collectedAt int64
	language    []byte
	text        []byte
	links       []link
	linkBytes   int
	shares      []share
	media       []media
	counters    [counterKinds]count
	phones      uint32
	emails      uint32
	cards       uint32
	names       uint32
	sensitive   bool
	withheld    bool
	viaBot      bool
	capped      bool
	// fullness says how much of the post's surroundings is in the draft.
	fullness uint8
	// own is a hash of the post's own content, where the draft holds more than
	// that; 0 hashes the draft.
	own uint64
}

type count struct {
	n     int64
	known bool
}

func (c count) orUnknown() int64 {
	if !c.known {
		return -1
	}
	return c.n
}

type link struct {
	url, replaces []byte
	source        doxtrailv1.LinkSource
	expandedBy    doxtrailv1.LinkExpansion
}

type share struct {
	kind                           doxtrailv1.ShareKind
	channelID, channelName, postID []byte
	postedAt                       int64
	person                         bool
}

type media struct {
	id   []byte
	kind doxtrailv1.MediaKind
	size int64
}

func (d *draft) reset() {
	*d = draft{links: d.links[:0], shares: d.shares[:0], media: d.media[:0]}
}

func (d *draft) setText(text []byte) {
	if len(text) > maxText {
		text = text[:maxText]
		// Not in the middle of a character.
		for range 3 {
			if len(text) > 0 && text[len(text)-1]&0xc0 == 0x80 {
				text = text[:len(text)-1]
			}
		}
		if len(text) > 0 && text[len(text)-1] >= 0xc0 {
			text = text[:len(text)-1]
		}
		d.capped = true
	}
	d.text = text
}

func (d *draft) addLink(l link) {
	size := len(l.url) + len(l.replaces)
	if len(d.links) == maxLinks || d.linkBytes+size > maxLinkBytes {
		d.capped = true
		return
	}
	if len(l.url) > 0 {
		d.links = append(d.links, l)
		d.linkBytes += size
	}
}

func (d *draft) addShare(s share) {
	if len(d.shares) < maxShares {
		d.shares = append(d.shares, s)
	}
}

func (d *draft) addMedia(m media) {
	if len(d.media) < maxMedia {
		d.media = append(d.media, m)
	}
}

func (d *draft) setCounter(c counter, n int64) {
	if n >= 0 {
		d.counters[c] = count{n, true}
	}
}

// content is a hash of what the post says, without what changes by itself:
// counters, the collection's time, the channel's name, the platform's labels.
func (d *draft) content() uint64 {
	if d.own != 0 {
		return d.own
	}
	h := hashNumber(postSeed, uint64(d.kind))
	h = hashNumber(h, uint64(d.postedAt))
	h = hashNumber(h, uint64(d.editedAt))
	h = hashBytes(h, d.accountID)
	h = hashBytes(h, d.text)
	for _, l := range d.links {
		h = hashNumber(hashBytes(h, l.url), uint64(l.source))
	}
	for _, s := range d.shares {
		h = hashNumber(h, uint64(s.kind))
		h = hashBytes(hashBytes(h, s.channelID), s.postID)
	}
	for _, m := range d.media {
		h = hashNumber(hashNumber(h, uint64(m.kind)), uint64(m.size))
	}
	h = hashNumber(h, uint64(d.phones)<<32|uint64(d.emails))
	return hashNumber(h, uint64(d.cards)<<32|uint64(d.names))
}
