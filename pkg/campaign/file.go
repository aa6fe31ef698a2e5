package campaign

// Format is the format of an archive, as the --format flag of import spells
// it.
type Format string

// The formats that are written.
const (
	TelegramDesktop Format = "telegram_desktop"
	Twarc2          Format = "twarc2"
)

// file is one archive: what stands in it, in its order.
type file struct {
	name    string // relative; carries an invented person's name
	format  Format
	packing packing
	member  string // name inside a zip
	looked  int64  // when Twitter was asked; 0 for Telegram Desktop
	query   string // what Twitter was asked
	full    bool   // a full Telegram export with more than chats in it
	chats   []*chat
	lines   []*line
}

type packing int

const (
	unpacked packing = iota
	gzipped
	zipped
)

// chat is one chat of a Telegram export.
type chat struct {
	channel *Channel
	kind    string // public_channel, personal_chat ...
	old     bool   // the shape without text_entities
	left    bool   // under left_chats
	entries []entry
}

// refused says whether an import must not read the chat.
func (c *chat) refused() bool { return c.kind != "public_channel" }

// entry is one message: a post in one revision, or a non-post.
type entry struct {
	post    *Post
	edited  bool
	service string // action of a service message, or "unsupported"
	id      uint64
	at      int64
}

// line is one line of a twarc2 file.
type line struct {
	shape    shape
	data     []*Post
	included []*Post
}

type shape int

const (
	page    shape = iota // data is a list
	stream               // data is one post
	flat                 // one post with everything inlined
	failure              // nothing but an error
	broken               // cut in the middle
)

// planFiles decides which archive holds which post.
func planFiles(c *Campaign) []*file {
	return append(planTelegram(c), planTwitter(c)...)
}

// record is one record of a file.
type record struct {
	post     *Post
	edited   bool
	nonPost  bool
	rejected bool
}

// records lists the records of a file in their order. Messages of refused
// chats are non-posts, whatever they are.
func (f *file) records() []record {
	var out []record
	for _, c := range f.chats {
		for _, e := range c.entries {
			if c.refused() || e.post == nil {
				out = append(out, record{nonPost: true})
				continue
			}
			out = append(out, record{post: e.post, edited: e.edited})
		}
	}
	for _, l := range f.lines {
		switch l.shape {
		case failure:
			out = append(out, record{nonPost: true})
		case broken:
			out = append(out, record{rejected: true})
		default:
			for _, posts := range [][]*Post{l.data, l.included} {
				for _, p := range posts {
					out = append(out, record{post: p})
				}
			}
		}
	}
	return out
}
