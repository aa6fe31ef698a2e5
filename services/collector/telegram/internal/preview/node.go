package preview

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// walk calls visit for the nodes below n in the order of the page, and goes
// into those for which it says so. The parser limits the depth to 512.
func walk(n *html.Node, visit func(*html.Node) (down bool)) {
	for child := range n.ChildNodes() {
		if child.Type == html.ElementNode && !visit(child) {
			continue
		}
		walk(child, visit)
	}
}

// attr returns an attribute's value, empty if it is absent.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key && a.Namespace == "" })
}

func hasClass(n *html.Node, class string) bool {
	for c := range strings.FieldsSeq(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

// first returns the first element below n that has the class, or nil.
func first(n *html.Node, class string) (found *html.Node) {
	walk(n, func(child *html.Node) bool {
		if found == nil && hasClass(child, class) {
			found = child
		}
		return found == nil
	})
	return found
}

// ownText is the text that stands in n itself, without that of the elements in it.
func ownText(n *html.Node) string {
	var b strings.Builder
	for child := range n.ChildNodes() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}
