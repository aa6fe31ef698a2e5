package preview

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Bounds of one post, far above what Telegram allows, so that a raw post stays
// under 256 KiB whatever a page says.
const (
	maxText      = 128 << 10
	maxLinks     = 1000
	maxLinkBytes = 64 << 10
	maxMedia     = 64
	maxItems     = 64
)

// message is one message of a page, as far as it is read.
type message struct {
	name string
	// ids are the numbers the message stands for, ascending: its own, or those
	// of the items of an album.
	ids       []int
	posted    time.Time
	edited    bool
	service   bool
	unshown   bool
	viaBot    bool
	capped    bool
	text      strings.Builder
	links     []*doxtrailv1.RawLink
	linkBytes int
	forward   *doxtrailv1.RawShare
	reply     *doxtrailv1.RawShare
	media     []doxtrailv1.MediaKind
	views     int64
	reactions int64
	emails    uint32
	phones    uint32
	names     uint32
}

// readMessage reads the element of a message.
func readMessage(n *html.Node, name string, id int) *message {
	m := &message{name: name, ids: []int{id}, views: -1, reactions: -1, service: hasClass(n, "service_message")}
	if m.service {
		// Its text is Telegram's and names who did what.
		return m
	}
	walk(n, m.visit)
	slices.Sort(m.ids)
	m.ids = slices.Compact(m.ids)
	return m
}

// isPost says whether the message is a post that can be kept: it has a time,
// and the page shows what it says.
func (m *message) isPost() bool {
	empty := m.text.Len() == 0 && len(m.media) == 0
	return !m.service && !m.posted.IsZero() && (!m.unshown || !empty)
}

// visit reads one element. What it does not know it looks into, without reading
// its text: only named elements have one that is read, and none of them holds the
// name of a person.
func (m *message) visit(n *html.Node) (down bool) {
	switch class := classOf(n); class {
	case "js-message_text":
		m.readText(n)
	case "tgme_widget_message_forwarded_from":
		if m.forward == nil {
			m.forward = origin("")
		}
		return true
	case "tgme_widget_message_forwarded_from_name":
		m.forward = origin(attr(n, "href"))
	case "tgme_widget_message_reply":
		m.reply = replied(attr(n, "href"))
	case "tgme_widget_message_link_preview":
		m.addLink(unwrapped(attr(n, "href")), doxtrailv1.LinkSource_LINK_SOURCE_PREVIEW)
	case "tgme_widget_message_inline_button":
		m.addLink(attr(n, "href"), doxtrailv1.LinkSource_LINK_SOURCE_BUTTON)
	case "tgme_widget_message_via_bot":
		m.viaBot = true
	case "tgme_widget_message_contact_wrap", "tgme_widget_message_contact":
		m.names++
		m.phones++
	case "message_media_not_supported_wrap":
		m.unshown = true
	case "tgme_widget_message_views":
		m.views = rounded(ownText(n))
	case "tgme_reaction":
		m.addReaction(n)
	case "tgme_widget_message_meta":
		// A signature stands in an element of its own.
		m.edited = m.edited || strings.Contains(ownText(n), "edited")
		return true
	default:
		if kind, ok := mediaKind(n, class); ok {
			m.addMedia(n, kind)
			return false
		}
		if n.DataAtom == atom.Time {
			m.setTime(attr(n, "datetime"))
		}
		return true
	}
	return false
}

// classOf returns the class that tells what an element of a message is: the
// first that is known, since others only say how it looks.
func classOf(n *html.Node) string {
	for class := range strings.FieldsSeq(attr(n, "class")) {
		switch {
		case class == "js-message_text", class == "tgme_reaction", class == "message_media_not_supported_wrap":
			return class
		case class == "tgme_widget_message_text":
			// Both the post's and the quoted text have it; another class follows.
		case strings.HasPrefix(class, "tgme_widget_message_"):
			return class
		}
	}
	return ""
}

