package archive

import (
	"bytes"
	"strconv"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// telegram reads Telegram Desktop's result.json: the export of one chat or of
// everything. The document is cut into its messages first and each is parsed
// alone, so that a broken one costs only itself, and so that chats which are
// not read, contacts and sessions are passed over without being looked at.
type telegram struct {
	*intake
	message message
	draft   draft
	mended  []byte
}

func newTelegram(in *intake) *telegram {
	return &telegram{intake: in}
}

// place says which object of the document is being read.
type place int

const (
	// placeDocument may be a chat or hold lists of chats.
	placeDocument place = iota
	// placeChats holds a list of chats. Contacts and sessions are lists too,
	// which is why lists are followed here only.
	placeChats
	placeChat
)

// chat is the head of a chat, as far as it has been read.
type chat struct {
	place  place
	id     []byte
	kind   doxtrailv1.ChannelKind
	public bool
	// begun is true once the chat's first message was met.
	begun bool
}

// read reads documents until the content ends; there is normally one.
func (t *telegram) read() error {
	for first := true; ; first = false {
		c, ok := t.window.peek()
		if !ok {
			if first {
				t.cut(t.window.offset(), false)
			}
			return nil
		}
		if c != '{' {
			t.lost()
			return nil
		}
		if more, err := t.object(&chat{}); !more || err != nil {
			return err
		}
	}
}

// lost gives up on a document whose structure is broken outside its messages.
func (t *telegram) lost() {
	t.reject(ClassBrokenJSON, t.window.offset())
	t.brokenOff(t.window.offset())
}

// object reads the document, a list of chats, or a chat: they differ only in
// the members they have. It gives false where the rest cannot be read.
func (t *telegram) object(c *chat) (more bool, err error) {
	t.window.head++
	for {
		next, ok := t.window.peek()
		switch {
		case !ok:
			t.cut(t.window.offset(), false)
			return false, nil
		case next == '}':
			t.window.head++
			return true, nil
		case next == ',':
			t.window.head++
			continue
		case next != '"':
			t.lost()
			return false, nil
		}
		key, state := t.window.value(maxID, nil)
		name := nameOther
		if state == valueWhole {
			name = memberOf(key)
		}
		if next, ok = t.window.peek(); !ok {
			t.cut(t.window.offset(), false)
			return false, nil
		}
		if next != ':' {
			t.lost()
			return false, nil
		}
		t.window.head++
		if more, err = t.member(c, name); !more || err != nil {
			return more, err
		}
	}
}

// memberName is a member of the document that is read.
type memberName int

const (
	nameOther memberName = iota
	nameType
	nameID
	nameMessages
	nameChats
	nameList
)

func memberOf(quoted []byte) memberName {
	switch string(quoted) {
	case `"type"`:
		return nameType
	case `"id"`:
		return nameID
	case `"messages"`:
		return nameMessages
	case `"chats"`, `"left_chats"`:
		return nameChats
	case `"list"`:
		return nameList
	default:
		return nameOther
	}
}

// member reads or passes over the value of one member.
func (t *telegram) member(c *chat, name memberName) (more bool, err error) {
	next, ok := t.window.peek()
	switch {
	case !ok:
	case name == nameType:
		return t.head(c.setType), nil
	case name == nameID:
		return t.head(c.setID), nil
	case name == nameMessages && next == '[' && c.place != placeChats:
		return t.list(func(offset uint64) (bool, error) { return t.one(c, offset) })
	case name == nameChats && next == '{' && c.place == placeDocument:
		return t.object(&chat{place: placeChats})
	case name == nameMessages && c.place != placeChats:
		// Whatever it is, no message of it can be told.
		t.reject(ClassWrongType, t.window.offset())
	case name == nameList && next == '[' && c.place == placeChats:
		return t.list(func(uint64) (bool, error) { return t.object(&chat{place: placeChat}) })
	}
	if !t.window.skip() {
		t.cut(t.window.offset(), false)
		return false, nil
	}
	return true, nil
}

// head reads a short value of a chat's head.
func (t *telegram) head(set func(value []byte)) (more bool) {
	value, state := t.window.value(maxID, nil)
	switch state {
	case valueCut:
		t.cut(t.window.offset(), false)
		return false
	case valueWhole:
		set(value)
	case valueLong, valueBroken:
	}
	return true
}

func (c *chat) setType(quoted []byte) {
	switch string(quoted) {
	case `"public_channel"`:
		c.public, c.kind = true, doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL
	case `"public_supergroup"`:
		c.public, c.kind = true, doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP
	default:
		c.public = false
	}
}

func (c *chat) setID(value []byte) {
	if id, ok := decimal(bytes.Trim(value, `"`)); ok && id > 0 {
		c.id = strconv.AppendInt(nil, bareChat(id), 10)
	}
}

// list calls f for each object of an array. What is no object is rejected, a
// run of stray words as one.
func (t *telegram) list(f func(offset uint64) (more bool, err error)) (more bool, err error) {
	t.window.head++
	for stray := false; ; {
		next, ok := t.window.peek()
		offset := t.window.offset()
		switch {
		case !ok:
			t.cut(offset, false)
			return false, nil
		case next == ']':
			t.window.head++
			return true, nil
		case next == ',':
			t.window.head++
			stray = false
			continue
		case next == '{':
			stray = false
			if more, err = f(offset); !more || err != nil {
				return more, err
			}
			continue
		}
		if !t.window.skip() {
			t.cut(offset, true)
			return false, nil
		}
		if !stray {
			t.reject(ClassWrongType, offset)
		}
		stray = true
	}
}

// one reads or passes over one message.
func (t *telegram) one(c *chat, offset uint64) (more bool, err error) {
	wanted := c.public && (t.options.Groups || c.kind == doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL)
	if !wanted {
		return t.passOver(c, offset)
	}
	record, state := t.window.value(t.window.limit, isSwallowing)
	switch {
	case state == valueLong:
		t.reject(ClassTooLong, offset)
		return true, nil
	case state != valueWhole:
		return t.salvage(record, offset, state), nil
	case c.id == nil:
		t.reject(ClassMissingField, offset)
		return true, nil
	}
	if !c.begun {
		if err := t.begin(c); err != nil {
			return false, err
		}
	}
	ok, err := t.parse(c, record, offset)
	if !ok {
		return t.salvage(record, offset, state), nil
	}
	return true, err
}

// passOver counts a message of a chat that is not read.
func (t *telegram) passOver(c *chat, offset uint64) (more bool, err error) {
	if !c.begun {
		c.begun = true
		class := ClassPrivateChat
		if c.public {
			class = ClassPublicGroup
		}
		t.faults.note(class, offset)
	}
	if !t.window.skip() {
		t.cut(offset, true)
		return false, nil
	}
	t.nonPosts(1)
	return true, nil
}

// begin tells the handler of a channel.
func (t *telegram) begin(c *chat) error {
	c.begun = true
	err := t.look(Look{
		Selection:   doxtrailv1.Selection_SELECTION_FULL,
		ChannelID:   string(c.id),
		ChannelKind: c.kind,
	})
	if err != nil {
		return err
	}
	// The file has a title but no handle, and titles are not kept.
	return t.account(c.id, nil, c.kind, 0)
}
