package preview

import (
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// origin is the share of a forward whose origin has this address. That of a
// channel leads to the post that was forwarded. An origin without an address is
// a person, or somebody who hides; one that leads to no post is the account of a
// person, whose name is not kept.
func origin(address string) *doxtrailv1.RawShare {
	share := &doxtrailv1.RawShare{}
	share.SetKind(doxtrailv1.ShareKind_SHARE_KIND_FORWARD)
	if !setSource(share, address) {
		share.SetIsPerson(true)
	}
	return share
}

// replied is the share of a reply to the post with this address. Without one it
// only says that there is a reply.
func replied(address string) *doxtrailv1.RawShare {
	share := &doxtrailv1.RawShare{}
	share.SetKind(doxtrailv1.ShareKind_SHARE_KIND_REPLY)
	setSource(share, address)
	return share
}

// setSource names the channel and post that an address leads to, and gives false
// where it leads to no post.
func setSource(share *doxtrailv1.RawShare, address string) bool {
	if !isAddress(address) {
		return false
	}
	link, err := cardlink.Canonicalise(address)
	if err != nil {
		return false
	}
	ref, ok := link.Post()
	if !ok || ref.PostID == "" || ref.Platform != doxtrailv1.Platform_PLATFORM_TELEGRAM {
		return false
	}
	if ref.ChannelID != "" {
		share.SetChannelId(ref.ChannelID)
	}
	if ref.ChannelName != "" {
		share.SetChannelName(ref.ChannelName)
	}
	share.SetPostId(ref.PostID)
	return true
}
