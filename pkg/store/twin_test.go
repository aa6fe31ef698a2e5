package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// The twin works the questions out again, slowly and from the hand-made posts
// instead of the tables, to be compared with the queries on random worlds.

// twinPost is a post of a random world.
type twinPost struct {
	order int // of its key
	post
	card, site string
	basis      string
}

type twinWorld struct {
	posts  []twinPost
	ranges map[string][][2]string
	alias  map[string]string
}

// twinSites are host, what the site is called in results, and its family.
func twinSites() [][3]string {
	return [][3]string{{"one", "one.example", "red"}, {"mirror.two", "mirror.two.example", "red"}, {"four", "four.example", "blue"}}
}

// Times are few, so that ranges and posts meet at their edges.
const slots = 40

func slot(n int) string { return fmt.Sprintf("01-%02d %02d:00:00", 1+n/4, n%4*6) }

func randomWorld(t *testing.T, seed uint64) (*world, twinWorld) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, seed))
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	w.site(site{host: "mirror.two", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST})
	w.site(site{host: "four", family: "blue", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	tw := twinWorld{ranges: map[string][][2]string{}, alias: map[string]string{"A": "A0"}}
	w.add("channel_aliases", telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key("A"), ChannelKey: w.key("A0")}.Build())
	channels := []string{"A", "A0", "B", "C", "X", "Y", "Z"}
	bases := map[doxtrailv1.PostKind]string{
		doxtrailv1.PostKind_POST_KIND_ORIGINAL: "direct", doxtrailv1.PostKind_POST_KIND_FORWARD: "forward",
		doxtrailv1.PostKind_POST_KIND_REPOST: "forward", doxtrailv1.PostKind_POST_KIND_REPLY: "direct",
	}
	kinds := []doxtrailv1.PostKind{
		doxtrailv1.PostKind_POST_KIND_ORIGINAL, doxtrailv1.PostKind_POST_KIND_FORWARD,
		doxtrailv1.PostKind_POST_KIND_REPOST, doxtrailv1.PostKind_POST_KIND_REPLY,
	}
	for n := range 60 {
		p := post{name: fmt.Sprintf("p%d", n), channel: channels[r.IntN(len(channels))], at: slot(r.IntN(slots)), platform: telegram, kind: kinds[r.IntN(4)]}
		if p.channel >= "X" {
			p.platform = twitter
		}
		if p.channel != "C" && r.IntN(3) == 0 {
			p.audience = 1 + r.Int64N(1000)
		}
		s, card := twinSites()[r.IntN(3)], fmt.Sprintf("/c%d", r.IntN(12))
		p.links = []string{s[0] + " " + card}
		if r.IntN(4) == 0 {
			p.links = append(p.links, p.links[0]+" quoted", "elsewhere /c1")
		}
		w.post(p)
		if r.IntN(5) == 0 { // the same post once more
			w.post(p)
		}
		tw.posts = append(tw.posts, twinPost{n, p, s[2] + " card " + s[2] + card, s[1], bases[p.kind]})
		w.names = append(w.names, cardKey(s[2], w.key("path "+card)), "card "+s[2]+card)
	}
	for n := range 12 {
		begin := r.IntN(slots - 3)
		channel, from, to := channels[r.IntN(4)], slot(begin), slot(begin+r.IntN(4))
		w.look(look{name: fmt.Sprintf("v%d", n), channel: channel, platform: telegram, from: from, to: to})
		tw.ranges[tw.resolved(channel)] = append(tw.ranges[tw.resolved(channel)], [2]string{from, to})
	}
	w.insert()
	return w, tw
}

func (tw twinWorld) resolved(channel string) string {
	if target, ok := tw.alias[channel]; ok {
		return target
	}
	return channel
}

// audience is the last one known of a channel, and whether there is one.
func (tw twinWorld) audience(channel string) (int64, bool) {
	best, found := twinPost{}, false
	for _, p := range tw.posts {
		if p.audience > 0 && tw.resolved(p.channel) == channel && (p.at > best.at || p.at == best.at && p.audience > best.audience) {
			best, found = p, true
		}
	}
	return best.audience, found
}

func (tw twinWorld) reach(posts []twinPost) string {
	var sum, known int64
	for channel := range distinct(posts, func(p twinPost) string { return tw.resolved(p.channel) }) {
		if a, ok := tw.audience(channel); ok {
			sum, known = sum+a, known+1
		}
	}
	if known == 0 {
		return "- 0"
	}
	return fmt.Sprintf("%d %d", sum, known)
}

