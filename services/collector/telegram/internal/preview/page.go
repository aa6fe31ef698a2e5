package preview

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// What a page can be instead of a preview. None of them says anything about a
// post or a channel being taken down.
var (
	// ErrNoPreview says that there is no preview under this name: nobody has the
	// name, it is a group's or a person's, or the channel is restricted.
	ErrNoPreview = errors.New("no web preview under this name")
	// ErrChallenge says that the answer is no page of Telegram: a captcha, a page
	// that asks to wait, something in between.
	ErrChallenge = errors.New("the answer is no page of Telegram: a challenge or an error page")
	// ErrOtherName says that the page lists the posts of a channel that calls
	// itself otherwise: one with several names, or one that was renamed.
	ErrOtherName = errors.New("the page is that of a channel with another name")
	// ErrTooLarge says that the answer is longer than a page can be.
	ErrTooLarge = errors.New("the answer is too large for a page")
)

// maxPage is how many bytes of a page are read: ten times the largest that
// twenty posts make.
const maxPage = 4 << 20

// maxPosts is how many posts of one page are read; Telegram gives twenty.
const maxPosts = 200

// Page is one page of a channel's preview.
type Page struct {
	// Posts are the posts of the page, ascending by number: channel name, times
	// and texts as shown, kinds of media without ids, rounded counters. Service
	// messages and posts whose content the web does not show are left out.
	Posts []*doxtrailv1.RawPost
	// Before is the number to ask the page before this one with; 0 if there is
	// none. It is never above the smallest number on this page.
	Before int
	// Audience is the rounded number of subscribers; -1 if unknown.
	Audience int64
	// ChannelID is the channel's own number, without sign, where the page tells
	// it; otherwise empty. A name can pass to another channel, a number cannot.
	ChannelID string
	// Edited are the numbers of those Posts that are marked as edited, ascending.
	// The page does not say when.
	Edited []int

	// listed are all numbers on the page, ascending: also those of the items of
	// albums, of service messages, of posts that could not be read.
	listed []int
	// whole is true if the page has its end.
	whole bool
}

// Lists says whether the page shows something under a number: a post, an item
// of an album, a service message.
func (p Page) Lists(id int) bool {
	_, ok := slices.BinarySearch(p.listed, id)
	return ok
}

// Range gives the lowest and the highest number on the page, of whatever kind; 0
// if it lists nothing.
func (p Page) Range() (low, high int) {
	if len(p.listed) == 0 {
		return 0, 0
	}
	return p.listed[0], p.listed[len(p.listed)-1]
}

// Whole says whether the page has its end. One that was cut off shows less than
// there is.
func (p Page) Whole() bool { return p.whole }

// Post returns the post with a number, or the album that has it as an item, or
// nil.
func (p Page) Post(id int) *doxtrailv1.RawPost {
	no := strconv.Itoa(id)
	for _, post := range p.Posts {
		if post.GetPostId() == no || slices.Contains(post.GetItemIds(), no) {
			return post
		}
	}
	return nil
}

// Parse reads a page of the preview of the channel name, which was read at
// readAt, the collected_at of its posts; the zero time leaves them without. The
// error is ErrNoPreview, ErrChallenge, ErrOtherName, ErrTooLarge or that of r. A
// page without posts is no error.
func Parse(r io.Reader, name string, readAt time.Time) (Page, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	switch {
	case err != nil:
		return Page{}, err
	case len(body) > maxPage:
		return Page{}, ErrTooLarge
	}
	// Protocol buffers hold UTF-8 only.
	root, err := html.Parse(bytes.NewReader(bytes.ToValidUTF8(body, []byte("\uFFFD"))))
	if err != nil {
		// It is nested too deep. The parser's own words could quote the page.
		return Page{}, ErrChallenge
	}
	p := parser{name: name, readAt: readAt}
	p.page.Audience = -1
	p.page.whole = bytes.LastIndex(body, []byte("</html>")) > bytes.LastIndex(body, []byte("data-post="))
	walk(root, p.visit)
	return p.finish()
}

// parser collects a page.
type parser struct {
	name   string
	readAt time.Time
	page   Page
	// channel and card say which page this is: that of a channel, or the card
	// that stands for anybody who has no preview.
	channel, card bool
	// strangers counts messages under other names.
	strangers int
	before    int
}

