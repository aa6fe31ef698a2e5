package archive

import "bytes"

// A message whose quotes or braces do not pair takes those that follow it with
// it. Telegram Desktop begins every message, and nothing else, with "id" and
// "type"; inside strings quotes are escaped. So that beginning shows where the
// next message is, whatever the state of the one before.

// salvage rejects a message that is broken and goes back to where the next one
// begins, if the broken one swallowed it. It gives false where the rest cannot
// be read. The record must be what was cut from the window last.
func (t *telegram) salvage(record []byte, offset uint64, state valueState) (more bool) {
	next := nextMessage(record)
	if next < 0 {
		if state == valueCut {
			t.cut(offset, true)
			return false
		}
		t.reject(ClassBrokenJSON, offset)
		return true
	}
	t.reject(ClassBrokenJSON, offset)
	if bytes.Contains(record[:next], []byte(`"messages"`)) {
		// The next message is in another chat, perhaps a private one, and must
		// not be taken for one of this.
		t.brokenOff(offset)
		return false
	}
	t.window.head -= len(record) - next
	return true
}

// isSwallowing says whether a message holds the beginning of another.
func isSwallowing(record []byte) bool { return nextMessage(record) >= 0 }

// nextMessage finds the beginning of a message behind the first byte, or gives
// -1.
func nextMessage(record []byte) int {
	for at := 1; ; {
		i := bytes.Index(record[min(at, len(record)):], []byte(`"id"`))
		if i < 0 {
			return -1
		}
		at += i
		head := bytes.TrimRight(record[:at], " \t\r\n")
		if len(head) > 1 && head[len(head)-1] == '{' && isMessageHead(record[at+len(`"id"`):]) {
			return len(head) - 1
		}
		at++
	}
}

// isMessageHead says whether a number and "type" follow.
func isMessageHead(b []byte) bool {
	const space = " \t\r\n"
	b, ok := bytes.CutPrefix(bytes.TrimLeft(b, space), []byte(":"))
	if !ok {
		return false
	}
	b = bytes.TrimLeft(b, space)
	digits := bytes.TrimLeft(b, "-0123456789")
	if len(digits) == len(b) {
		return false
	}
	b, ok = bytes.CutPrefix(bytes.TrimLeft(digits, space), []byte(","))
	return ok && bytes.HasPrefix(bytes.TrimLeft(b, space), []byte(`"type"`))
}
