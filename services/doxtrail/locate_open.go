package main

import (
	"errors"
	"net/url"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// opener opens locators with the custodian's key. It unwraps the data key of a batch
// once.
type opener struct {
	custodian privacy.PrivateKey
	batches   map[privacy.Key]*privacy.Locators
}

func newOpener(custodian privacy.PrivateKey) *opener {
	return &opener{custodian: custodian, batches: map[privacy.Key]*privacy.Locators{}}
}

// shownLocator is a locator as it is shown. It names people.
type shownLocator struct {
	Key  string `json:"target_key"`
	Kind string `json:"kind"`
	// Of a post or a channel.
	Platform    string `json:"platform,omitempty"`
	ChannelID   string `json:"channel_id,omitempty"`
	ChannelName string `json:"channel_name,omitempty"`
	PostID      string `json:"post_id,omitempty"`
	// URL is the page's address, without a scheme where none was written, or where a
	// platform shows the post or channel; empty where that is not known.
	URL       string    `json:"url,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
}

// errLocatorDamaged is for the sentence that names the key.
var errLocatorDamaged = errors.New("its locator does not open: its row is damaged, or belongs to another key")

func (o *opener) open(l *store.SealedLocator) (shownLocator, error) {
	batch := o.batches[l.KeyID]
	if batch == nil {
		var err error
		if batch, err = privacy.OpenLocators(o.custodian, l.KeyID, l.Wrapped); err != nil {
			return shownLocator{}, errLocatorDamaged
		}
		o.batches[l.KeyID] = batch
	}
	plaintext, err := batch.Open(l.Target, l.Sealed)
	if err != nil {
		return shownLocator{}, errLocatorDamaged
	}
	var v doxtrailv1.LocatorValue
	if proto.Unmarshal(plaintext, &v) != nil { // whose error quotes it
		return shownLocator{}, errLocatorDamaged
	}
	return shownLocator{
		Key: l.Target.String(), Kind: l.Kind, Platform: bus.PlatformToken(v.GetPlatform()),
		ChannelID: v.GetChannelId(), ChannelName: v.GetChannelName(), PostID: v.GetPostId(),
		URL: addressOf(&v), ExpiresAt: l.ExpiresAt.UTC(),
	}, nil
}

// addressOf is where a browser finds what a locator is about. X needs no handle, which
// is a person's name; Telegram shows a channel without one to its members alone.
func addressOf(v *doxtrailv1.LocatorValue) string {
	id, name, post := url.PathEscape(v.GetChannelId()), url.PathEscape(v.GetChannelName()), url.PathEscape(v.GetPostId())
	switch {
	case v.HasAddress() && v.HasScheme():
		return v.GetScheme() + "://" + v.GetAddress()
	case v.HasAddress():
		return v.GetAddress()
	case v.GetPlatform() == doxtrailv1.Platform_PLATFORM_TWITTER && post != "":
		return "https://x.com/i/web/status/" + post
	case v.GetPlatform() == doxtrailv1.Platform_PLATFORM_TWITTER && id != "":
		return "https://x.com/i/user/" + id
	case v.GetPlatform() == doxtrailv1.Platform_PLATFORM_TWITTER:
		return "https://x.com/" + name
	case v.GetPlatform() != doxtrailv1.Platform_PLATFORM_TELEGRAM:
		return ""
	case name != "" && post != "":
		return "https://t.me/" + name + "/" + post
	case name != "":
		return "https://t.me/" + name
	case post != "":
		return "https://t.me/c/" + id + "/" + post
	}
	return ""
}
