package telegram

import (
	"context"
	"fmt"

	"github.com/gotd/td/tg"
)

// messages asks for messages by their ids; what is gone comes back empty.
func (ch *channel) messages(ctx context.Context, ids []int) (list []tg.MessageClass, err error) {
	input := make([]tg.InputMessageClass, 0, len(ids))
	for _, id := range ids {
		input = append(input, &tg.InputMessageID{ID: id})
	}
	err = ch.retry(ctx, func() error {
		reply, err := ch.account.api.ChannelsGetMessages(ctx, &tg.ChannelsGetMessagesRequest{Channel: ch.at().input(), ID: input})
		if err != nil {
			return err
		}
		list, err = ch.account.listOf(reply)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for posts by id: %w", err)
	}
	return list, nil
}

// newest asks for the channel's position and its newest message.
func (ch *channel) newest(ctx context.Context) (pts, id int, err error) {
	err = ch.retry(ctx, func() error {
		reply, err := ch.account.api.MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{Peer: ch.at().inputPeer(), Limit: 1})
		if err != nil {
			return err
		}
		if in, ok := reply.(*tg.MessagesChannelMessages); ok {
			pts = in.Pts
		}
		list, err := ch.account.listOf(reply)
		_, id = bounds(list)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the newest post: %w", err)
	}
	return pts, id, nil
}
