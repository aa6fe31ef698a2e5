package campaign

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// LoadFigures is the truth about a load: every post is distinct and stands in
// the file once, and every link is a sighting of a card.
type LoadFigures struct {
	Posts     int   `json:"posts"`
	CardPosts int   `json:"card_posts"` // also links and sightings
	Bytes     int64 `json:"bytes"`
}

// loadShare is the share of posts of a load that carry a card.
const loadShare = 0.05

// Load writes n posts of about one kilobyte as one archive: a full Telegram
// export of 40 public channels, or twarc2 pages of 400 accounts, spread over
// the two years of the campaign. Five in a hundred carry one of 60 cards of
// the seed's campaign, on its mirrors. It needs a few megabytes whatever n
// is.
func Load(w io.Writer, format Format, n int, seed uint64) (LoadFigures, error) {
	counted := &counter{w: w}
	out := bufio.NewWriterSize(counted, 1<<20)
	var l *loader
	switch format { // the text length that makes a post one kilobyte
	case TelegramDesktop:
		l = newLoader(out, n, seed, 360)
		l.telegram()
	case Twarc2:
		l = newLoader(out, n, seed, 520)
		l.twarc()
	default:
		return LoadFigures{}, fmt.Errorf("write load: unknown format %q", format)
	}
	// A bufio.Writer keeps its first error and writes nothing after it.
	if err := l.w.Flush(); err != nil {
		return LoadFigures{}, fmt.Errorf("write load: %w", err)
	}
	return LoadFigures{Posts: n, CardPosts: l.cards, Bytes: counted.n}, nil
}

// loader appends posts to one buffer; it must stay cheap, for it is measured
// together with what reads it.
type loader struct {
	w        *bufio.Writer
	b        []byte
	n        int
	r        *rand.Rand
	channels []*Channel
	accounts []*Channel
	fillers  []string // text without anything JSON must escape
	urls     []string
	cards    int
}

func newLoader(w *bufio.Writer, n int, seed uint64, textBytes int) *loader {
	people := cast(seed, 60)
	d := newDice(seed, "load")
	l := &loader{
		w: w, b: make([]byte, 0, 1<<18), n: n, r: d.r,
		channels: telegramChannels(seed, 40, people), accounts: twitterAccounts(seed, 400),
	}
	all := lines(chatter)
	for range 256 {
		var s strings.Builder
		for s.Len() < textBytes {
			s.WriteString(pick(d, all) + "，")
		}
		l.fillers = append(l.fillers, strings.TrimSuffix(s.String(), "，"))
	}
	for _, host := range mirrorHosts() {
		for _, p := range people {
			l.urls = append(l.urls, "https://"+host+"/model/pc/content_"+p.Slug+".html")
		}
	}
	return l
}

// card returns the URL of a card, or nothing for the posts without one.
func (l *loader) card() string {
	if l.r.Float64() >= loadShare {
		return ""
	}
	l.cards++
	return l.urls[l.r.IntN(len(l.urls))]
}

func (l *loader) filler() string { return l.fillers[l.r.IntN(len(l.fillers))] }

// at is the second of the i-th post.
func (l *loader) at(i int) int64 {
	return startAt + int64(float64(i)*float64(endAt-startAt)/float64(l.n))
}

func (l *loader) add(parts ...string) {
	for _, part := range parts {
		l.b = append(l.b, part...)
	}
}

// flush hands the buffer on. Errors stay in the writer until the end.
func (l *loader) flush() {
	_, _ = l.w.Write(l.b)
	l.b = l.b[:0]
}

// counter counts the bytes that pass.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
