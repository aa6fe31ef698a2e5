package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// declared is a share that a post in an archive declares, in clear.
type declared struct {
	platform   campaign.Platform
	kind       string
	channel    string
	post       string
	postedAt   time.Time
	source     string // channel
	sourcePost string // of Twitter, whose author another record tells
}

// checkShares compares share_edges with what the posts of the files declare,
// counted here by the plainest means because the ledger lists no shares. Links
// between posts and the cards on an edge are not counted: for those a link
// would have to be understood, which pkg/cardlink has its own vectors for.
func checkShares(s *testStudy, ledger campaign.Ledger) {
	s.t.Helper()
	w := newTruth(s, ledger)
	shares := make(map[[4]string]declared) // by what makes a post one
	authors := make(map[string]string)     // of Twitter posts, by id
	for _, f := range ledger.Files {
		content := s.unpacked(f.Name)
		if f.Format == campaign.TelegramDesktop {
			s.telegramShares(content, shares)
		} else {
			s.twitterShares(content, shares, authors)
		}
	}
	edges := make(map[[4]string]edgeRow)
	for _, d := range shares {
		if d.source == "" {
			d.source = authors[d.sourcePost]
		}
		if d.source == "" {
			continue // nobody knows whose post it was
		}
		row := edgeRow{
			Source: w.channel(d.platform, d.source), Channel: w.channel(d.platform, d.channel),
			Platform: string(d.platform), Kind: d.kind, FirstAt: d.postedAt, LastAt: d.postedAt,
		}
		edge := [4]string{row.Source, row.Channel, row.Platform, row.Kind}
		edges[edge] = row.after(edges[edge])
	}
	byKind := make(map[string][]edgeRow)
	for _, row := range edges {
		byKind[row.Kind] = append(byKind[row.Kind], row)
	}
	for _, kind := range []string{"forward", "reply", "repost", "quote"} {
		got := askRows[edgeRow](s, "share_edges", "--param", "kind="+kind)
		sameRows(s.t, "share_edges of kind "+kind, got, byKind[kind], func(r *edgeRow) { r.Cards = 0 })
	}
}

// after adds one share to an edge, the zero edge included.
func (r edgeRow) after(edge edgeRow) edgeRow {
	r.Posts = edge.Posts + 1
	if edge.Posts > 0 && edge.FirstAt.Before(r.FirstAt) {
		r.FirstAt = edge.FirstAt
	}
	if edge.Posts > 0 && edge.LastAt.After(r.LastAt) {
		r.LastAt = edge.LastAt
	}
	return r
}

// unpacked is the content of an archive.
func (s *testStudy) unpacked(name string) []byte {
	s.t.Helper()
	var err error
	content := s.read("archives/" + name)
	switch {
	case strings.HasSuffix(name, ".zip"):
		content, err = onlyMember(s.path("archives/" + name))
	case strings.HasSuffix(name, ".gz"):
		var r io.Reader
		if r, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, err = io.ReadAll(r)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return content
}

type exportedChat struct {
	Type     string
	ID       json.Number
	Messages []struct {
		ID        json.Number
		Type      string
		Date      json.Number `json:"date_unixtime"`
		Forwarded string      `json:"forwarded_from_id"`
		From      any         `json:"forwarded_from"`
		ReplyTo   json.Number `json:"reply_to_message_id"`
	}
}

func (s *testStudy) telegramShares(content []byte, into map[[4]string]declared) {
	s.t.Helper()
	type list struct{ List []exportedChat }
	var export struct {
		exportedChat
		Chats list
		Left  list `json:"left_chats"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(content, []byte(`\x0B`), []byte(`\u000b`)), &export); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range append(append(export.Chats.List, export.Left.List...), export.exportedChat) {
		for _, m := range c.Messages {
			if c.Type != "public_channel" || m.Type != "message" {
				continue
			}
			seconds, err := m.Date.Int64()
			if err != nil {
				s.t.Fatal(err)
			}
			d := declared{platform: campaign.Telegram, channel: c.ID.String(), post: m.ID.String(), postedAt: at(1000 * seconds)}
			if source, ok := strings.CutPrefix(m.Forwarded, "channel"); ok {
				d.kind, d.source = "forward", source
				into[[4]string{"telegram", d.channel, d.post, d.kind}] = d
			}
			if m.ReplyTo != "" {
				d.kind, d.source = "reply", d.channel
				into[[4]string{"telegram", d.channel, d.post, d.kind}] = d
			}
		}
	}
}

type exportedTweet struct {
	ID         string
	Author     string    `json:"author_id"`
	At         time.Time `json:"created_at"`
	Text       string
	References []exportedTweet `json:"referenced_tweets"`
	Type       string
}

func (s *testStudy) twitterShares(content []byte, into map[[4]string]declared, authors map[string]string) {
	s.t.Helper()
	kinds := map[string]string{"retweeted": "repost", "quoted": "quote", "replied_to": "reply"}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var line struct {
			exportedTweet
			Data     json.RawMessage
			Includes struct{ Tweets []exportedTweet }
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue // the broken line
		}
		tweets := append(line.Includes.Tweets, line.exportedTweet)
		var many []exportedTweet
		var one exportedTweet
		if json.Unmarshal(line.Data, &many) != nil && json.Unmarshal(line.Data, &one) == nil {
			many = []exportedTweet{one}
		}
		tweets = append(tweets, many...)
		for _, t := range slicesWithInlined(tweets) {
			authors[t.ID] = t.Author
			for _, r := range t.References {
				into[[4]string{"twitter", t.ID, r.Type, r.ID}] = declared{
					platform: campaign.Twitter, kind: kinds[r.Type], channel: t.Author, post: t.ID, postedAt: t.At, sourcePost: r.ID,
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		s.t.Fatal(err)
	}
}

// slicesWithInlined adds the posts that flattened ones carry inside them.
func slicesWithInlined(tweets []exportedTweet) []exportedTweet {
	var all []exportedTweet
	for _, t := range tweets {
		if t.Author == "" {
			continue
		}
		all = append(all, t)
		for _, r := range t.References {
			if r.Author != "" {
				all = append(all, r)
			}
		}
	}
	return all
}
