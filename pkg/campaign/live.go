package campaign

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// LivePost is a Telegram post in plain values, as whoever posts it anew needs
// them: the demo pours the campaign into a Telegram of its own.
type LivePost struct {
	Channel *Channel
	// PostedAt is in seconds since 1970 UTC, on the campaign's own clock.
	PostedAt int64
	Pieces   []LivePiece // the text, in pieces
	Buttons  []LivePiece
	// Passes is the channel that a forward names, nil for all others, and Person
	// the name of the person where it came from one.
	Passes *Channel
	Person string
	// Source is the index of the post that a forward or reply points to, in what
	// LivePosts returns; -1 where there is none.
	Source int
	Reply  bool
	Photo  bool
	Card   bool // it links to a card
}

// LivePiece is a stretch of a text. A link that Telegram marks has its address
// in Link; one that nobody marked is a part of the text.
type LivePiece struct{ Text, Link string }

// Number is the channel's id as a number.
func (c *Channel) Number() int64 {
	n, _ := strconv.ParseInt(c.ID, 10, 64) // it was made from one
	return n
}

// LiveChannels are the Telegram channels: those that post, and those that are
// only forwarded from.
func (c *Campaign) LiveChannels() (posting, outside []*Channel) { return c.channels, c.outside }

// LiveLabels are the labels of the Telegram channels that post.
func (c *Campaign) LiveLabels() map[*Channel]string {
	labels := c.labels()
	for _, account := range c.accounts {
		delete(labels, account)
	}
	return labels
}

// LivePosts are all Telegram posts, by time.
func (c *Campaign) LivePosts() []LivePost {
	at, cards := make(map[*Post]int), set(c.Cards())
	var all []LivePost
	for _, p := range c.posts {
		if p.Channel.Platform != Telegram {
			continue
		}
		at[p] = len(all)
		one := p.live(at)
		for _, l := range p.body.links() {
			one.Card = one.Card || cards[l.path]
		}
		all = append(all, one)
	}
	return all
}

// live is the post in plain values; at holds the indexes of earlier ones.
func (p *Post) live(at map[*Post]int) LivePost {
	out := LivePost{
		Channel: p.Channel, PostedAt: p.PostedAt, Source: -1, Reply: p.kind == reply, Photo: p.media != nil && p.media.photo,
		Pieces: livePieces(flattened(p.body.pieces)), Buttons: livePieces(p.body.buttons),
	}
	source := p.source
	if p.kind == forward {
		out.Passes = p.origin
		if p.person != nil {
			out.Passes, out.Person = nil, p.person.Chinese
		}
		for source != nil && source.kind == forward { // a forward names where it came from first
			source = source.source
		}
		if source != nil && source.Channel != out.Passes {
			source = nil
		}
	}
	if i, ok := at[source]; ok {
		out.Source = i
	}
	return out
}

func livePieces(pieces []piece) []LivePiece {
	out := make([]LivePiece, 0, len(pieces))
	for _, p := range joined(pieces) {
		one := LivePiece{Text: p.text}
		if p.link != nil {
			one.Link = p.link.raw
		}
		out = append(out, one)
	}
	return out
}

// WriteLiveWatchlist writes a watch list with all sites and the Telegram channels
// that post, by their handles: what a person knows who begins to watch them.
func (c *Campaign) WriteLiveWatchlist(w io.Writer) error {
	var s strings.Builder
	s.WriteString(c.family(c.Sites()))
	s.WriteString("channels:\n")
	labels := c.labels()
	for _, channel := range c.channels {
		fmt.Fprintf(&s, "  - label: %s\n    platform: %s\n    name: %s\n    reason: %s\n",
			labels[channel], channel.Platform, channel.Name, "posts cards in the demo campaign")
	}
	_, err := io.WriteString(w, s.String())
	return err
}