func distinct(posts []twinPost, of func(twinPost) string) map[string]bool {
	all := map[string]bool{}
	for _, p := range posts {
		all[of(p)] = true
	}
	return all
}

func grouped(posts []twinPost, by func(twinPost) string) map[string][]twinPost {
	groups := map[string][]twinPost{}
	for _, p := range posts {
		groups[by(p)] = append(groups[by(p)], p)
	}
	return groups
}

func first(posts []twinPost) twinPost {
	return slices.MinFunc(posts, func(a, b twinPost) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order))
	})
}

func platformOf(p twinPost) string {
	if p.platform == twitter {
		return "twitter"
	}
	return "telegram"
}

// stamp writes a time of the world as results show it.
func stamp(at string) string { return "2020-" + strings.Replace(at, " ", "T", 1) + "Z" }

func (tw twinWorld) cardSpread() []string {
	var out []string
	for card, posts := range grouped(tw.posts, func(p twinPost) string { return p.card }) {
		f := first(posts)
		last := slices.MaxFunc(posts, func(a, b twinPost) int { return cmp.Compare(a.at, b.at) })
		out = append(out, fmt.Sprintf("%s %s %s %s %d %d %d %d %s", card, stamp(f.at), platformOf(f), stamp(last.at), len(posts),
			len(distinct(posts, func(p twinPost) string { return tw.resolved(p.channel) })), len(distinct(posts, platformOf)),
			len(distinct(posts, func(p twinPost) string { return p.site })), tw.reach(posts)))
	}
	return sorted(out)
}

func (tw twinWorld) firstSightings() []string {
	var out []string
	for _, posts := range grouped(tw.posts, func(p twinPost) string { return p.card + platformOf(p) }) {
		f := first(posts)
		at, err := time.Parse(time.DateTime, "2020-"+f.at)
		if err != nil {
			panic(err)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s %s %s - %s %s", f.card, platformOf(f), stamp(f.at), tw.notBefore(f),
			at.Add(time.Second).Format("2006-01-02T15:04:05Z"), f.basis, tw.resolved(f.channel), f.site, f.name))
	}
	return sorted(out)
}

// notBefore grows every range as long as another touches it, then looks.
func (tw twinWorld) notBefore(f twinPost) string {
	ranges := tw.ranges[tw.resolved(f.channel)]
	last := ""
	for _, r := range ranges {
		for grown := true; grown; {
			grown = false
			for _, o := range ranges {
				if o[0] <= r[1] && r[0] <= o[1] && (o[0] < r[0] || o[1] > r[1]) {
					r, grown = [2]string{min(r[0], o[0]), max(r[1], o[1])}, true
				}
			}
		}
		if r[0] < f.at && f.at <= r[1] {
			return stamp(f.at)
		}
		if r[1] < f.at {
			last = max(last, r[1])
		}
	}
	if last == "" {
		return "-"
	}
	return stamp(last)
}

func (tw twinWorld) timeline() []string {
	day := func(p twinPost) string { return p.at[:5] }
	channel := func(p twinPost) string { return tw.resolved(p.channel) }
	firstDay := map[string]string{}
	for c, posts := range grouped(tw.posts, channel) {
		firstDay[c] = day(first(posts))
	}
	var out []string
	for _, posts := range grouped(tw.posts, func(p twinPost) string { return day(p) + platformOf(p) }) {
		fresh := 0
		for c := range distinct(posts, channel) {
			if firstDay[c] == day(posts[0]) {
				fresh++
			}
		}
		out = append(out, fmt.Sprintf("2020-%sT00:00:00Z %s %d %d %d %d 0 %s", day(posts[0]), platformOf(posts[0]), len(posts),
			len(distinct(posts, channel)), fresh, len(distinct(posts, func(p twinPost) string { return p.card })), tw.reach(posts)))
	}
	return sorted(out)
}

func TestQueriesAgreeWithTheirTwins(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w, tw := randomWorld(t, seed)
			for query, want := range map[string][]string{
				"card_spread": tw.cardSpread(), "first_sightings": tw.firstSightings(), "spread_timeline": tw.timeline(),
			} {
				if diff := gocmp.Diff(want, sorted(strings.Split(w.query(query, nil), "\n"))); diff != "" {
					t.Errorf("%s differs (-twin +query):\n%s", query, diff)
				}
			}
		})
	}
}
