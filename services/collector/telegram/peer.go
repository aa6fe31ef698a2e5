package telegram

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// peer is what finds a channel again: kept for good, because asking for a name is
// the call that Telegram punishes most.
type peer struct {
	ID int64 `json:"id"`
	// Hash is the account's own right to ask for the channel.
	Hash int64 `json:"hash"`
	// Void is the last hash that did not fit.
	Void int64 `json:"void,omitempty"`
	// Name is the handle that the channel had when it was last looked at.
	Name  string `json:"name,omitempty"`
	Group bool   `json:"group,omitempty"`
	// CreatedAt is in seconds since 1970.
	CreatedAt int `json:"created_at,omitempty"`
}

func (p peer) id() string { return strconv.FormatInt(p.ID, 10) }

func (p peer) input() *tg.InputChannel {
	return &tg.InputChannel{ChannelID: p.ID, AccessHash: p.Hash}
}

func (p peer) inputPeer() *tg.InputPeerChannel {
	return &tg.InputPeerChannel{ChannelID: p.ID, AccessHash: p.Hash}
}

func (p peer) kind() doxtrailv1.ChannelKind {
	if p.Group {
		return doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP
	}
	return doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL
}

// raw is the channel's own record.
func (p peer) raw() *doxtrailv1.RawChannel {
	id, kind, created := p.id(), p.kind(), int64(p.CreatedAt)*1000
	raw := doxtrailv1.RawChannel_builder{ChannelId: &id, Name: &p.Name, Kind: &kind}.Build()
	if created > 0 {
		raw.SetCreatedAt(created)
	}
	return raw
}

// peerOf reads a channel as replies hold it.
func peerOf(c *tg.Channel) peer {
	return peer{ID: c.ID, Hash: c.AccessHash, Name: nameOf(c), Group: c.Megagroup || c.Gigagroup, CreatedAt: c.Date}
}

// nameOf is a channel's handle: one of several, or the only one.
func nameOf(c *tg.Channel) string {
	for _, n := range c.Usernames {
		if n.Active {
			return n.Username
		}
	}
	return c.Username
}

// channelIn finds a channel among the chats of a reply; nil if it is not there or
// only in part.
func channelIn(chats []tg.ChatClass, id int64) *tg.Channel {
	for _, c := range chats {
		if channel, ok := c.(*tg.Channel); ok && channel.ID == id && !channel.Min {
			return channel
		}
	}
	return nil
}

// Reasons why a watched channel is not followed.
const (
	errNameFree   = refusal("nobody has this handle")
	errNoChannel  = refusal("the handle is that of a person or a bot, not of a channel")
	errGroup      = refusal("it is a group; set collector_telegram.groups to follow groups")
	errNoWay      = refusal("it is listed by its id alone, which does not lead there: list its handle as well")
	errClaimed    = refusal("the watch list has this channel under another label too: take one of them off")
	errOtherOwner = refusal("the handle belongs to another channel now")
)

// ofHandle says that the next try would ask for the handle again.
func ofHandle(err error) bool {
	return errors.Is(err, errNameFree) || errors.Is(err, errNoChannel) || errors.Is(err, errOtherOwner)
}

// peerName names the cursor that holds the peer of a watched channel.
func peerName(w watchlist.Channel) string { return "peer/" + w.ID + "/" + strings.ToLower(w.Name) }

// find gives the peer of a watched channel: as it is known, or by what was learned
// of it or its handle; that is to be kept. Before it asks for the handle it says so.
func (a *account) find(ctx context.Context, w watchlist.Channel, asks func()) (p peer, known bool, err error) {
	if _, err := a.shelf.Load(ctx, peerName(w), &p); err != nil {
		return p, false, err
	}
	if p.Hash != 0 {
		return p, true, nil
	}
	if met := a.proposals.find(w.ID); met.Hash != 0 && met.Hash != p.Void {
		return peer{ID: met.ID, Hash: met.Hash, Name: met.Name, Group: met.Group}, false, nil
	}
	if w.Name == "" {
		return p, false, errNoWay
	}
	asks()
	p, err = a.resolve(ctx, w, p.ID)
	return p, false, err
}

// mayFollow refuses groups unless they are allowed, also one that was followed
// while they were.
func (a *account) mayFollow(p peer) error {
	if p.Group && !a.cfg.Groups {
		return errGroup
	}
	return nil
}

// resolve asks who has the handle of a watched channel. Once it led to a channel it
// must lead there again: handles change hands.
func (a *account) resolve(ctx context.Context, w watchlist.Channel, before int64) (peer, error) {
	reply, err := a.api.ContactsResolveUsername(ctx, &tg.ContactsResolveUsernameRequest{Username: w.Name})
	if err != nil {
		if ctx.Err() == nil && faultOf(err) == faultName {
			return peer{}, errNameFree
		}
		return peer{}, fmt.Errorf("ask for a handle: %w", err)
	}
	at, ok := reply.Peer.(*tg.PeerChannel)
	if !ok {
		return peer{}, errNoChannel
	}
	channel := channelIn(reply.Chats, at.ChannelID)
	if channel == nil {
		return peer{}, errNoChannel
	}
	p := peerOf(channel)
	if w.ID != "" && w.ID != p.id() || before != 0 && before != p.ID {
		return peer{}, errOtherOwner
	}
	return p, nil
}

// millis is a time of Telegram's, in seconds, as records have it.
func millis(seconds int) int64 { return time.Unix(int64(seconds), 0).UnixMilli() }
