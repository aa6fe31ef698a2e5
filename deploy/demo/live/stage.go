package main

import (
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

const (
	// liveCards is how many posts with cards are kept back, to be posted while the
	// collector looks on, and historyShare the share of all that came before them:
	// the campaign is at its height then.
	liveCards    = 20
	historyShare = 0.7
	// historyDays is how many days the campaign so far is told in. They end with
	// yesterday, so that what is posted live is a day of its own.
	historyDays = 14
	// albumEvery says of how many posts with a photo about one is an album.
	albumEvery = 3
	// editedPosts is how many posts were edited before anybody looked.
	editedPosts = 5
)

// stage is the campaign on the Telegram of the demo.
type stage struct {
	channels map[*campaign.Channel]*fake.Channel
	posts    []campaign.LivePost
	at       []time.Time // when each was posted, by index in posts; zero for not yet
	ids      []int       // and under which id
	live     []int       // indexes of the posts that are kept back
	labels   map[*campaign.Channel]string
	held     int // posts of the history
	albums   int // how many of them are albums
	months   int // how long it took, on the campaign's clock
}

// newStage makes the channels and everything that was posted in them by now.
func newStage(telegram *fake.Server, c *campaign.Campaign, now time.Time) *stage {
	s := &stage{channels: map[*campaign.Channel]*fake.Channel{}, labels: c.LiveLabels(), posts: c.LivePosts()}
	s.at, s.ids = make([]time.Time, len(s.posts)), make([]int, len(s.posts))
	posting, outside := c.LiveChannels()
	today := now.UTC().Truncate(24 * time.Hour)
	for i, channel := range slices.Concat(posting, outside) {
		s.channels[channel] = telegram.Channel(fake.ChannelSpec{
			ID: channel.Number(), Username: channel.Name, Title: channel.Title,
			Created: today.AddDate(0, -1, 0), Subscribers: 40_000 / (i + 1),
		})
	}
	history := s.keepBack()
	first, last := s.posts[history[0]].PostedAt, s.posts[history[len(history)-1]].PostedAt
	for _, i := range history {
		s.post(i, told(s.posts[i].PostedAt, first, last, today), true)
	}
	for _, i := range history[len(history)-editedPosts:] {
		s.edit(i)
	}
	s.held, s.months = len(history), int(time.Duration(last-first)*time.Second/(30*24*time.Hour))
	return s
}

// keepBack gives what the history is of, and keeps the posts with cards that come
// next. What comes after them is left out, and so is what says nothing of cards
// meanwhile.
func (s *stage) keepBack() (history []int) {
	var cards []int
	for i, p := range s.posts {
		if p.Card {
			cards = append(cards, i)
		}
	}
	cut := int(historyShare * float64(len(cards)))
	s.live = cards[cut : cut+liveCards]
	for i := range s.live[0] {
		history = append(history, i)
	}
	return history
}

// told is when a second of the campaign lies in the demo's days before today.
func told(at, first, last int64, today time.Time) time.Time {
	const span = historyDays*24*time.Hour - time.Second
	along := float64(at-first) / float64(max(1, last-first))
	return today.Add(-historyDays * 24 * time.Hour).Add(time.Duration(along * float64(span))).Truncate(time.Second)
}

// post posts one of the campaign's posts. In the history some with a photo are
// albums.
func (s *stage) post(i int, at time.Time, album bool) {
	p := s.posts[i]
	channel := s.channels[p.Channel]
	plain := s.plain(i, at)
	if album && plain.Photo != 0 && plain.Forward == nil && i%albumEvery == 0 {
		more := []fake.Plain{{Date: at, Photo: plain.Photo + 1}, {Date: at, Photo: plain.Photo + 2}}
		s.ids[i] = channel.PostPlainAlbum(append([]fake.Plain{plain}, more...))[0]
		s.albums++
	} else {
		s.ids[i] = channel.PostPlain(plain)
	}
	s.at[i] = at
}

// plain is a post as the Telegram of the demo takes it.
func (s *stage) plain(i int, at time.Time) fake.Plain {
	p := s.posts[i]
	out := fake.Plain{Date: at, Text: pieces(p.Pieces), Buttons: pieces(p.Buttons)}
	if p.Photo {
		out.Photo = firstPhoto + 10*int64(i)
	}
	known := p.Source >= 0 && s.ids[p.Source] != 0
	switch {
	case p.Passes != nil:
		out.Forward = &fake.PlainForward{Channel: p.Passes.Number(), Date: at}
		if known {
			out.Forward.Post, out.Forward.Date = s.ids[p.Source], s.at[p.Source]
		}
	case p.Person != "":
		out.Forward = &fake.PlainForward{Person: p.Person, Date: at}
	case p.Reply && known:
		out.ReplyTo = s.ids[p.Source]
	}
	return out
}

// firstPhoto is the number of the first photo; no real one has it.
const firstPhoto = 8_800_000_000_000_000_000

// edit adds a word to a post.
func (s *stage) edit(i int) bool {
	text := append(pieces(s.posts[i].Pieces), fake.Piece{Text: correction})
	return s.channels[s.posts[i].Channel].EditPlain(s.ids[i], text)
}

// correction is what an edit adds.
const correction = "\n（更正：資料已更新）"

// remove takes a post down.
func (s *stage) remove(i int) { s.channels[s.posts[i].Channel].Delete(s.ids[i]) }

func pieces(from []campaign.LivePiece) []fake.Piece {
	out := make([]fake.Piece, 0, len(from)+1)
	for _, p := range from {
		out = append(out, fake.Piece(p))
	}
	return out
}

// texts are all texts that are posted.
func (s *stage) texts() []string {
	out := []string{correction}
	for _, p := range s.posts {
		var text strings.Builder
		for _, piece := range p.Pieces {
			text.WriteString(piece.Text)
		}
		out = append(out, text.String())
	}
	return out
}
