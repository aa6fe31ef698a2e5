package normaliser

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// channel converts one raw channel. Where both id and name are known, an alias
// lets a channel that another source knows by name join: the id wins.
func (c *converter) channel(platform doxtrailv1.Platform, record []byte, out rows) error {
	var raw doxtrailv1.RawChannel
	if err := decode(record, &raw); err != nil {
		return err
	}
	key := c.channelKey(platform, raw.GetChannelId(), raw.GetName())
	if key.IsZero() {
		return errNoChannel
	}
	row := doxtrailv1.Channel_builder{
		ChannelKey: key[:], Platform: &platform, Kind: known(raw.GetKind()), Generation: &c.generation,
	}.Build()
	if raw.HasCreatedAt() {
		row.SetCreatedDay(int32(time.UnixMilli(raw.GetCreatedAt()).Unix() / secondsPerDay))
	}
	out.add(bus.KindChannels, platform, c.encode(row))
	if raw.GetName() != "" { // posts may give the id alone
		c.locateChannel(platform, key, raw.GetChannelId(), raw.GetName(), out)
	}
	if raw.GetChannelId() != "" && raw.GetName() != "" {
		alias := c.keyer.ChannelName(platform, raw.GetName())
		out.add(bus.KindChannelAliases, platform, c.encode(doxtrailv1.ChannelAlias_builder{
			AliasKey: alias[:], ChannelKey: key[:], Platform: &platform, Generation: &c.generation,
		}.Build()))
	}
	return nil
}

const secondsPerDay = 24 * 60 * 60
