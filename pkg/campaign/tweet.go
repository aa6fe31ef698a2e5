package campaign

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The shapes of the Twitter API v2 as twarc2 stores them.

// xPost is a post, or, without content, a reference to one. A flattened file
// has references with type and content.
type xPost struct {
	Type string `json:"type,omitempty"`
	ID   string `json:"id"`
	*xContent
}

type xContent struct {
	AuthorID       string        `json:"author_id"`
	ConversationID string        `json:"conversation_id"`
	CreatedAt      string        `json:"created_at"`
	Text           string        `json:"text"`
	Lang           string        `json:"lang"`
	Source         string        `json:"source"`
	ReplySettings  string        `json:"reply_settings"`
	Sensitive      bool          `json:"possibly_sensitive"`
	ReplyToUser    string        `json:"in_reply_to_user_id,omitempty"`
	Metrics        xPostMetrics  `json:"public_metrics"`
	Entities       *xEntities    `json:"entities,omitempty"`
	Attachments    *xAttachments `json:"attachments,omitempty"`
	References     []xPost       `json:"referenced_tweets,omitempty"`

	// What flattening adds.
	Author *xUser `json:"author,omitempty"`
	Twarc  *xLook `json:"__twarc,omitempty"`
}

type xPostMetrics struct {
	Retweets int `json:"retweet_count"`
	Replies  int `json:"reply_count"`
	Likes    int `json:"like_count"`
	Quotes   int `json:"quote_count"`
}

type xEntities struct {
	URLs     []xURL     `json:"urls,omitempty"`
	Hashtags []xHashtag `json:"hashtags,omitempty"`
	Mentions []xMention `json:"mentions,omitempty"`
}

type xURL struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	URL      string `json:"url"`
	Expanded string `json:"expanded_url"`
	Display  string `json:"display_url"`
	Status   int    `json:"status,omitempty"`
	Title    string `json:"title,omitempty"`
	Unwound  string `json:"unwound_url,omitempty"`
}

type xHashtag struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Tag   string `json:"tag"`
}

type xMention struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Username string `json:"username"`
}

type xAttachments struct {
	Keys  []string `json:"media_keys"`
	Media []xMedia `json:"media,omitempty"`
}

type xMedia struct {
	Key  string `json:"media_key"`
	Type string `json:"type"`
	URL  string `json:"url,omitempty"`
	Alt  string `json:"alt_text,omitempty"`
}

// tweet is a post as the API gives it.
func tweet(p *Post) xPost {
	out := xPost{ID: id(p), xContent: &xContent{
		AuthorID: p.Channel.ID, ConversationID: id(p), CreatedAt: xTime(p.PostedAt), Lang: "zh",
		Source: "Twitter Web App", ReplySettings: "everyone",
		Metrics: xPostMetrics{Retweets: p.views / 90, Replies: p.likes / 4, Likes: p.likes, Quotes: p.likes / 9},
	}}
	out.Text, out.Entities = marked(p)
	if p.source != nil {
		words := map[kind]string{repost: "retweeted", quote: "quoted", reply: "replied_to"}
		out.References = []xPost{{Type: words[p.kind], ID: id(p.source)}}
	}
	if p.kind == reply {
		out.ReplyToUser, out.ConversationID = p.source.Channel.ID, id(p.source)
	}
	if p.media != nil && p.kind != repost {
		out.Attachments = &xAttachments{Keys: []string{p.media.key}}
	}
	return out
}

// outerText is the text of a post as Twitter gives it: of a retweet the head,
// cut.
func outerText(p *Post) string {
	text := p.body.text(Twitter)
	if p.kind == repost {
		return cut("RT @" + p.source.Channel.Name + ": " + text)
	}
	return text
}

// marked is the text with what Twitter marks in it; marks of what was cut off
// are missing.
func marked(p *Post) (string, *xEntities) {
	text := outerText(p)
	length, at := utf8.RuneCountInString(text), 0
	entities := &xEntities{}
	if p.kind == repost {
		head := "RT @" + p.source.Channel.Name
		entities.Mentions = append(entities.Mentions, xMention{Start: 3, End: len(head), Username: p.source.Channel.Name})
		at = len(head) + 2
		if utf8.RuneCountInString(p.body.text(Twitter))+at > length {
			length-- // the ellipsis covers half a mark
		}
	}
	for _, piece := range p.body.pieces {
		shown := piece.onPlatform(Twitter)
		end := at + utf8.RuneCountInString(shown)
		if end <= length {
			entities.mark(piece, shown, at, end)
		}
		at = end
	}
	if len(entities.URLs)+len(entities.Hashtags)+len(entities.Mentions) == 0 {
		entities = nil
	}
	return text, entities
}

func (e *xEntities) mark(p piece, shown string, start, end int) {
	switch {
	case p.link != nil:
		e.URLs = append(e.URLs, p.link.mark(start, end))
	case p.kind == hashtag:
		e.Hashtags = append(e.Hashtags, xHashtag{Start: start, End: end, Tag: strings.TrimPrefix(shown, "#")})
	case p.kind == mention:
		e.Mentions = append(e.Mentions, xMention{Start: start, End: end, Username: strings.TrimPrefix(shown, "@")})
	}
}

// mark is the link as Twitter marks it. Behind another shortener only
// unwound_url names the target.
func (l *link) mark(start, end int) xURL {
	u := xURL{Start: start, End: end, URL: l.short, Expanded: l.raw, Title: l.title}
	if l.via != "" {
		u.Expanded, u.Unwound, u.Status = l.via, l.raw, 200
	} else if l.title != "" && l.short[len(l.short)-1]%2 == 0 {
		u.Unwound, u.Status = l.raw, 200
	}
	_, u.Display, _ = strings.Cut(u.Expanded, "://")
	if r := []rune(u.Display); len(r) > 28 {
		u.Display = string(r[:28]) + "…"
	}
	return u
}

func id(p *Post) string { return strconv.FormatUint(p.ID, 10) }

func xTime(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02T15:04:05.000Z") }
