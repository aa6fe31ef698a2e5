package fake

import (
	"regexp"
	"strings"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// errPrivate is what a channel that is closed to the account answers. A new one
// each time: clients' middleware may change an error.
func errPrivate() error { return tgerr.New(406, "CHANNEL_PRIVATE") }

// find is the channel a client means; a wrong access hash finds none.
func (s *Server) find(input tg.InputChannelClass) (*Channel, error) {
	switch in := input.(type) {
	case *tg.InputChannel:
		c := s.channels[in.ChannelID]
		if c == nil || in.AccessHash != c.AccessHash() {
			return nil, tgerr.New(400, "CHANNEL_INVALID")
		}
		return c, nil
	case *tg.InputChannelFromMessage:
		return s.findByMessage(in.Peer, in.MsgID, in.ChannelID)
	}
	return nil, tgerr.New(400, "CHANNEL_INVALID")
}

func (s *Server) findPeer(input tg.InputPeerClass) (*Channel, error) {
	switch in := input.(type) {
	case *tg.InputPeerChannel:
		return s.find(&tg.InputChannel{ChannelID: in.ChannelID, AccessHash: in.AccessHash})
	case *tg.InputPeerChannelFromMessage:
		return s.findByMessage(in.Peer, in.MsgID, in.ChannelID)
	}
	return nil, tgerr.New(400, "PEER_ID_INVALID")
}

// findByMessage finds a channel the client knows only from a forward of it.
func (s *Server) findByMessage(peer tg.InputPeerClass, id int, want int64) (*Channel, error) {
	seen, err := s.findPeer(peer)
	if err != nil {
		return nil, err
	}
	origin := s.channels[want]
	if seen.private || !seen.up(id) || origin == nil || !passesOn(seen.message(id), want) {
		return nil, tgerr.New(400, "CHANNEL_INVALID")
	}
	return origin, nil
}

// open is find for what needs the channel to be readable.
func (s *Server) open(input tg.InputChannelClass) (*Channel, error) {
	c, err := s.find(input)
	if err != nil {
		return nil, err
	}
	if c.private {
		return nil, errPrivate()
	}
	return c, nil
}

// origin is the channel a message was forwarded from, 0 if none.
func origin(m tg.MessageClass) int64 {
	message, ok := m.(*tg.Message)
	if !ok {
		return 0
	}
	from, ok := message.FwdFrom.FromID.(*tg.PeerChannel)
	if !ok {
		return 0
	}
	return from.ChannelID
}

func passesOn(m tg.MessageClass, channel int64) bool { return origin(m) == channel }

// chats are the channels a client needs to understand messages of c: c itself
// and those they were forwarded from.
func (c *Channel) chats(messages ...tg.MessageClass) []tg.ChatClass {
	chats := []tg.ChatClass{c.chat()}
	named := map[int64]bool{c.spec.ID: true}
	for _, m := range messages {
		id := origin(m)
		if from := c.server.channels[id]; from != nil && !named[id] {
			named[id] = true
			chats = append(chats, from.chat())
		}
	}
	return chats
}

// username is what Telegram takes for one.
func username(name string) bool {
	return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`).MatchString(name)
}

func (s *Server) resolveUsername(_ *connection, r *tg.ContactsResolveUsernameRequest) (bin.Encoder, error) {
	if !username(r.Username) {
		return nil, tgerr.New(400, "USERNAME_INVALID")
	}
	c := s.usernames[strings.ToLower(r.Username)]
	if c == nil {
		return nil, tgerr.New(400, "USERNAME_NOT_OCCUPIED")
	}
	return &tg.ContactsResolvedPeer{Peer: c.peer(), Chats: c.chats()}, nil
}

func (s *Server) getChannels(_ *connection, r *tg.ChannelsGetChannelsRequest) (bin.Encoder, error) {
	answer := &tg.MessagesChats{}
	for _, input := range r.ID {
		c, err := s.find(input)
		if err != nil {
			return nil, err
		}
		answer.Chats = append(answer.Chats, c.chat())
	}
	return answer, nil
}

func (s *Server) getFullChannel(conn *connection, r *tg.ChannelsGetFullChannelRequest) (bin.Encoder, error) {
	c, err := s.open(r.Channel)
	if err != nil {
		return nil, err
	}
	c.follow(conn)
	full := &tg.ChannelFull{ID: c.spec.ID, About: c.spec.About, ChatPhoto: &tg.PhotoEmpty{}, Pts: c.pts}
	full.SetParticipantsCount(c.spec.Subscribers)
	chats := c.chats()
	if c.spec.Linked != 0 {
		full.SetLinkedChatID(c.spec.Linked)
		if linked := s.channels[c.spec.Linked]; linked != nil {
			chats = append(chats, linked.chat())
		}
	}
	return &tg.MessagesChatFull{FullChat: full, Chats: chats}, nil
}
