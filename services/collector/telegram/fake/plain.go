package fake

import (
	"time"
	"unicode/utf16"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
)

// Plain is a post in plain values, for programs that do not speak Telegram's own
// types. What is left empty is left out.
type Plain struct {
	ID      int       // the next one if 0
	Date    time.Time // now if zero
	Text    []Piece
	Buttons []Piece
	// Forward says that the post passes on another.
	Forward *PlainForward
	ReplyTo int   // the id of the post in the same channel that is answered
	Photo   int64 // the number of a photo
	// Picture are the bytes of a photo that can be downloaded.
	Picture []byte
}

// Piece is a stretch of a text, or a button. With a Link it is one that Telegram
// marks: as a link where the text is the link itself, else as a link behind words.
type Piece struct{ Text, Link string }

// PlainForward says where a post comes from: a channel, and which of its posts if
// that is known, or a person of whom only the name is shown.
type PlainForward struct {
	Channel int64
	Post    int
	Person  string
	Date    time.Time
}

// PostPlain adds a post, as Post does, and returns its id.
func (c *Channel) PostPlain(p Plain) int { return c.Post(c.plain(p)) }

// PostPlainAlbum adds posts that belong together, as PostAlbum does.
func (c *Channel) PostPlainAlbum(items []Plain) []int {
	messages := make([]tg.Message, 0, len(items))
	for _, p := range items {
		messages = append(messages, c.plain(p))
	}
	return c.PostAlbum(messages)
}

// EditPlain gives a post that is up another text, now, and reports whether there
// is one.
func (c *Channel) EditPlain(id int, text []Piece) bool {
	return c.Edit(id, func(m *tg.Message) { m.Message, m.Entities = marked(text) })
}

// plain is a message of the channel, with its picture kept at the server.
func (c *Channel) plain(p Plain) tg.Message {
	m := p.message()
	if len(p.Picture) > 0 {
		m.Media = c.server.Photo(PhotoSpec{Bytes: p.Picture})
	}
	return m
}

func (p Plain) message() tg.Message {
	m := tg.Message{ID: p.ID}
	if !p.Date.IsZero() {
		m.Date = int(p.Date.Unix())
	}
	m.Message, m.Entities = marked(p.Text)
	if len(p.Buttons) > 0 {
		m.ReplyMarkup = buttons(p.Buttons)
	}
	if p.Forward != nil {
		m.SetFwdFrom(p.Forward.header())
	}
	if p.ReplyTo != 0 {
		m.ReplyTo = &tg.MessageReplyHeader{ReplyToMsgID: p.ReplyTo}
	}
	if p.Photo != 0 {
		photo := &tg.MessageMediaPhoto{}
		photo.SetPhoto(&tg.Photo{ID: p.Photo, DCID: dc, Sizes: []tg.PhotoSizeClass{
			&tg.PhotoSize{Type: "x", W: 800, H: 600, Size: 80_000},
		}})
		m.Media = photo
	}
	return m
}

func (f PlainForward) header() tg.MessageFwdHeader {
	h := tg.MessageFwdHeader{Date: int(f.Date.Unix())}
	if f.Channel == 0 {
		h.SetFromName(f.Person)
		return h
	}
	h.SetFromID(&tg.PeerChannel{ChannelID: f.Channel})
	if f.Post != 0 {
		h.SetChannelPost(f.Post)
	}
	return h
}

// marked joins pieces to a text and its marks, whose places Telegram counts in
// UTF-16.
func marked(pieces []Piece) (text string, marks []tg.MessageEntityClass) {
	at := 0
	for _, p := range pieces {
		length := len(utf16.Encode([]rune(p.Text)))
		switch p.Link {
		case "":
		case p.Text:
			marks = append(marks, &tg.MessageEntityURL{Offset: at, Length: length})
		default:
			marks = append(marks, &tg.MessageEntityTextURL{Offset: at, Length: length, URL: p.Link})
		}
		text += p.Text
		at += length
	}
	return text, marks
}

func buttons(pieces []Piece) *tg.ReplyInlineMarkup {
	markup := &tg.ReplyInlineMarkup{}
	for _, p := range pieces {
		row := tg.KeyboardButtonRow{Buttons: []tg.KeyboardButtonClass{&tg.KeyboardButtonURL{Text: p.Text, URL: p.Link}}}
		markup.Rows = append(markup.Rows, row)
	}
	return markup
}

// FailPlain has a method answer with an error, by its code and name, as Fail does.
func (s *Server) FailPlain(method string, times, code int, name string) {
	s.Fail(method, times, tgerr.New(code, name))
}
