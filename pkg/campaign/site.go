package campaign

// FamilyLabel is the neutral label of the family in watch list and ledger.
const FamilyLabel = "harbour-leaks"

// Site is one mirror of the family and the time it was up.
type Site struct {
	Host  string
	Opens int64 // seconds since 1970 UTC
	Ends  int64 // the last two mirrors never go down
}

const day = 24 * 60 * 60

// The campaign runs from 2019-06-01 to 2021-05-31, UTC.
const (
	startAt = 1559347200
	endAt   = 1622505600
)

// mirrorHosts are permutations of one domain: the label kept with another
// ending stuck to it, hyphens, numbers, affixes. All end in .example.
func mirrorHosts() []string {
	return []string{
		"harbourleaks.example", "harbour-leaks.example", "harbourleaks-org.example", "harbourleaks2.example",
		"harbourleaks-ru.example", "theharbourleaks.example", "harbourleaks-info.example", "harbourleaks3.example",
		"harbourleaks-pk.example", "harbourleaksnew.example", "harbour-leaks-pw.example", "harbourleaks-cc.example",
		"myharbourleaks.example", "harbourleaks-kz.example",
	}
}

// sitePages are the pages of every mirror that are no cards.
func sitePages() []string {
	return []string{
		"/", "/list", "/model/pc/list_1.html", "/model/pc/list_2.html", "/model/pc/list_3.html", "/model/pc/about.html",
	}
}

// mirrors opens n sites one after another, each up for three to five months,
// so that two to four are up at any time.
func mirrors(seed uint64, n int) []*Site {
	d := newDice(seed, "sites")
	sites := make([]*Site, n)
	step := int64(endAt-startAt-60*day) / int64(n)
	for i, host := range mirrorHosts()[:n] {
		opens := startAt + int64(i)*step
		if i > 0 {
			opens += d.below64(step / 2)
		}
		sites[i] = &Site{Host: host, Opens: opens, Ends: opens + 2*step + d.below64(2*step)}
		if i >= n-2 {
			sites[i].Ends = endAt + day
		}
	}
	return sites
}

// siteAt picks the mirror a post of time t links to: a recent one that is up,
// rarely one that is already down.
func (b *builder) siteAt(t int64) *Site {
	var up, down []*Site
	for _, s := range b.c.sites {
		switch {
		case s.Opens > t:
		case s.Ends > t:
			up = append(up, s)
		default:
			down = append(down, s)
		}
	}
	if len(up) == 0 || (len(down) > 0 && b.d.chance(0.03)) {
		return down[len(down)-1]
	}
	if b.d.chance(0.5) {
		return up[len(up)-1]
	}
	return pick(b.d, up)
}