// setTime takes the time of the post; the length of a film has no datetime.
func (m *message) setTime(stamp string) {
	if !m.posted.IsZero() {
		return
	}
	at, err := time.Parse(time.RFC3339, stamp)
	if err == nil && at.Year() >= 1970 && at.Year() < 2100 && at.UnixMilli() > 0 {
		m.posted = at
	}
}

func (m *message) addReaction(n *html.Node) {
	if count := rounded(ownText(n)); count > 0 && m.reactions < maxCount {
		m.reactions = max(m.reactions, 0) + count
	}
}

// addLink adds an address of the web or of Telegram; a page has others, such as
// searches for a hashtag.
func (m *message) addLink(address string, source doxtrailv1.LinkSource) {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	if !isAddress(address) && source != doxtrailv1.LinkSource_LINK_SOURCE_ENTITY {
		return
	}
	if len(m.links) == maxLinks || m.linkBytes+len(address) > maxLinkBytes {
		m.capped = true
		return
	}
	m.linkBytes += len(address)
	m.links = append(m.links, doxtrailv1.RawLink_builder{
		Url: &address, Source: &source, ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE.Enum(),
	}.Build())
}

// post makes the raw post.
func (m *message) post(readAt time.Time) *doxtrailv1.RawPost {
	post := &doxtrailv1.RawPost{}
	post.SetChannelName(m.name)
	post.SetChannelKind(doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL)
	post.SetPostId(strconv.Itoa(m.ids[0]))
	for _, id := range m.ids[1:] {
		post.SetItemIds(append(post.GetItemIds(), strconv.Itoa(id)))
	}
	post.SetPostedAt(m.posted.UnixMilli())
	if !readAt.IsZero() {
		post.SetCollectedAt(readAt.UnixMilli())
	}
	if text := m.cutText(); text != "" {
		post.SetText(text)
	}
	post.SetLinks(m.links)
	m.setShares(post)
	for _, kind := range m.media {
		post.SetMedia(append(post.GetMedia(), doxtrailv1.RawMedia_builder{Kind: &kind}.Build()))
	}
	m.setCounts(post)
	if m.viaBot {
		post.SetFlags(append(post.GetFlags(), doxtrailv1.PostFlag_POST_FLAG_VIA_BOT))
	}
	if m.capped {
		post.SetFlags(append(post.GetFlags(), doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED))
	}
	return post
}

// cutText returns the text without what surrounds it, cut at the end of a
// character where it is too long.
func (m *message) cutText() string {
	text := strings.TrimSpace(m.text.String())
	if len(text) <= maxText {
		return text
	}
	m.capped = true
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// setShares says what the post does, as an archive would: what is forwarded is
// a forward, even where it replies.
func (m *message) setShares(post *doxtrailv1.RawPost) {
	post.SetKind(doxtrailv1.PostKind_POST_KIND_ORIGINAL)
	if m.reply != nil {
		post.SetKind(doxtrailv1.PostKind_POST_KIND_REPLY)
		post.SetShares(append(post.GetShares(), m.reply))
	}
	if m.forward != nil {
		post.SetKind(doxtrailv1.PostKind_POST_KIND_FORWARD)
		post.SetShares(append(post.GetShares(), m.forward))
	}
}

// setCounts sets the counters that are shown and the kinds of personal data
// that Telegram marked.
func (m *message) setCounts(post *doxtrailv1.RawPost) {
	counters := &doxtrailv1.Counters{}
	if m.views >= 0 {
		counters.SetViewCount(m.views)
	}
	if m.reactions >= 0 {
		counters.SetReactionCount(m.reactions)
	}
	if m.views >= 0 || m.reactions >= 0 {
		post.SetCounters(counters)
	}
	for _, mark := range [...]struct {
		kind  doxtrailv1.PersonalDataKind
		count uint32
	}{
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE, m.phones},
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL, m.emails},
		{doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME, m.names},
	} {
		if mark.count > 0 {
			post.SetPersonalData(append(post.GetPersonalData(), doxtrailv1.PersonalData_builder{Kind: &mark.kind, Count: &mark.count}.Build()))
		}
	}
}
