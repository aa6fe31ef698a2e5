package look

import (
	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Channel is the record of an account.
func Channel(a archive.TweetAccount) *doxtrailv1.RawChannel {
	kind := doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT
	channel := doxtrailv1.RawChannel_builder{ChannelId: &a.ID, Kind: &kind}.Build()
	if a.Name != "" {
		channel.SetName(a.Name)
	}
	if a.CreatedAt > 0 {
		channel.SetCreatedAt(a.CreatedAt)
	}
	return channel
}

// Account is a look at an account that is there, with the number of its followers:
// up, back, private where it is protected, or restricted where it is withheld.
func (l Look) Account(a archive.TweetAccount, was State) *doxtrailv1.RawObservation {
	var counters *doxtrailv1.Counters
	if a.Followers >= 0 {
		counters = doxtrailv1.Counters_builder{Audience: &a.Followers}.Build()
	}
	if a.Protected {
		return l.Observation(a.ID, "", Private, counters)
	}
	return l.there(a.ID, "", was, hold{countries: a.Withheld}, counters)
}
