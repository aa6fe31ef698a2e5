package campaign

import "sort"

// cards counts the spread of every card that was sighted.
func (v *view) cards() []CardFigures {
	var out []CardFigures
	for _, path := range v.paths() {
		var posts []*Post // by time, as v.posts is
		for _, p := range v.posts {
			if v.sightings[p][path] {
				posts = append(posts, p)
			}
		}
		channels := channelsOf(posts)
		card := CardFigures{
			Path: path, FirstSeen: posts[0].sighting(), LastSeenAt: posts[len(posts)-1].PostedAt * 1000,
			Posts: len(posts), Channels: len(channels), Sites: v.sitesOf(posts, path),
		}
		card.Reach, card.AudienceKnown = v.reach(channels)
		for _, platform := range []Platform{Telegram, Twitter} {
			if here := on(platform, posts); len(here) > 0 {
				card.Platforms = append(card.Platforms, v.cardOn(platform, path, here))
			}
		}
		out = append(out, card)
	}
	return out
}

func (v *view) cardOn(platform Platform, path string, posts []*Post) CardPlatform {
	first := posts[0]
	out := CardPlatform{
		Platform: platform, First: first.sighting(), NotAfter: first.PostedAt * 1000, Basis: v.basis(first, path),
		Posts: len(posts), Channels: len(channelsOf(posts)),
	}
	if began, exported := v.exports[first.Channel]; exported && began < first.PostedAt {
		at := first.PostedAt * 1000
		out.NotBefore = &at
	}
	return out
}

// basis says how a post came to carry a card.
func (v *view) basis(p *Post, path string) string {
	own := false
	for l := range v.links[p] {
		if l.path == path && l.role == "link" && v.isCard(l) {
			own = true
		}
	}
	switch {
	case !own:
		return "quoted"
	case p.kind == forward || p.kind == repost:
		return "forward"
	default:
		return "direct"
	}
}

// paths lists the cards that were sighted.
func (v *view) paths() []string {
	paths := make(map[string]bool)
	for _, cards := range v.sightings {
		for path := range cards {
			paths[path] = true
		}
	}
	return sorted(paths)
}

// sitesOf lists the sites on which these posts show the card.
func (v *view) sitesOf(posts []*Post, path string) []string {
	sites := make(map[string]bool)
	for _, p := range posts {
		for l := range v.links[p] {
			if l.path == path && v.isCard(l) {
				sites[l.host] = true
			}
		}
	}
	return sorted(sites)
}

// channels counts what every channel of the archives did, by platform and id.
func (v *view) channels(cards []CardFigures) []ChannelTruth {
	byID := make(map[*Channel]*ChannelTruth)
	shown := make(map[*Channel]map[string]bool)
	sites := make(map[*Channel]map[string]bool)
	labels := v.c.labels()
	for _, p := range v.posts {
		c := p.Channel
		if byID[c] == nil {
			byID[c] = &ChannelTruth{Platform: c.Platform, ID: c.ID, Label: labels[c]}
			shown[c], sites[c] = make(map[string]bool), make(map[string]bool)
			if followers, known := v.audience[c]; known {
				byID[c].Audience = &followers
			}
		}
		byID[c].Posts++
		if len(v.sightings[p]) == 0 {
			continue
		}
		byID[c].CardPosts++
		byID[c].FirstAt, byID[c].LastAt = spanned(byID[c].FirstAt, p)
		for l := range v.links[p] {
			if v.isCard(l) {
				shown[c][l.path], sites[c][l.host] = true, true
			}
		}
	}
	out := make([]ChannelTruth, 0, len(byID))
	for c, truth := range byID {
		truth.Cards, truth.Sites = len(shown[c]), len(sites[c])
		for _, card := range cards {
			if card.FirstSeen.Platform == c.Platform && card.FirstSeen.Channel == c.ID {
				truth.Firsts++
			}
		}
		out = append(out, *truth)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Platform != out[j].Platform {
			return out[i].Platform < out[j].Platform
		}
		return out[i].ID < out[j].ID
	})
	return out
}

// spanned moves the end of a span to a later post, and its beginning if it
// had none.
func spanned(first *int64, p *Post) (from, to *int64) {
	at := p.PostedAt * 1000
	if first == nil {
		first = &at
	}
	return first, &at
}

func channelsOf(posts []*Post) map[*Channel]bool {
	channels := make(map[*Channel]bool)
	for _, p := range posts {
		channels[p.Channel] = true
	}
	return channels
}

func on(platform Platform, posts []*Post) []*Post {
	var out []*Post
	for _, p := range posts {
		if p.Channel.Platform == platform {
			out = append(out, p)
		}
	}
	return out
}
