package main

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/cardlink"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// truth turns a campaign's ledger, which is in clear, into the rows that the
// queries of one study must answer, under the keys of its ring.
type truth struct {
	t      *testing.T
	keyer  *privacy.Keyer
	family string
	ledger campaign.Ledger
}

func newTruth(s *testStudy, ledger campaign.Ledger) *truth {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	return &truth{t: s.t, keyer: ring.Keyer(), family: ledger.Family, ledger: ledger}
}

func (w *truth) platform(p campaign.Platform) doxtrailv1.Platform {
	if p == campaign.Telegram {
		return doxtrailv1.Platform_PLATFORM_TELEGRAM
	}
	return doxtrailv1.Platform_PLATFORM_TWITTER
}

func (w *truth) link(url string) cardlink.Link {
	w.t.Helper()
	link, err := cardlink.Canonicalise(url)
	if err != nil {
		w.t.Fatalf("a link of the ledger: %v", err)
	}
	return link
}

// card is the card_key of a path: the head of a SHA-256 over the family and the
// text of the path's key.
func (w *truth) card(path string) string {
	key := w.keyer.Path(w.link("https://" + w.ledger.Sites[0] + path).Path)
	sum := sha256.Sum256([]byte(w.family + "\x00" + key.String()))
	return privacy.Key(sum[:privacy.KeySize]).String()
}

func (w *truth) site(host string) string {
	return w.keyer.Site(w.link("https://" + host + "/").Site).String()
}

func (w *truth) channel(p campaign.Platform, id string) string {
	return w.keyer.Channel(w.platform(p), id).String()
}

func (w *truth) post(s campaign.Sighting) string {
	return w.keyer.Post(w.platform(s.Platform), s.Channel, s.Post).String()
}

