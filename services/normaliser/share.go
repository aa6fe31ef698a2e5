package normaliser

import (
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// shares adds a row for every post or channel that a post passes on.
func (c *converter) shares(raw *doxtrailv1.RawPost, facts *postFacts, out rows) {
	for _, s := range raw.GetShares() {
		row := c.share(facts, s.GetKind())
		if s.GetIsPerson() {
			// Who wrote what was forwarded is nobody's business: that it was
			// a person is all that is kept, whatever else the source names.
			row.SetSourceIsPerson(true)
		} else {
			c.source(row, facts.platform, s.GetChannelId(), s.GetChannelName(), s.GetPostId())
		}
		if s.HasPostedAt() {
			row.SetSourcePostedAt(s.GetPostedAt())
		}
		out.add(bus.KindShares, facts.platform, c.encode(row))
	}
}

// linkShare makes the share of a link to a channel or a post of a platform, the
// bridge between platforms.
func (c *converter) linkShare(ref cardlink.PostRef, facts *postFacts) *doxtrailv1.Share {
	row := c.share(facts, doxtrailv1.ShareKind_SHARE_KIND_LINK)
	c.source(row, ref.Platform, ref.ChannelID, ref.ChannelName, ref.PostID)
	return row
}

// share starts a row with the post that passes on.
func (c *converter) share(facts *postFacts, kind doxtrailv1.ShareKind) *doxtrailv1.Share {
	return doxtrailv1.Share_builder{
		PostKey:    facts.post[:],
		ChannelKey: facts.channel[:],
		PostedAt:   &facts.postedAt,
		Kind:       known(kind),
		Generation: &c.generation,
	}.Build()
}

// source fills in what is known of the post or channel that is passed on.
func (c *converter) source(row *doxtrailv1.Share, platform doxtrailv1.Platform, channelID, channelName, postID string) {
	if channel := c.channelKey(platform, channelID, channelName); !channel.IsZero() {
		row.SetSourceChannelKey(channel.Bytes())
	}
	if postID == "" {
		return
	}
	row.SetSourcePostNoKey(c.keyer.PostNo(platform, postID).Bytes())
	if post := c.postKey(platform, channelID, channelName, postID); !post.IsZero() {
		row.SetSourcePostKey(post.Bytes())
	}
}
