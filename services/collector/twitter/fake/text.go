package fake

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shortText is how many characters a post has before it is a long one.
const shortText = 280

// content is what a post says. Offsets are in characters, as X counts them.
type content struct {
	text  string // whole, with t.co links
	links []link
}

type link struct {
	start, end      int
	short, expanded string
	page
}

// page is what stands at the end of a link.
type page struct {
	unwound, title, description string
}

func urlPattern() *regexp.Regexp { return regexp.MustCompile(`https?://[^\s"<>]+`) }

// newContent puts a t.co link in the place of each link.
func newContent(id int64, text string, pages map[string]page) content {
	if !strings.Contains(text, "://") {
		return content{text: text}
	}
	var c content
	var b strings.Builder
	last, chars := 0, 0
	for i, at := range urlPattern().FindAllStringIndex(text, -1) {
		b.WriteString(text[last:at[0]])
		chars += utf8.RuneCountInString(text[last:at[0]])
		expanded := text[at[0]:at[1]]
		short := shorten(id, i)
		b.WriteString(short)
		c.links = append(c.links, link{start: chars, end: chars + len(short), short: short, expanded: expanded, page: pages[expanded]})
		chars += len(short)
		last = at[1]
	}
	b.WriteString(text[last:])
	c.text = b.String()
	return c
}

func shorten(id int64, n int) string {
	h := fnv.New64a()
	fmt.Fprint(h, id, " ", n)
	code := strconv.FormatUint(h.Sum64(), 36)
	return "https://t.co/" + (code + "xxxxxxxxxx")[:10]
}

// long says whether the whole text stands in the note.
func (c content) long() bool { return utf8.RuneCountInString(c.text) > shortText }

// cut is what stands in the text of a long post: its beginning, and only links
// that are whole in it.
func (c content) cut(at int) content {
	runes := []rune(c.text)
	if len(runes) <= at {
		return c
	}
	short := content{text: string(runes[:at-1]) + "…"}
	for _, l := range c.links {
		if l.end <= at-1 {
			short.links = append(short.links, l)
		}
	}
	return short
}

// reposted is the content as a repost repeats it: cut at 140 characters.
func (c content) reposted(username string) content {
	head := "RT @" + username + ": "
	shift := utf8.RuneCountInString(head)
	moved := content{text: head + c.text}
	for _, l := range c.links {
		l.start, l.end = l.start+shift, l.end+shift
		moved.links = append(moved.links, l)
	}
	return moved.cut(140)
}

func (c content) entities() map[string]any {
	urls := make([]any, 0, len(c.links))
	for _, l := range c.links {
		shown := strings.TrimPrefix(strings.TrimPrefix(l.expanded, "https://"), "http://")
		if runes := []rune(shown); len(runes) > 26 {
			shown = string(runes[:26]) + "…"
		}
		u := map[string]any{"start": l.start, "end": l.end, "url": l.short, "expanded_url": l.expanded, "display_url": shown}
		if l.unwound != "" {
			u["unwound_url"], u["status"] = l.unwound, 200
		}
		if l.title != "" {
			u["title"], u["description"] = l.title, l.description
		}
		urls = append(urls, u)
	}
	if len(urls) == 0 {
		return nil
	}
	return map[string]any{"urls": urls}
}
