package message

import (
	"strings"
	"unicode/utf8"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Bounds of one raw post, far above what Telegram allows. Together they stay
// below the 256 KiB of a record. A post that exceeds them is cut and flagged.
const (
	maxText      = 128 << 10 // bytes
	maxLinks     = 1000
	maxLinkBytes = 96 << 10
	maxShares    = 16
	maxMedia     = 64
	maxItems     = 64   // of an album; Telegram allows 10
	maxEntities  = 1000 // of one text; Telegram allows 100
	maxDepth     = 32   // of parts inside each other
)

// draft is a post while its items are read.
type draft struct {
	channel Channel
	// pictures says whether thumbnails are hashed.
	pictures bool

	lines     []string
	textBytes int
	links     []*doxtrailv1.RawLink
	linkBytes int
	shares    []*doxtrailv1.RawShare
	media     []*doxtrailv1.RawMedia
	personal  [personalKinds]uint32
	counts    counts
	forwarded bool
	replied   bool
	sensitive bool
	withheld  bool
	viaBot    bool
	capped    bool
}

// personal is a position in draft.personal.
type personal int

const (
	phone personal = iota
	email
	bankCard
	personName
	address
	personalKinds
)

// place is where in a post a text stands.
type place struct {
	// shown is the source of links that the text shows, hidden of those behind
	// other words.
	shown, hidden doxtrailv1.LinkSource
	// own is true where the author of the post speaks: only there personal data
	// are counted.
	own bool
}

// own is the text of the post itself.
func own() place {
	return place{doxtrailv1.LinkSource_LINK_SOURCE_ENTITY, doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK, true}
}

// field is a text beside the main one: a poll's answer, a task.
func field() place {
	return place{doxtrailv1.LinkSource_LINK_SOURCE_FIELD, doxtrailv1.LinkSource_LINK_SOURCE_FIELD, true}
}

// quoted is what somebody else wrote and the post repeats.
func quoted() place {
	return place{doxtrailv1.LinkSource_LINK_SOURCE_QUOTED, doxtrailv1.LinkSource_LINK_SOURCE_QUOTED, false}
}

// preview is what Telegram put beside the post.
func preview() place {
	return place{doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW, doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW, false}
}

// addText adds a text on a line of its own.
func (d *draft) addText(text string) {
	if text == "" {
		return
	}
	room := maxText - d.textBytes
	if len(text) > room {
		d.capped = true
		for room > 0 && !utf8.RuneStart(text[room]) {
			room--
		}
		text = text[:max(room, 0)]
	}
	if text != "" {
		d.lines = append(d.lines, text)
		d.textBytes += len(text) + 1
	}
}

func (d *draft) text() string { return strings.Join(d.lines, "\n") }

// addLink adds a link. Nothing platform-made is behind it: Telegram shortens no
// links.
func (d *draft) addLink(url string, source doxtrailv1.LinkSource) {
	if url == "" {
		return
	}
	url = mended(url)
	if len(d.links) == maxLinks || d.linkBytes+len(url) > maxLinkBytes {
		d.capped = true
		return
	}
	link := &doxtrailv1.RawLink{}
	link.SetUrl(url)
	link.SetSource(source)
	link.SetExpandedBy(doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE)
	d.links = append(d.links, link)
	d.linkBytes += len(url)
}

// mended replaces what is not UTF-8, which a record cannot hold.
func mended(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// personalData gives the kinds that were counted.
func (d *draft) personalData() []*doxtrailv1.PersonalData {
	var list []*doxtrailv1.PersonalData
	for i, kind := range [personalKinds]doxtrailv1.PersonalDataKind{
		phone:      doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE,
		email:      doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL,
		bankCard:   doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD,
		personName: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME,
		address:    doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS,
	} {
		if n := d.personal[i]; n > 0 {
			list = append(list, doxtrailv1.PersonalData_builder{Kind: &kind, Count: &n}.Build())
		}
	}
	return list
}

// flags gives the flags that were set.
func (d *draft) flags() []doxtrailv1.PostFlag {
	var list []doxtrailv1.PostFlag
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
			list = append(list, flag.flag)
		}
	}
	return list
}

// kind says what the post does: passing on weighs more than answering, as in
// pkg/archive.
func (d *draft) kind() doxtrailv1.PostKind {
	switch {
	case d.forwarded:
		return doxtrailv1.PostKind_POST_KIND_FORWARD
	case d.replied:
		return doxtrailv1.PostKind_POST_KIND_REPLY
	default:
		return doxtrailv1.PostKind_POST_KIND_ORIGINAL
	}
}
