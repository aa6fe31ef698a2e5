package twitter

import (
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// gather adds what a page shows to a haul: its posts, those that they refer to, the
// edits of both, the authors, and what is withheld somewhere.
func (a *app) gather(h *haul.Haul, page *archive.TweetPage, at time.Time) {
	seen := look.Look{At: at, Vantage: a.cfg.Vantage}
	for _, list := range [][]archive.TweetPost{page.Posts, page.Included} {
		for i := range list {
			p := &list[i]
			h.Add(p.Raw, seen.Edits(p))
			if isWithheld(p) {
				h.Observations = append(h.Observations, seen.Post(p, look.Unknown))
			}
		}
	}
	h.Channels = append(h.Channels, page.Channels...)
}

func isWithheld(p *archive.TweetPost) bool {
	return len(p.Withheld) > 0 || p.WithheldScope != "" || p.Copyright
}

// remember notes the posts of a page, which RAW has, as known: those that match, the
// originals of those that are reposts, and aside what others quote or answer. Those
// that are known stay as they are: that one is back is for the leg to say that looks
// at it.
func (a *app) remember(page *archive.TweetPage) {
	originals := map[string]bool{}
	for i := range page.Posts {
		originals[page.Posts[i].Original] = true
		a.rememberPost(&page.Posts[i], false)
	}
	for i := range page.Included {
		p := &page.Included[i]
		a.rememberPost(p, !slices.ContainsFunc(p.VersionIDs, func(id string) bool { return originals[id] }))
	}
}

func (a *app) rememberPost(p *archive.TweetPost, aside bool) {
	fresh, ok := knownOf(p)
	if !ok {
		return
	}
	if !a.known.edit(fresh.ID, func(was *knownPost) { was.Aside = was.Aside && aside }) {
		fresh.Aside = aside
		a.known.set(fresh)
	}
}
