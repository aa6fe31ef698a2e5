package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// The shapes of a Telegram Desktop result.json, field order as the program
// writes it.

type tgChat struct {
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	ID       json.Number `json:"id"`
	Messages []tgMessage `json:"messages"`
}

type tgMessage struct {
	ID            uint64          `json:"id"`
	Type          string          `json:"type"`
	Date          string          `json:"date,omitempty"`
	DateUnix      string          `json:"date_unixtime,omitempty"`
	Edited        string          `json:"edited,omitempty"`
	EditedUnix    string          `json:"edited_unixtime,omitempty"`
	Actor         string          `json:"actor,omitempty"`
	ActorID       string          `json:"actor_id,omitempty"`
	Action        string          `json:"action,omitempty"`
	Title         string          `json:"title,omitempty"`
	From          string          `json:"from,omitempty"`
	FromID        string          `json:"from_id,omitempty"`
	Author        string          `json:"author,omitempty"`
	ForwardedFrom json.RawMessage `json:"forwarded_from,omitempty"`
	ForwardedID   string          `json:"forwarded_from_id,omitempty"`
	ReplyTo       uint64          `json:"reply_to_message_id,omitempty"`
	Photo         string          `json:"photo,omitempty"`
	Width         int             `json:"width,omitempty"`
	Height        int             `json:"height,omitempty"`
	File          string          `json:"file,omitempty"`
	FileName      string          `json:"file_name,omitempty"`
	FileSize      int             `json:"file_size,omitempty"`
	MimeType      string          `json:"mime_type,omitempty"`
	Text          any             `json:"text,omitempty"`
	TextEntities  *[]tgEntity     `json:"text_entities,omitempty"`
	Buttons       [][]tgButton    `json:"inline_bot_buttons,omitempty"`
	Reactions     []tgReaction    `json:"reactions,omitempty"`
}

type tgEntity struct {
	Type string `json:"type"`
	Text string `json:"text"`
	Href string `json:"href,omitempty"`
}

type tgButton struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Data     string `json:"data"`
	ButtonID int    `json:"button_id"`
}

type tgReaction struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
	Emoji string `json:"emoji"`
}

// writeTelegram writes one export. As the program does, it writes control
// characters as \x0B, which is no JSON.
func (f *file) writeTelegram(w io.Writer, owner *Person) error {
	var content any
	if f.full {
		content = f.wholeAccount(owner)
	} else {
		content = f.chats[0].export()
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(content); err != nil {
		return fmt.Errorf("encode export: %w", err)
	}
	_, err := w.Write(bytes.ReplaceAll(buffer.Bytes(), []byte(`\u000b`), []byte(`\x0B`)))
	return err
}

func (c *chat) export() tgChat {
	out := tgChat{Name: c.channel.Title, Type: c.kind, ID: json.Number(c.channel.ID), Messages: []tgMessage{}}
	for _, e := range c.entries {
		switch {
		case e.service == "unsupported":
			out.Messages = append(out.Messages, tgMessage{ID: e.id, Type: e.service})
		case e.post == nil:
			out.Messages = append(out.Messages, c.serviceMessage(e))
		default:
			out.Messages = append(out.Messages, c.message(e.post, e.edited))
		}
	}
	return out
}

func (c *chat) serviceMessage(e entry) tgMessage {
	m := tgMessage{
		ID: e.id, Type: "service", Actor: c.channel.Title, ActorID: "channel" + c.channel.ID,
		Action: e.service, Text: "", TextEntities: &[]tgEntity{},
	}
	m.Date, m.DateUnix = tgTime(e.at)
	if e.service == "create_channel" {
		m.Title = c.channel.Title
	}
	if c.old {
		m.TextEntities = nil
	}
	return m
}

func (c *chat) message(p *Post, edited bool) tgMessage {
	b, editedAt := p.revision(edited)
	m := tgMessage{ID: p.ID, Type: "message", From: c.channel.Title, FromID: "channel" + c.channel.ID}
	m.Date, m.DateUnix = tgTime(p.PostedAt)
	if editedAt > 0 {
		m.Edited, m.EditedUnix = tgTime(editedAt)
	}
	if p.author != nil {
		m.Author = p.author.Chinese
	}
	switch {
	case p.kind == forward && p.person != nil:
		m.ForwardedFrom = quoted(p.person.Chinese)
	case p.kind == forward:
		m.ForwardedFrom = quoted(p.origin.Title)
		if !c.old {
			m.ForwardedID = "channel" + p.origin.ID
			if p.PostedAt%16 == 0 { // a channel that is no more has an id only
				m.ForwardedFrom = json.RawMessage("null")
			}
		}
	case p.kind == reply:
		m.ReplyTo = p.source.ID
	}
	if p.media != nil {
		m.attach(p)
	}
	m.write(b, c.old)
	if p.likes > 20 && !c.old {
		m.Reactions = []tgReaction{{Type: "emoji", Count: p.likes, Emoji: "👍"}}
	}
	return m
}

func (m *tgMessage) attach(p *Post) {
	const missing = "(File not included. Change data exporting settings to download.)"
	if p.media.photo {
		m.Photo, m.Width, m.Height = fmt.Sprintf("photos/photo_%d.jpg", p.ID), 1280, 960
		if p.ID%3 == 0 {
			m.Photo = missing
		}
		return
	}
	m.File, m.FileName, m.FileSize, m.MimeType = missing, p.media.name, p.media.bytes, "application/pdf"
}

// write puts the text into the message: a plain string where nothing is
// marked, else a list; newer files repeat it as entities, plain ones too.
func (m *tgMessage) write(b body, old bool) {
	pieces := joined(flattened(b.pieces))
	entities := make([]tgEntity, 0, len(pieces))
	list := make([]any, 0, len(pieces))
	for _, p := range pieces {
		e := p.tgEntity()
		entities = append(entities, e)
		if p.kind == plain {
			list = append(list, p.text)
		} else {
			list = append(list, e)
		}
	}
	m.Text = list
	if len(list) == 0 {
		m.Text = ""
	} else if text, ok := list[0].(string); ok && len(list) == 1 {
		m.Text = text
	}
	if !old {
		m.TextEntities = &entities
	}
	for i, p := range b.buttons {
		m.Buttons = append(m.Buttons, []tgButton{{Type: "url", Text: p.text, Data: p.link.raw, ButtonID: i}})
	}
}

// flattened turns links that Telegram did not mark into plain text.
func flattened(pieces []piece) []piece {
	out := append([]piece(nil), pieces...)
	for i := range out {
		if out[i].kind == bare {
			out[i].kind, out[i].link = plain, nil
		}
	}
	return out
}

func (p piece) tgEntity() tgEntity {
	names := map[pieceKind]string{
		plain: "plain", entity: "link", hidden: "text_link", hashtag: "hashtag", mention: "mention",
		phone: "phone", email: "email", bold: "bold",
	}
	e := tgEntity{Type: names[p.kind], Text: p.text}
	if p.kind == hidden {
		e.Href = p.link.raw
	}
	return e
}

// tgTime is a time as Hong Kong's clock shows it, without zone, and as a
// number in a string.
func tgTime(at int64) (local, unix string) {
	return time.Unix(at+8*60*60, 0).UTC().Format("2006-01-02T15:04:05"), strconv.FormatInt(at, 10)
}

func quoted(text string) json.RawMessage {
	b, _ := json.Marshal(text) // a string cannot fail
	return b
}
