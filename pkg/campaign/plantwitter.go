package campaign

import (
	"sort"
	"strings"
)

// The two searches overlap by two weeks; the stream ran for ten days; the
// timelines were fetched last.
const (
	searchTurn   = 1593561600 // 2020-07-01: the first search ends here
	searchResume = 1592179200 // 2020-06-15: the second begins here
	streamFrom   = 1604966400 // 2020-11-10
	streamUntil  = 1605830400 // 2020-11-20
	pageSize     = 100
)

// planTwitter writes two searches, newest first as the API answers, one of
// them packed; a stream; and the flattened timelines of some accounts.
func planTwitter(c *Campaign) []*file {
	d := newDice(c.seed, "searches")
	timelines := make(map[*Channel]bool)
	for i := 0; i < len(c.accounts); i += 16 {
		timelines[c.accounts[i]] = true
	}
	hideSome(c, d)
	first := twitterFile(c, 5, "search_%_2019-2020.jsonl", searchTurn+day)
	second := twitterFile(c, 6, "search_%_2020-2021.jsonl.gz", endAt+day)
	second.packing = gzipped
	live := twitterFile(c, 7, "stream_%.jsonl", streamUntil)
	live.query = "https://api.x.example/2/tweets/search/stream"
	own := twitterFile(c, 0, "timelines_%_flat.jsonl", endAt+4*day)
	own.query = "https://api.x.example/2/users/" + c.accounts[0].ID + "/tweets?max_results=100"
	var older, newer []*Post
	for _, p := range c.posts {
		if p.Channel.Platform != Twitter || p.gone || p.hidden {
			continue
		}
		if timelines[p.Channel] {
			own.lines = append(own.lines, &line{shape: flat, data: []*Post{p}, included: references([]*Post{p})})
			if d.chance(0.2) {
				continue // no search found it
			}
		} else if p.PostedAt >= streamFrom && p.PostedAt < streamUntil && d.chance(0.5) {
			live.lines = append(live.lines, &line{shape: stream, data: []*Post{p}, included: references([]*Post{p})})
			if d.chance(0.2) {
				continue
			}
		}
		if p.PostedAt < searchTurn {
			older = append(older, p)
		}
		if p.PostedAt >= searchResume {
			newer = append(newer, p)
		}
	}
	first.lines, second.lines = pages(older), pages(newer)
	half := len(live.lines) / 2
	live.lines = append(live.lines[:half:half], append([]*line{{shape: broken}}, live.lines[half:]...)...)
	live.lines = append(live.lines, &line{shape: failure})
	return []*file{first, second, live, own}
}

// hideSome hides a tenth of what was retweeted or quoted from all searches:
// it is there only beside what points to it.
func hideSome(c *Campaign, d *dice) {
	for _, p := range c.posts {
		if (p.kind == repost || p.kind == quote) && p.source.kind == original && !p.source.gone && d.chance(0.03) {
			p.source.hidden = true
		}
	}
}

func pages(posts []*Post) []*line {
	newest := append([]*Post(nil), posts...)
	sort.Slice(newest, func(i, j int) bool { return newest[i].PostedAt > newest[j].PostedAt })
	var lines []*line
	for len(newest) > 0 {
		n := min(pageSize, len(newest))
		lines = append(lines, &line{shape: page, data: newest[:n], included: references(newest[:n])})
		newest = newest[n:]
	}
	return lines
}

// references are the posts these point to, once each, as far as they exist.
func references(posts []*Post) []*Post {
	var out []*Post
	seen := make(map[*Post]bool)
	for _, p := range posts {
		if p.source != nil && !p.source.gone && !seen[p.source] {
			seen[p.source] = true
			out = append(out, p.source)
		}
	}
	return out
}

// twitterFile begins a file named for the i-th person after the channels.
func twitterFile(c *Campaign, i int, name string, looked int64) *file {
	slug := c.fileName(c.size.Channels + i)
	return &file{
		format: Twarc2, looked: looked, name: "twitter/" + strings.ReplaceAll(name, "%", slug),
		query: "https://api.x.example/2/tweets/search/all?max_results=100&query=" + slug,
	}
}

// settleAudiences lets followers grow from look to look, but not those of an
// account with a post in two archives: there, which archive speaks last is
// not the campaign's to say.
func settleAudiences(c *Campaign) {
	in := make(map[*Post]*file)
	for _, f := range c.files {
		for _, r := range f.records() {
			if r.post == nil || r.post.Channel.Platform != Twitter {
				continue
			}
			if other := in[r.post]; other != nil && other != f {
				r.post.Channel.settled = true
			}
			in[r.post] = f
		}
	}
}

// followers is what an archive says about the audience of an account; -1 is
// nothing.
func (f *file) followers(account *Channel) int {
	if account.settled || account.audience < 0 || f.looked <= searchTurn+day {
		return account.audience
	}
	return account.audience + account.audience/7 + 3
}
