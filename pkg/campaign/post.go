package campaign

import "strings"

// kind is what a post does, in the words of the record types.
type kind string

const (
	original kind = "original"
	forward  kind = "forward"
	repost   kind = "repost"
	quote    kind = "quote"
	reply    kind = "reply"
)

// Post is one post of the campaign.
type Post struct {
	Channel  *Channel
	ID       uint64
	PostedAt int64 // seconds since 1970 UTC; no two posts share one
	kind     kind
	body     body
	source   *Post    // what a forward, repost, quote or reply points to
	origin   *Channel // channel a Telegram forward came from
	person   *Person  // person a Telegram forward came from
	edited   *edit    // a later revision, nil for nearly all posts
	stamped  int64    // edited before any archive saw it; 0 for never
	gone     bool     // the source of a repost or quote that no archive holds
	hidden   bool     // found by no search, only ever included beside another
	media    *media
	author   *Person // signature under a channel post
	likes    int
	views    int
}

// edit is a later revision of a post.
type edit struct {
	at   int64
	body body
}

// revision returns the post's body and the time of its last edit (0 for none)
// as an archive sees it that was made before or after the edit.
func (p *Post) revision(edited bool) (body, int64) {
	if edited && p.edited != nil {
		return p.edited.body, p.edited.at
	}
	return p.body, p.stamped
}

// media is a file of a post.
type media struct {
	key   string // Twitter's media key
	photo bool
	name  string // file name, of documents
	bytes int
}

// body is what a post says: its text in pieces, and buttons under it.
type body struct {
	pieces  []piece
	buttons []piece
}

// piece is a stretch of text with one markup.
type piece struct {
	kind pieceKind
	text string
	link *link // of bare, entity, hidden and button pieces
}

type pieceKind int

const (
	plain   pieceKind = iota
	bare              // a link in the text that the platform did not mark
	entity            // a link in the text that the platform marked
	hidden            // a link behind other words
	button            // a link under the text
	hashtag           // marked by both platforms
	mention           // marked by both platforms
	phone             // marked by Telegram
	email             // marked by Telegram
	bold              // marked by Telegram
)

// link is one link as written, and what it is.
type link struct {
	raw   string // as written
	host  string // canonical: no www. or m., lower case
	path  string // canonical: no tracking keys, no fragment
	short string // the t.co form in a Twitter text
	via   string // another shortener between t.co and raw, or nothing
	title string // of the page, as Twitter shows it; names the victim
}

// text is the text of the post on its platform, as its archive has it.
func (b body) text(p Platform) string {
	var s strings.Builder
	for _, piece := range b.pieces {
		s.WriteString(piece.onPlatform(p))
	}
	return s.String()
}

func (p piece) onPlatform(platform Platform) string {
	if platform == Twitter && p.link != nil {
		return p.link.short
	}
	return p.text
}

// links lists the links of a body, text and buttons, repeats included.
func (b body) links() []*link {
	var links []*link
	for _, pieces := range [][]piece{b.pieces, b.buttons} {
		for _, p := range pieces {
			if p.link != nil {
				links = append(links, p.link)
			}
		}
	}
	return links
}
