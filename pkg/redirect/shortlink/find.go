package shortlink

import (
	"slices"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/cardlink"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// link is a link on a shortener: what is asked for, and where it stood in its post.
type link struct {
	address string
	source  doxtrailv1.LinkSource
}

// find lists the short links of a post, each once. Left out are those whose target the
// platform gave, a shortener's own start page, and what a cut text has of a link: that is
// none, or somebody else's.
func (q *Queue) find(post *doxtrailv1.RawPost) (list []link) {
	finder, seen := cardlink.New(), map[string]bool{}
	add := func(found ...cardlink.Link) {
		for _, l := range found {
			if l.Depth == 0 || !q.client.Short(l.Host) || seen[l.URL] || len(list) == perPost {
				continue
			}
			seen[l.URL] = true
			scheme := l.Scheme
			if scheme == "" {
				scheme = "https"
			}
			list = append(list, link{address: scheme + "://" + l.URL, source: l.Source})
		}
	}
	marked := post.GetLinks()
	for _, m := range marked {
		add(finder.Marked(nil, m.GetUrl(), m.GetSource(), m.GetExpandedBy())...)
	}
	text := post.GetText()
	for _, l := range finder.Text(nil, text) {
		spelled := text[l.Start:l.End]
		if strings.HasPrefix(text[l.End:], "…") {
			continue
		}
		if !slices.ContainsFunc(marked, func(m *doxtrailv1.RawLink) bool { return m.GetReplaces() == spelled }) {
			add(l)
		}
	}
	return list
}
