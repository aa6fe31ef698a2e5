package privacy

import (
	"strings"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// ChannelOf is the key of a channel that is known by its id, by its handle or by
// both. It prefers the id: handles change hands.
func (k *Keyer) ChannelOf(platform doxtrailv1.Platform, id, name string) Key {
	if id != "" {
		return k.Channel(platform, id)
	}
	return k.ChannelName(platform, name)
}

// PostOf is the key of a post whose channel is known by id or by handle only. The @
// keeps a handle from being taken for an id.
func (k *Keyer) PostOf(platform doxtrailv1.Platform, channelID, channelName, postID string) Key {
	if channelID == "" && channelName != "" {
		channelID = "@" + strings.ToLower(channelName)
	}
	return k.Post(platform, channelID, postID)
}
