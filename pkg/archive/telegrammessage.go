package archive

import (
	"bytes"
	"strconv"

	"github.com/go-faster/jx"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// message is one message of a Telegram export as it stands in the file. The
// slices point into the record or the arena.
type message struct {
	id, kind             []byte
	date, dateUnix       []byte
	edited, editedUnix   []byte
	from, forwardedFrom  []byte
	forwarded            bool
	replyTo, replyPeer   []byte
	viaBot               bool
	photo, file          bool
	photoSize, fileSize  int64
	mediaType            []byte
	poll, contact        bool
	reactions            int64
	reacted              bool
	text, entities       jx.Raw
	buttons              [][]byte
	pieces               []piece
	arena                arena
	decoder, textDecoder jx.Decoder
	scratch              []byte
}

func (m *message) reset() {
	*m = message{
		photoSize: -1, fileSize: -1,
		buttons: m.buttons[:0], pieces: m.pieces[:0], arena: arena{m.arena.buf[:0]}, scratch: m.scratch[:0],
	}
}

// parse turns one message into a post. It gives false where the record is not
// JSON, which it leaves to the caller.
func (t *telegram) parse(c *chat, record []byte, offset uint64) (ok bool, err error) {
	m := &t.message
	m.reset()
	if bytes.Contains(record, []byte(`\x`)) {
		t.mended = mendEscapes(t.mended[:0], record)
		record = t.mended
	}
	m.decoder.ResetBytes(record)
	if err := m.read(&m.decoder); err != nil {
		return false, nil //nolint:nilerr // the library's errors quote content
	}
	switch string(m.kind) {
	case "message":
	case "":
		t.reject(ClassMissingField, offset)
		return true, nil
	default:
		// service, unsupported, and whatever Telegram adds.
		t.nonPosts(1)
		return true, nil
	}
	if class := t.fill(c); class != "" {
		t.reject(class, offset)
		return true, nil
	}
	return true, t.post(&t.draft, offset)
}

// read takes the members that matter. All others are passed over: names of
// people, file names, titles, contacts, places.
func (m *message) read(d *jx.Decoder) error {
	return d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "id":
			m.id, err = token(d)
		case "type":
			m.kind, err = token(d)
		case "date":
			m.date, err = token(d)
		case "date_unixtime":
			m.dateUnix, err = token(d)
		case "edited":
			m.edited, err = token(d)
		case "edited_unixtime":
			m.editedUnix, err = token(d)
		case "from_id":
			m.from, err = token(d)
		case "forwarded_from":
			// Only that it is there: the name of a person or a title.
			m.forwarded = true
			err = d.Skip()
		case "forwarded_from_id":
			m.forwarded = true
			m.forwardedFrom, err = token(d)
		case "reply_to_message_id":
			m.replyTo, err = token(d)
		case "reply_to_peer_id":
			m.replyPeer, err = token(d)
		case "text":
			m.text, err = d.Raw()
		case "text_entities":
			m.entities, err = d.Raw()
		default:
			err = m.readExtra(d, key)
		}
		return err
	})
}

// readExtra takes the rarer members.
func (m *message) readExtra(d *jx.Decoder, key []byte) (err error) {
	switch string(key) {
	case "via_bot":
		m.viaBot = true
		err = d.Skip()
	case "photo":
		m.photo = true
		err = d.Skip()
	case "photo_file_size":
		m.photoSize, err = integer(d)
	case "file":
		m.file = true
		err = d.Skip()
	case "file_size":
		m.fileSize, err = integer(d)
	case "media_type":
		m.mediaType, err = token(d)
	case "poll":
		m.poll = true
		err = d.Skip()
	case "contact_information":
		m.contact = true
		err = d.Skip()
	case "inline_bot_buttons":
		err = m.readButtons(d)
	case "reactions":
		err = m.readReactions(d)
	default:
		err = d.Skip()
	}
	return err
}

// readButtons takes the addresses of buttons that open one.
func (m *message) readButtons(d *jx.Decoder) error {
	return elements(d, func(d *jx.Decoder) error {
		return elements(d, func(d *jx.Decoder) error {
			var kind, data []byte
			err := members(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "type":
					kind, err = token(d)
				case "data":
					data, err = m.arena.text(d)
				default:
					err = d.Skip()
				}
				return err
			})
			switch string(kind) {
			case "url", "auth", "web_view", "simple_web_view":
				m.buttons = append(m.buttons, data)
			}
			return err
		})
	})
}

