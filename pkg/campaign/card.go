package campaign

// dealCards makes one card a person. A few go wide, some spread, most stay
// small; most start on Telegram.
func dealCards(seed uint64, people []*Person) []*Card {
	d := newDice(seed, "cards")
	cards := make([]*Card, len(people))
	for i, p := range people {
		c := &Card{
			Person: p, Path: "/model/pc/content_" + p.Slug + ".html",
			born: startAt + 20*day + d.below64(600*day), home: Telegram,
		}
		if d.chance(0.22) {
			c.home = Twitter
		}
		lag := min(6*60*60+d.after(4*day, 1), 45*day)
		switch {
		case i < 3 && (i == 0 || len(people) >= 12):
			c.wide, c.share, c.span = true, 28+4*d.fraction(), 300*day
			c.born, c.lag = startAt+(40+int64(i)*150)*day+d.below64(30*day), lag
		case i%10 < 3:
			c.share, c.span, c.lag = 2.5+4*d.fraction(), 120*day, lag
		default:
			c.share, c.span = 0.05+1.2*d.fraction()*d.fraction(), 25*day
			if d.chance(0.4) {
				c.lag = lag
			}
		}
		cards[i] = c
	}
	return cards
}

// turn is one post of a card to come: when and on which platform.
type turn struct {
	at       int64
	platform Platform
	first    bool // the card's first on this platform
}

// turns plans the posts of a card: an S-curve on each platform, broken by
// bursts that follow one another within hours.
func (b *builder) turns(card *Card, n int) []turn {
	turns := []turn{{at: card.born, platform: card.home, first: true}}
	away := 0
	if card.lag > 0 && n > 1 {
		away = max(1, n*(30+b.d.below(15))/100)
		turns = append(turns, turn{at: card.born + card.lag, platform: card.home.other(), first: true})
	}
	turns = b.grow(turns, turns[0], card.span, n-1-away)
	if away > 0 {
		turns = b.grow(turns, turns[1], card.span, away-1)
	}
	return turns
}

// grow adds n turns after the first one on its platform.
func (b *builder) grow(turns []turn, first turn, span int64, n int) []turn {
	span = min(span, endAt-60-first.at)
	bursts := make([]int64, 1+b.d.below(4))
	for i := range bursts {
		bursts[i] = first.at + int64(float64(span)*b.d.growth())
	}
	for range n {
		at := first.at + 60 + int64(float64(span)*b.d.growth())
		if b.d.chance(0.35) {
			at = pick(b.d, bursts) + 60 + b.d.after(3*60*60, 1)
		}
		if at >= endAt {
			at = first.at + 60 + b.d.below64(span)
		}
		turns = append(turns, turn{at: at, platform: first.platform})
	}
	return turns
}