// label is what the watch list calls a channel, nil where it does not.
func (w *truth) label(p campaign.Platform, id string) *string {
	for _, c := range w.ledger.Channels {
		if c.Platform == p && c.ID == id && c.Label != "" {
			return &c.Label
		}
	}
	return nil
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func maybeAt(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := at(*ms)
	return &t
}

// cards are the rows of card_spread; the ledger knows every figure.
func (w *truth) cards() []cardRow {
	rows := make([]cardRow, 0, len(w.ledger.Cards))
	for _, c := range w.ledger.Cards {
		rows = append(rows, cardRow{
			Family: w.family, CardKey: w.card(c.Path),
			FirstAt: at(c.FirstSeen.PostedAt), FirstPlatform: string(c.FirstSeen.Platform), LastAt: at(c.LastSeenAt),
			Posts: c.Posts, Channels: c.Channels, Platforms: len(c.Platforms), Sites: len(c.Sites),
			Reach: c.Reach, AudienceKnown: c.AudienceKnown,
		})
	}
	return rows
}

// firsts are the rows of first_sightings. Which site the first post showed is
// not in the ledger: checkFirstSites asks that it is one of the card's.
func (w *truth) firsts() []firstRow {
	var rows []firstRow
	for _, c := range w.ledger.Cards {
		for _, p := range c.Platforms {
			rows = append(rows, firstRow{
				Family: w.family, CardKey: w.card(c.Path), Platform: string(p.Platform),
				FirstAt: at(p.First.PostedAt), NotBefore: maybeAt(p.NotBefore), NotAfter: at(p.NotAfter), Basis: p.Basis,
				ChannelKey: w.channel(p.First.Platform, p.First.Channel), Label: w.label(p.First.Platform, p.First.Channel),
				PostKey: w.post(p.First),
			})
		}
	}
	return rows
}

// mirrors are the rows of mirror_spread; the ledger does not count the
// platforms of a site.
func (w *truth) mirrors() []mirrorRow {
	rows := make([]mirrorRow, 0, len(w.ledger.Mirrors))
	for _, m := range w.ledger.Mirrors {
		rows = append(rows, mirrorRow{
			Family: w.family, Site: m.Site, SiteKey: w.site(m.Site),
			Cards: m.Cards, Posts: m.Posts, Channels: m.Channels,
			FirstAt: maybeAt(m.FirstAt), LastAt: maybeAt(m.LastAt), SitePosts: m.PagePosts,
		})
	}
	return rows
}

// channels are the rows of channel_spread. The ledger does not say how many of
// a channel's posts only pass on. Of an account whose audience nobody told, no
// archive holds a profile, so that it has no kind either.
func (w *truth) channels() []channelRow {
	channel, account := "channel", "account"
	var rows []channelRow
	for _, c := range w.ledger.Channels {
		if c.CardPosts == 0 {
			continue
		}
		kind := &channel
		switch {
		case c.Platform == campaign.Twitter && c.Audience == nil:
			kind = nil
		case c.Platform == campaign.Twitter:
			kind = &account
		}
		rows = append(rows, channelRow{
			ChannelKey: w.channel(c.Platform, c.ID), Label: w.label(c.Platform, c.ID),
			Platform: string(c.Platform), Kind: kind,
			Posts: c.CardPosts, Cards: c.Cards, First: c.Firsts, FirstHere: w.firstsOnPlatform(c),
			FirstAt: at(*c.FirstAt), LastAt: at(*c.LastAt), Audience: c.Audience,
		})
	}
	return rows
}

func (w *truth) firstsOnPlatform(c campaign.ChannelTruth) (n int) {
	for _, card := range w.ledger.Cards {
		for _, p := range card.Platforms {
			if p.First.Platform == c.Platform && p.First.Channel == c.ID {
				n++
			}
		}
	}
	return n
}

// days are the rows of spread_timeline on which a card was shown; on which days
// other pages of the sites were shown is not in the ledger.
func (w *truth) days() []bucketRow {
	rows := make([]bucketRow, 0, len(w.ledger.Timeline))
	for _, d := range w.ledger.Timeline {
		day, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			w.t.Fatal(err)
		}
		rows = append(rows, bucketRow{
			At: day, Platform: string(d.Platform), Posts: d.Posts, Channels: d.Channels, NewChannels: d.NewChannels,
			Cards: d.Cards, Reach: d.Reach, AudienceKnown: d.AudienceKnown,
		})
	}
	return rows
}

// lags are the rows of platform_lag for each card. All stamps of a campaign are
// whole seconds, so a lag is undecided up to five.
func (w *truth) lags() []lagRow {
	var rows []lagRow
	for _, c := range w.ledger.Cards {
		if len(c.Platforms) < 2 {
			continue
		}
		from, to := c.Platforms[0], c.Platforms[1]
		if to.First.PostedAt < from.First.PostedAt {
			from, to = to, from
		}
		key, lag := w.card(c.Path), float64(to.First.PostedAt-from.First.PostedAt)/1000
		row := lagRow{Family: w.family, CardKey: &key, From: string(from.Platform), To: string(to.Platform), Cards: 1, Min: lag, Median: lag, Max: lag}
		if lag <= 5 {
			row.Undecided = 1
		}
		rows = append(rows, row)
	}
	return rows
}

// familyLags adds up the lags of cards by the way they went.
func familyLags(cards []lagRow) []lagRow {
	lags := make(map[[2]string][]float64)
	sums := make(map[[2]string]lagRow)
	for _, c := range cards {
		way := [2]string{c.From, c.To}
		lags[way] = append(lags[way], c.Min)
		sums[way] = lagRow{Family: c.Family, From: c.From, To: c.To, Undecided: sums[way].Undecided + c.Undecided}
	}
	var rows []lagRow
	for way, row := range sums {
		of := slices.Sorted(slices.Values(lags[way]))
		n := len(of)
		row.Cards, row.Min, row.Median, row.Max = n, of[0], (of[(n-1)/2]+of[n/2])/2, of[n-1]
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b lagRow) int { return strings.Compare(a.From, b.From) })
	return rows
}
