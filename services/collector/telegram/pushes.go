package telegram

import (
	"context"
	"errors"

	"github.com/gotd/td/tg"
)

// route has a channel's pushes come to its tail.
func (a *account) route(ch *channel) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.followed[ch.at().ID] = ch
}

func (a *account) unroute(ch *channel) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.followed, ch.at().ID)
}

// handle implements telegram.UpdateHandler. It must not block: answers to calls
// come over the same connection.
func (a *account) handle(_ context.Context, updates tg.UpdatesClass) error {
	switch u := updates.(type) {
	case *tg.Updates:
		a.learn(u.Chats)
		a.deal(u.Updates)
	case *tg.UpdatesCombined:
		a.learn(u.Chats)
		a.deal(u.Updates)
	case *tg.UpdateShort:
		a.deal([]tg.UpdateClass{u.Update})
	case *tg.UpdatesTooLong:
		a.reconnected()
	}
	return nil
}

// deal hands each update to the tail of its channel.
func (a *account) deal(updates []tg.UpdateClass) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, u := range updates {
		id, pts, count, ok, err := tg.IsChannelPtsUpdate(u)
		ch := a.followed[id]
		if !ok || err != nil || ch == nil {
			continue
		}
		if _, long := u.(*tg.UpdateChannelTooLong); long || pts <= 0 {
			ch.tail.behind(true)
		} else if count > 0 { // else it only says what was read
			ch.tail.push(pushed{u, pts, count})
		}
	}
}

// reconnected has every tail ask what it missed while there was no connection.
func (a *account) reconnected() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ch := range a.followed {
		ch.tail.behind(false)
	}
}

// learn takes what a reply says about channels: of those that are followed whether
// they have another handle now, of others how they are reached.
func (a *account) learn(chats []tg.ChatClass) {
	a.proposals.learn(chats)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range chats {
		channel, ok := c.(*tg.Channel)
		if !ok || channel.Min {
			continue
		}
		if ch := a.followed[channel.ID]; ch != nil && ch.at().Name != nameOf(channel) {
			select {
			case ch.lookNow <- struct{}{}:
			default:
			}
		}
	}
}

// listOf takes the messages out of a reply.
func (a *account) listOf(reply tg.MessagesMessagesClass) ([]tg.MessageClass, error) {
	modified, ok := reply.AsModified()
	if !ok {
		return nil, errors.New("read a reply: it says that nothing was modified, which was not asked")
	}
	a.learn(modified.GetChats())
	return modified.GetMessages(), nil
}