// readReactions sums up the counts and passes over who reacted.
func (m *message) readReactions(d *jx.Decoder) error {
	return elements(d, func(d *jx.Decoder) error {
		return members(d, func(d *jx.Decoder, key []byte) error {
			if string(key) != "count" {
				return d.Skip()
			}
			n, err := integer(d)
			if n > 0 && n < 1<<40 {
				m.reactions += n
				m.reacted = true
			}
			return err
		})
	})
}

// fill makes the draft of a message and gives the class of what is wrong.
func (t *telegram) fill(c *chat) Class {
	m, d := &t.message, &t.draft
	d.reset()
	if len(m.id) == 0 {
		return ClassMissingField
	}
	if n, ok := decimal(m.id); !ok || n == 0 {
		return ClassWrongType
	}
	d.scope, d.channelID, d.channelKind, d.postID = c.id, c.id, c.kind, m.id
	var class Class
	if d.postedAt, class = t.time(m.dateUnix, m.date); class != "" {
		return class
	}
	// Old exports write a time of 1970 where there was no edit.
	if edited, class := t.time(m.editedUnix, m.edited); class == "" && edited >= d.postedAt {
		d.editedAt = edited
	}
	d.viaBot = m.viaBot
	if m.reacted {
		d.setCounter(reactionCount, m.reactions)
	}
	t.fillAuthor(c)
	t.fillShares(c)
	t.fillMedia()
	return t.fillText()
}

// time prefers the seconds since 1970 over the local time, which says what it
// is only together with a zone.
func (t *telegram) time(unix, local []byte) (int64, Class) {
	if len(unix) > 0 {
		if ms, ok := unixStamp(unix); ok {
			return ms, ""
		}
		return 0, ClassBadTime
	}
	if len(local) == 0 {
		return 0, ClassMissingField
	}
	ms, zoned, ok := isoStamp(local, t.options.Zone)
	switch {
	case !ok:
		return 0, ClassBadTime
	case !zoned && t.options.Zone == nil:
		return 0, ClassNoTimeZone
	default:
		return ms, ""
	}
}

// fillAuthor keeps the author's id, unless the channel itself speaks.
func (t *telegram) fillAuthor(c *chat) {
	from := t.message.from
	switch p := parsePeer(from); {
	case p.kind == peerUser:
		t.draft.accountID = p.id
	case p.kind == peerNone:
		if id, ok := oldPerson(from); ok {
			t.message.scratch = strconv.AppendInt(t.message.scratch, id, 10)
			t.draft.accountID = t.message.scratch
		}
	case p.kind == peerChannel && string(p.id) == string(c.id):
	default:
		// With its kind, so that channel 9 and user 9 stay two authors.
		t.draft.accountID = from
	}
}

func (t *telegram) fillShares(c *chat) {
	m, d := &t.message, &t.draft
	d.kind = doxtrailv1.PostKind_POST_KIND_ORIGINAL
	if n, ok := decimal(m.replyTo); ok && n != 0 {
		d.kind = doxtrailv1.PostKind_POST_KIND_REPLY
		reply := share{kind: doxtrailv1.ShareKind_SHARE_KIND_REPLY}
		switch p := parsePeer(m.replyPeer); {
		case len(m.replyPeer) == 0:
			reply.channelID, reply.postID = c.id, m.replyTo
		case p.kind == peerChannel:
			reply.channelID, reply.postID = p.id, m.replyTo
		default:
			// A number within a private chat says nothing outside it.
			reply.person = p.kind == peerUser
		}
		d.addShare(reply)
	}
	if m.forwarded {
		d.kind = doxtrailv1.PostKind_POST_KIND_FORWARD
		forward := share{kind: doxtrailv1.ShareKind_SHARE_KIND_FORWARD}
		switch p := parsePeer(m.forwardedFrom); p.kind {
		case peerChannel:
			forward.channelID = p.id
		case peerUser:
			forward.person = true
		case peerNone, peerChat:
		}
		d.addShare(forward)
	}
}
