package archive

import "bytes"

// peerKind is what a Telegram id belongs to.
type peerKind int

const (
	peerNone peerKind = iota
	peerUser
	peerChannel
	// peerChat is a small group, whose ids overlap those of channels.
	peerChat
)

// peer is a parsed Telegram id: what it belongs to and its bare number.
type peer struct {
	kind peerKind
	id   []byte
}

// Exports of before 2021 mark the kind of an id in the number: 2^32 for
// persons, 2^33 for channels and groups alike. Ids that Telegram itself gives
// are far from that range.
const (
	oldUser = 1 << 32
	oldChat = 1 << 33
)

// bareChat removes the old mark from the id of a channel or group.
func bareChat(id int64) int64 {
	if id >= oldChat && id < oldChat+1<<32 {
		return id - oldChat
	}
	return id
}

// parsePeer reads "user1", "channel9" or "chat4". The old bare numbers give no
// peer but for persons, since channels and small groups look alike there.
func parsePeer(b []byte) peer {
	for _, form := range [...]struct {
		prefix string
		kind   peerKind
	}{{"user", peerUser}, {"channel", peerChannel}, {"chat", peerChat}} {
		id, ok := bytes.CutPrefix(b, []byte(form.prefix))
		if !ok {
			continue
		}
		if n, ok := decimal(id); ok && n > 0 {
			return peer{form.kind, id}
		}
	}
	return peer{}
}

// oldPerson reads an old bare number that marks a person.
func oldPerson(b []byte) (id int64, ok bool) {
	n, ok := decimal(b)
	if !ok || n < oldUser || n >= oldChat {
		return 0, false
	}
	return n - oldUser, true
}