func (p *parser) visit(n *html.Node) (down bool) {
	switch {
	case hasClass(n, "tgme_widget_message") && hasAttr(n, "data-post"):
		p.channel = true
		p.message(n)
		return false
	case hasClass(n, "tgme_channel_history"), hasClass(n, "tgme_channel_info"), hasClass(n, "tme_no_messages_found"):
		p.channel = true
	case hasClass(n, "tgme_channel_info_counter"):
		p.counter(n)
	case hasClass(n, "tgme_page_wrap"), hasClass(n, "tgme_page"), hasClass(n, "tgme_page_title"),
		n.DataAtom == atom.Title && strings.HasPrefix(ownText(n), "Telegram: Contact @"):
		p.card = true
	case n.DataAtom == atom.Link && attr(n, "rel") == "prev", hasClass(n, "tme_messages_more"):
		p.older(n)
	}
	return true
}

// older takes the number to go on with. The link of the page itself
// (rel=canonical) would lead in a circle, and the other button leads to newer
// posts.
func (p *parser) older(n *html.Node) {
	text := attr(n, "data-before")
	if u, err := url.Parse(attr(n, "href")); text == "" && err == nil {
		text = u.Query().Get("before")
	}
	if id, ok := postNumber(text); ok && p.before == 0 {
		p.before = id
	}
}

// counter takes the subscribers; the counters beside it are of media.
func (p *parser) counter(n *html.Node) {
	kind, value := first(n, "counter_type"), first(n, "counter_value")
	if kind == nil || value == nil || p.page.Audience >= 0 {
		return
	}
	if word := strings.TrimSpace(ownText(kind)); word == "subscribers" || word == "subscriber" {
		p.page.Audience = rounded(ownText(value))
	}
}

// message adds one message.
func (p *parser) message(n *html.Node) {
	name, no, _ := strings.Cut(attr(n, "data-post"), "/")
	id, ok := postNumber(no)
	if !ok || len(p.page.listed) >= maxPosts {
		return
	}
	if !strings.EqualFold(name, p.name) {
		p.strangers++
		return
	}
	p.identify(attr(n, "data-view"))
	m := readMessage(n, name, id)
	p.page.listed = append(p.page.listed, m.ids...)
	if !m.isPost() {
		return
	}
	post := m.post(p.readAt)
	p.page.Posts = append(p.page.Posts, post)
	if m.edited {
		p.page.Edited = append(p.page.Edited, m.ids[0])
	}
}

// identify takes the channel's number, which each message carries for the
// counting of views. Messages that disagree leave it unknown.
func (p *parser) identify(view string) {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(view, "="))
	if err != nil {
		return
	}
	var of struct {
		C int64 `json:"c"`
	}
	if json.Unmarshal(data, &of) != nil || of.C >= 0 || of.C == math.MinInt64 {
		return
	}
	id := strconv.FormatInt(-of.C, 10)
	switch p.page.ChannelID {
	case "":
		p.page.ChannelID = id
	case id:
	default:
		p.page.ChannelID = "?"
	}
}

// finish says what the page is and puts it in order.
func (p *parser) finish() (Page, error) {
	page := &p.page
	switch {
	case len(page.listed) == 0 && p.strangers > 0:
		return Page{}, ErrOtherName
	case !p.channel && p.card:
		return Page{}, ErrNoPreview
	case !p.channel:
		return Page{}, ErrChallenge
	}
	if page.ChannelID == "?" {
		page.ChannelID = ""
	}
	slices.SortStableFunc(page.Posts, func(a, b *doxtrailv1.RawPost) int {
		return cmp.Or(cmp.Compare(len(a.GetPostId()), len(b.GetPostId())), cmp.Compare(a.GetPostId(), b.GetPostId()))
	})
	page.Posts = slices.CompactFunc(page.Posts, func(a, b *doxtrailv1.RawPost) bool { return a.GetPostId() == b.GetPostId() })
	slices.Sort(page.listed)
	page.listed = slices.Compact(page.listed)
	slices.Sort(page.Edited)
	page.Edited = slices.Compact(page.Edited)
	page.Before = p.before
	if len(page.listed) > 0 && p.before > page.listed[0] {
		page.Before = page.listed[0]
	}
	if page.Before == 1 {
		page.Before = 0
	}
	return *page, nil
}

// postNumber reads the number of a post.
func postNumber(text string) (int, bool) {
	if text == "" || text[0] < '1' || text[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err == nil
}
