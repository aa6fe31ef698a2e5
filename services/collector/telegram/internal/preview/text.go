package preview

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// readText adds the text of an element, its line breaks, and the links in it.
// Emoji are text like any other: the picture is the background of an element
// that holds the character.
func (m *message) readText(n *html.Node) {
	m.breakLine()
	m.appendText(n)
	m.breakLine()
}

func (m *message) appendText(n *html.Node) {
	for child := range n.ChildNodes() {
		switch {
		case child.Type == html.TextNode:
			m.text.WriteString(child.Data)
		case child.Type != html.ElementNode:
		case child.DataAtom == atom.Br:
			m.text.WriteByte('\n')
		case child.DataAtom == atom.Script, child.DataAtom == atom.Style, child.DataAtom == atom.Template:
		case child.DataAtom == atom.A:
			start := m.text.Len()
			m.appendText(child)
			m.mark(attr(child, "href"), m.text.String()[start:])
		case isBlock(child.DataAtom):
			m.readText(child)
		default:
			m.appendText(child)
		}
	}
}

// isBlock says whether an element begins and ends a line.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.Div, atom.P, atom.Pre, atom.Blockquote, atom.Li:
		return true
	}
	return false
}

// breakLine begins a line, unless one has just begun.
func (m *message) breakLine() {
	if text := m.text.String(); text != "" && text[len(text)-1] != '\n' {
		m.text.WriteByte('\n')
	}
}

// mark takes what a link in the text marks: an address that is also what the
// reader sees, or one behind other words. A mention is no link, and hashtags
// lead to searches.
func (m *message) mark(href, shown string) {
	href, shown = strings.TrimSpace(href), strings.TrimSpace(shown)
	switch lower := strings.ToLower(href); {
	case strings.HasPrefix(lower, "mailto:"):
		m.emails++
		return
	case strings.HasPrefix(lower, "tel:"):
		m.phones++
		return
	case strings.HasPrefix(lower, "tg://user"), strings.EqualFold(shown, "@"+strings.TrimPrefix(withoutScheme(href), "t.me/")):
		return
	}
	if own := unwrapped(href); own != href && sameAddress(own, shown) {
		href = own
	}
	if !sameAddress(href, shown) {
		m.addLink(href, doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK)
		return
	}
	if !strings.Contains(shown, "://") {
		// As it stands in the text: the scheme was added by the page.
		href = withoutScheme(href)
	}
	m.addLink(href, doxtrailv1.LinkSource_LINK_SOURCE_ENTITY)
}

// isAddress says whether a link of a page leads to the web or into Telegram.
func isAddress(address string) bool {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || rest == "" {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "tg":
		return true
	}
	return false
}

// sameAddress says whether what is shown is the address itself, which a page may
// write with a scheme, a last slash and escapes that the text has not.
func sameAddress(address, shown string) bool {
	return shown != "" && isAddress(address) && plain(address) == plain(shown)
}

func plain(address string) string {
	address = strings.TrimSuffix(withoutScheme(address), "/")
	if unescaped, err := url.PathUnescape(address); err == nil {
		return unescaped
	}
	return address
}

func withoutScheme(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		return rest
	}
	return address
}

// unwrapped returns the address that Telegram's own page for quick reading
// (t.me/iv) was put around, or the address itself.
func unwrapped(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "t.me" || u.Path != "/iv" {
		return address
	}
	if inner := u.Query().Get("url"); isAddress(inner) {
		return inner
	}
	return address
}
