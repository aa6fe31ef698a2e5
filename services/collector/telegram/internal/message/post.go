package message

import (
	"strconv"
	"time"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Channel is where messages were read.
type Channel struct {
	// ID is the bare id, without -100; 0 if only the name is known.
	ID int64
	// Username is the handle, without @.
	Username string
	// Kind says whether it is a channel or a group; of a group authors are kept.
	Kind doxtrailv1.ChannelKind
	// Audience is the last known number of subscribers; negative if unknown.
	Audience int
}

// Post makes the raw post of one message, or of all items of one album in
// ascending order of id. readAt is when they were read. Without items it is nil.
//
// The post's id and time are those of the first item. Its edit is the last that
// Telegram shows: an edit date that it hides (EditHide) moves with reactions,
// buttons and previews and says nothing of the text. Exports by Telegram Desktop do
// not tell the two apart.
func Post(channel Channel, items []*tg.Message, readAt time.Time) *doxtrailv1.RawPost {
	if len(items) == 0 {
		return nil
	}
	d := draft{channel: channel, pictures: true, counts: unknown()}
	d.counts.audience = int64(max(channel.Audience, -1))
	d.read(items)
	post := &doxtrailv1.RawPost{}
	setPlace(post, channel, items)
	setTimes(post, items, readAt)
	post.SetKind(d.kind())
	if id := author(channel, items[0]); id != "" {
		post.SetAccountId(id)
	}
	if len(d.lines) > 0 {
		post.SetText(d.text())
	}
	post.SetLinks(d.links)
	post.SetShares(d.shares)
	post.SetMedia(d.media)
	if d.counts != unknown() {
		post.SetCounters(d.counts.record())
	}
	post.SetPersonalData(d.personalData())
	post.SetFlags(d.flags())
	return post
}

// read takes everything of the items. What the post itself says comes first, so
// that a preview never crowds it out.
func (d *draft) read(items []*tg.Message) {
	for _, m := range items {
		d.speech(m)
		d.buttons(m.ReplyMarkup)
		d.fields(m.Media)
		d.passedOn(m)
		d.files(m.Media, 0)
		d.counts.atLeast(countsOf(m))
		d.restrictions(m.RestrictionReason)
		d.viaBot = d.viaBot || m.ViaBotID != 0
	}
	for _, m := range items {
		d.quote(m.ReplyTo)
		d.webPage(m.Media)
		d.marks(mended(m.Factcheck.Text.Text), m.Factcheck.Text.Entities, preview())
	}
}

// speech takes what the message says: its text or caption and its rich blocks.
func (d *draft) speech(m *tg.Message) {
	text := mended(m.Message)
	d.addText(text)
	d.marks(text, m.Entities, own())
	d.richMessage(&m.RichMessage)
}

// quote takes the links of the part that a reply quotes. Its words are another's.
func (d *draft) quote(reply tg.MessageReplyHeaderClass) {
	if header, ok := reply.(*tg.MessageReplyHeader); ok {
		d.marks(mended(header.QuoteText), header.QuoteEntities, quoted())
	}
}

// restrictions flags a post that Telegram withholds.
func (d *draft) restrictions(reasons []tg.RestrictionReason) {
	for _, reason := range reasons {
		d.withheld = true
		if restrictionOf(reason.Reason) == doxtrailv1.RestrictionKind_RESTRICTION_KIND_SENSITIVE {
			d.sensitive = true
		}
	}
}

// setPlace says which post of which channel it is.
func setPlace(post *doxtrailv1.RawPost, channel Channel, items []*tg.Message) {
	if channel.ID != 0 {
		post.SetChannelId(decimal(channel.ID))
	} else {
		post.SetChannelName(mended(channel.Username))
	}
	post.SetChannelKind(channel.Kind)
	post.SetPostId(strconv.Itoa(items[0].ID))
	var others []string
	for _, m := range items[1:min(len(items), maxItems)] {
		others = append(others, strconv.Itoa(m.ID))
	}
	post.SetItemIds(others)
}

// setTimes sets the times, which Telegram gives in whole seconds. As in an export
// no precision is said, because windows narrower than a second are not asked for.
func setTimes(post *doxtrailv1.RawPost, items []*tg.Message, readAt time.Time) {
	posted := items[0].Date
	if posted > 0 {
		post.SetPostedAt(milliseconds(posted))
	}
	edited := 0
	for _, m := range items {
		if !m.EditHide && m.EditDate > 0 && m.EditDate >= posted {
			edited = max(edited, m.EditDate)
		}
	}
	if edited > 0 {
		post.SetEditedAt(milliseconds(edited))
	}
	post.SetCollectedAt(readAt.UnixMilli())
}

func milliseconds(seconds int) int64 { return int64(seconds) * 1000 }

func decimal(id int64) string { return strconv.FormatInt(id, 10) }

// author gives the author inside a group, unless the group itself speaks. In a
// channel the channel speaks, whoever signed.
func author(channel Channel, m *tg.Message) string {
	if channel.Kind != doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP {
		return ""
	}
	switch from := m.FromID.(type) {
	case *tg.PeerUser:
		return decimal(from.UserID)
	case *tg.PeerChannel:
		if from.ChannelID == channel.ID {
			return ""
		}
		// With its kind, so that channel 9 and user 9 stay two authors.
		return "channel" + decimal(from.ChannelID)
	case *tg.PeerChat:
		return "chat" + decimal(from.ChatID)
	default:
		return ""
	}
}
