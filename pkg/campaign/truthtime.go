package campaign

// mirrors counts what every listed site was used for.
func (v *view) mirrors() []MirrorFigures {
	var out []MirrorFigures
	for _, site := range sorted(v.sites) {
		m := MirrorFigures{Site: site}
		cards, channels := make(map[string]bool), make(map[*Channel]bool)
		for _, p := range v.posts {
			hasCard, hasPage := false, false
			for l := range v.links[p] {
				switch {
				case l.host != site:
				case v.isCard(l):
					hasCard = true
					cards[l.path] = true
				default:
					hasPage = true
				}
			}
			if hasPage {
				m.PagePosts++
			}
			if hasCard {
				m.Posts++
				channels[p.Channel] = true
				m.FirstAt, m.LastAt = spanned(m.FirstAt, p)
			}
		}
		m.Cards, m.Channels = len(cards), len(channels)
		out = append(out, m)
	}
	return out
}

// timeline counts the family by day and platform.
func (v *view) timeline() []DayFigures {
	byDay := make(map[string]map[Platform][]*Post)
	firstDay := make(map[*Channel]string)
	days := make(map[string]bool)
	for _, p := range v.posts {
		if len(v.sightings[p]) == 0 {
			continue
		}
		d := dayOf(p)
		if byDay[d] == nil {
			byDay[d] = make(map[Platform][]*Post)
		}
		days[d] = true
		byDay[d][p.Channel.Platform] = append(byDay[d][p.Channel.Platform], p)
		if firstDay[p.Channel] == "" {
			firstDay[p.Channel] = d
		}
	}
	var out []DayFigures
	for _, d := range sorted(days) {
		for _, platform := range []Platform{Telegram, Twitter} {
			if posts := byDay[d][platform]; len(posts) > 0 {
				out = append(out, v.day(d, platform, posts, firstDay))
			}
		}
	}
	return out
}

// day counts the sightings of one day on one platform.
func (v *view) day(d string, platform Platform, posts []*Post, firstDay map[*Channel]string) DayFigures {
	channels, cards := channelsOf(posts), make(map[string]bool)
	out := DayFigures{Day: d, Platform: platform, Posts: len(posts), Channels: len(channels)}
	for _, p := range posts {
		out.Sightings += len(v.sightings[p])
		for path := range v.sightings[p] {
			cards[path] = true
		}
	}
	for c := range channels {
		if firstDay[c] == d {
			out.NewChannels++
		}
	}
	out.Cards = len(cards)
	out.Reach, out.AudienceKnown = v.reach(channels)
	return out
}
