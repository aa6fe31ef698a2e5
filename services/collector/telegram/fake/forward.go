package fake

import "github.com/gotd/td/tg"

// Say adds a post that is a text and nothing else, and returns its id.
func (c *Channel) Say(text string) int { return c.Post(tg.Message{Message: text}) }

// Forward adds a post that passes on a post of another channel, and returns its
// id.
func (c *Channel) Forward(text string, from *Channel, id int) int {
	c.server.mu.Lock()
	at := c.server.unix()
	c.server.mu.Unlock()
	m := tg.Message{Message: text}
	m.SetFwdFrom(tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: from.ID()}, ChannelPost: id, Date: at})
	return c.Post(m)
}
