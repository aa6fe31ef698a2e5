package archive

import (
	"bytes"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	formatUnknown  = doxtrailv1.ArchiveFormat_ARCHIVE_FORMAT_UNSPECIFIED
	formatTelegram = doxtrailv1.ArchiveFormat_ARCHIVE_FORMAT_TELEGRAM_DESKTOP
	formatTwarc2   = doxtrailv1.ArchiveFormat_ARCHIVE_FORMAT_TWARC2
)

const (
	// sniffFirst is how much of a file is looked at to recognise it, and
	// sniffMost how much if that does not decide.
	sniffFirst = 64 << 10
	sniffMost  = 1 << 20
	// sniffLines is how many lines are tried, since a file of lines may begin
	// with broken ones.
	sniffLines = 50
)

// recognise finds the format of what begins in the window and passes over a
// byte order mark.
func recognise(w *window) (doxtrailv1.ArchiveFormat, Class) {
	format, class := formatUnknown, ClassEmpty
	for _, size := range [...]int{sniffFirst, sniffMost} {
		for w.tail-w.head < size && w.fill() {
			continue
		}
		whole := w.err != nil
		b := w.buf[w.head:w.tail]
		format, class = sniff(b[:min(len(b), size)], whole)
		if format != formatUnknown || class != ClassUnknownFormat || whole {
			break
		}
	}
	skipMark(w)
	return format, class
}

// skipMark passes over a UTF-8 byte order mark.
func skipMark(w *window) {
	for w.tail-w.head < 3 && w.fill() {
		continue
	}
	if bytes.HasPrefix(w.buf[w.head:w.tail], byteOrderMark()) {
		w.head += 3
	}
}

func byteOrderMark() []byte { return []byte("\xef\xbb\xbf") }

// sniff recognises a format by the beginning of the content.
func sniff(b []byte, whole bool) (doxtrailv1.ArchiveFormat, Class) {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) ||
		bytes.HasPrefix(b, []byte("{\x00")) || bytes.HasPrefix(b, []byte("\x00{")) {
		return formatUnknown, ClassUTF16
	}
	b = bytes.TrimLeft(bytes.TrimPrefix(b, byteOrderMark()), " \t\r\n")
	if len(b) == 0 {
		return formatUnknown, ClassEmpty
	}
	switch c := b[0]; {
	case c == '<':
		return formatUnknown, ClassHTML
	case c >= '0' && c <= '9' && isIDList(b, whole):
		return formatUnknown, ClassIDList
	case c != '{' && c != '[':
		return formatUnknown, ClassUnknownFormat
	}
	unknown := ClassUnknownFormat
	for range sniffLines {
		format, old := sniffObject(bytes.TrimLeft(b, "[ \t\r\n"))
		if format != formatUnknown {
			return format, ""
		}
		if old {
			unknown = ClassTwitter1
		}
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		b = b[i+1:]
	}
	return formatUnknown, unknown
}

// isIDList says whether all lines are numbers.
func isIDList(b []byte, whole bool) bool {
	if !whole {
		b = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		for _, c := range line {
			if c < '0' || c > '9' {
				return false
			}
		}
	}
	return len(b) > 0
}

// sniffObject tells a format from the keys of an object of which only the
// beginning may be there. Old says that it is a post of Twitter's old API.
func sniffObject(b []byte) (format doxtrailv1.ArchiveFormat, old bool) {
	if len(b) == 0 || b[0] != '{' {
		return formatUnknown, false
	}
	var has objectKeys
	whole := has.read(b[1:])
	return has.format(b, whole), has.old
}

func (k *objectKeys) format(b []byte, whole bool) doxtrailv1.ArchiveFormat {
	switch has := k; {
	case has.foreign || has.old:
		return formatUnknown
	case has.messages || has.chats || has.chat && has.name:
		return formatTelegram
	case has.data && (has.page || !whole || bytes.Contains(b, []byte(`"text"`))):
		return formatTwarc2
	case has.references || has.author && has.created:
		return formatTwarc2
	case has.page && !has.other && whole:
		return formatTwarc2
	default:
		return formatUnknown
	}
}

// objectKeys says which telling keys an object has.
type objectKeys struct {
	messages, chats, chat, name bool // Telegram Desktop
	data, page                  bool // a page of twarc2
	references, author, created bool // a post of twarc2
	old                         bool // a post of Twitter's old API
	foreign                     bool // a known format that is not read
	other                       bool
}

// read goes through the members of an object, from behind its opening brace.
// It gives false where the object is cut off.
func (k *objectKeys) read(b []byte) (whole bool) {
	for {
		b = bytes.TrimLeft(b, ", \t\r\n")
		if len(b) == 0 || b[0] == '}' {
			return len(b) > 0
		}
		var key, value pairing
		n, done := key.next(b)
		if !done || b[0] != '"' {
			return false
		}
		name := b[1 : n-1]
		b = bytes.TrimLeft(b[n:], ": \t\r\n")
		if len(b) == 0 {
			return false
		}
		k.note(string(name), b[0])
		n, done = value.next(b)
		if !done {
			return false
		}
		b = b[n:]
	}
}

func (k *objectKeys) note(key string, value byte) {
	switch key {
	case "messages":
		k.messages = k.messages || value == '['
		k.chat = true
		k.other = true
	case "name":
		k.name = true
		k.other = true
	case "chats", "left_chats", "personal_information", "frequent_contacts":
		k.chats = k.chats || value == '{'
	case "data":
		k.data = value == '{' || value == '['
	case "includes", "errors", "meta", "__twarc", "matching_rules":
		k.page = true
	case "referenced_tweets", "referenced_posts":
		k.references = true
	case "author_id":
		k.author = true
	case "created_at":
		k.created = true
	case "id_str":
		k.old = true
	case "nav_index", "source_platform", "__import_meta", "text_messages":
		k.foreign = true
	default:
		k.other = true
	}
}
