package fake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gotd/td/tg"
)

// ChannelSpec is what a channel is when it is made.
type ChannelSpec struct {
	ID       int64
	Username string // may be empty: a channel without a public name
	// Usernames makes the channel one with several names, which Telegram shows
	// in another field than a single one; Username is then left out.
	Usernames   []string
	Title       string
	About       string
	Created     time.Time // now if zero
	Subscribers int
	Linked      int64 // id of the discussion group or of the channel it discusses
	Megagroup   bool  // a group instead of a channel
}

// Channel is a channel and its history. The methods that change it return when
// every session that follows it has been sent the update.
type Channel struct {
	server *Server
	spec   ChannelSpec

	// Guarded by the server's mu.
	next       int // the id of the next post
	pts        int
	oldest     int // the difference cannot begin before this pts
	posts      map[int]*post
	order      []int // ids of posts that are up, filled ones apart, rising
	filled     filling
	events     []*event
	private    bool
	restricted []tg.RestrictionReason
	quiet      bool
	served     bitset
}

// Channel makes a channel. An id that is taken returns the channel that has it.
func (s *Server) Channel(spec ChannelSpec) *Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.channels[spec.ID]; ok {
		return c
	}
	if spec.Created.IsZero() {
		spec.Created = s.now()
	}
	if len(spec.Usernames) > 0 {
		spec.Username = spec.Usernames[0]
	}
	c := &Channel{server: s, spec: spec, next: 1, pts: 1, oldest: 1, posts: map[int]*post{}}
	s.channels[spec.ID] = c
	for _, name := range c.names() {
		s.take(c, name)
	}
	return c
}

func (c *Channel) names() []string {
	if len(c.spec.Usernames) > 0 {
		return c.spec.Usernames
	}
	if c.spec.Username == "" {
		return nil
	}
	return []string{c.spec.Username}
}

// take gives a username to c, whoever had it before.
func (s *Server) take(c *Channel, name string) {
	name = strings.ToLower(name)
	if before := s.usernames[name]; before != nil && before != c {
		before.lose(name)
	}
	s.usernames[name] = c
}

func (c *Channel) lose(name string) {
	same := func(n string) bool { return strings.EqualFold(n, name) }
	c.spec.Usernames = slices.DeleteFunc(slices.Clone(c.spec.Usernames), same)
	if same(c.spec.Username) {
		c.spec.Username = ""
	}
}

// ID is the channel's number.
func (c *Channel) ID() int64 { return c.spec.ID }

// AccessHash is what the account must show with the id. It belongs to the
// account: a server with another phone number has another one.
func (c *Channel) AccessHash() int64 { return c.server.accessHash(c.spec.ID) }

func (s *Server) accessHash(id int64) int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "access hash of %d for %s", id, digits(s.opts.Phone)))
	return int64(binary.LittleEndian.Uint64(sum[:8]))
}

// Pts is the number of the channel's newest event.
func (c *Channel) Pts() int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.pts
}

// Rename gives the channel another username, or none. Its old names are free.
func (c *Channel) Rename(username string) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	for _, name := range c.names() {
		delete(c.server.usernames, strings.ToLower(name))
	}
	c.spec.Username, c.spec.Usernames = username, nil
	if username != "" {
		c.server.take(c, username)
	}
}

// SetSubscribers changes the number of subscribers.
func (c *Channel) SetSubscribers(n int) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.spec.Subscribers = n
}

// SetPrivate closes the channel to the account, as a ban or a change to private
// does, or opens it again: CHANNEL_PRIVATE, and ChannelForbidden in chats.
func (c *Channel) SetPrivate(private bool) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.private = private
}

// Restrict marks the channel as blocked for platforms; no reasons lift it.
func (c *Channel) Restrict(reasons []tg.RestrictionReason) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.restricted = slices.Clone(reasons)
}

// Quiet keeps the server from pushing what happens in this channel.
func (c *Channel) Quiet(quiet bool) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.quiet = quiet
}

// chat is the channel as clients see it; the server's mu is held.
func (c *Channel) chat() tg.ChatClass {
	if c.private {
		return &tg.ChannelForbidden{
			ID: c.spec.ID, AccessHash: c.AccessHash(), Title: c.spec.Title,
			Broadcast: !c.spec.Megagroup, Megagroup: c.spec.Megagroup,
		}
	}
	chat := &tg.Channel{
		ID: c.spec.ID, Title: c.spec.Title, Username: c.spec.Username,
		Broadcast: !c.spec.Megagroup, Megagroup: c.spec.Megagroup, HasLink: c.spec.Linked != 0,
		Left: true, Date: int(c.spec.Created.Unix()), Photo: &tg.ChatPhotoEmpty{},
	}
	chat.SetAccessHash(c.AccessHash())
	chat.SetParticipantsCount(c.spec.Subscribers)
	if len(c.spec.Usernames) > 0 {
		chat.Username = ""
		for i, name := range c.spec.Usernames {
			chat.Usernames = append(chat.Usernames, tg.Username{Editable: i == 0, Active: true, Username: name})
		}
	}
	if len(c.restricted) > 0 {
		chat.Restricted, chat.RestrictionReason = true, c.restricted
	}
	return chat
}
