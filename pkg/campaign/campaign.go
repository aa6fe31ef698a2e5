package campaign

// Size says how big a campaign is. A zero field takes the demo's number.
type Size struct {
	Posts    int // distinct posts over all archives: 30,000
	Channels int // Telegram channels, at least 8: 40
	Accounts int // Twitter accounts, at least 8: 400
	Cards    int // cards, at most 400: 60
	Sites    int // mirrors, 2 to 14: 14
}

// filled replaces what is missing and pulls the rest into bounds.
func (s Size) filled() Size {
	bound := func(value, missing, low, high int) int {
		if value == 0 {
			value = missing
		}
		return max(low, min(high, value))
	}
	s.Posts = bound(s.Posts, 30_000, 200, 1_000_000)
	s.Channels = bound(s.Channels, 40, 8, 400)
	s.Accounts = bound(s.Accounts, 400, 8, 10_000)
	s.Cards = bound(s.Cards, 60, 1, 400)
	s.Sites = bound(s.Sites, 14, 2, 14)
	return s
}

// cardShare is the share of posts that carry a card in a demo campaign. Load
// carries less (see Load).
const cardShare = 0.2

// Card is one page that exposes one person. It lies under the same path on
// every mirror.
type Card struct {
	Person *Person
	Path   string
	born   int64    // when it is first posted anywhere
	home   Platform // where that is
	wide   bool     // one of the few that go everywhere
	share  float64  // of all card posts, not normalised
	span   int64    // seconds its growth takes
	lag    int64    // seconds until it reaches the other platform; 0 for never
}

// Campaign is the invented campaign in memory: what was posted, and which
// archive holds which of it.
type Campaign struct {
	seed     uint64
	size     Size
	people   []*Person // victims first, then people whose names stand in file names
	sites    []*Site
	cards    []*Card
	channels []*Channel // Telegram
	accounts []*Channel // Twitter
	outside  []*Channel // Telegram channels that are forwarded from but not archived
	posts    []*Post    // by time
	files    []*file
}

// New invents a campaign. It holds all posts in memory: about 2 KB each.
func New(seed uint64, size Size) *Campaign {
	size = size.filled()
	people := cast(seed, size.Cards+size.Channels+16)
	c := &Campaign{
		seed: seed, size: size, people: people,
		sites:    mirrors(seed, size.Sites),
		channels: telegramChannels(seed, size.Channels, people),
		accounts: twitterAccounts(seed, size.Accounts),
		outside:  outsideChannels(seed, people),
	}
	c.cards = dealCards(seed, people[:size.Cards])
	b := newBuilder(c)
	b.spread()
	b.chat()
	b.number()
	b.edit()
	c.files = planFiles(c)
	settleAudiences(c)
	return c
}

// Sites lists the hosts of all mirrors, in the order in which they opened.
func (c *Campaign) Sites() []string {
	hosts := make([]string, len(c.sites))
	for i, s := range c.sites {
		hosts[i] = s.Host
	}
	return hosts
}

// Pages lists the paths on every mirror that are no cards.
func (c *Campaign) Pages() []string { return sitePages() }

// Cards lists the paths of all cards.
func (c *Campaign) Cards() []string {
	paths := make([]string, len(c.cards))
	for i, card := range c.cards {
		paths[i] = card.Path
	}
	return paths
}
