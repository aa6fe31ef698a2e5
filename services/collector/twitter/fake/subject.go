package fake

import (
	"slices"
	"strings"
	"unicode"
)

// subject is a post as queries see it.
type subject struct {
	post   *post
	texts  []tokenised // its own, and on the stream that of the post it quotes
	raw    []string    // texts in small letters
	urls   []matchable
	author matchedAccount
}

type matchedAccount struct{ id, username string }

type tokenised struct {
	list []string
	set  map[string]struct{}
}

// matchable is a link as url: and its like see it.
type matchable struct {
	tokens                         [][]string
	addresses                      []string
	titleTokens, descriptionTokens []string
}

// newSubject looks at a post. With quotes, a quoted post's content counts too,
// as on the stream. A repost is matched by the content of what it repeats.
func newSubject(p *post, quotes bool) *subject {
	s := &subject{post: p, author: p.account.matched()}
	what := p
	if p.original != nil {
		what = p.original
	}
	s.add(what.content)
	if quotes && what.quoted != nil {
		s.add(what.quoted.content)
	}
	return s
}

func (a *account) matched() matchedAccount {
	return matchedAccount{id: name(a.id), username: strings.ToLower(a.spec.Username)}
}

func (a matchedAccount) is(value string) bool {
	return a.id == value || a.username == strings.TrimPrefix(value, "@")
}

func (s *subject) add(c content) {
	t := tokenised{list: tokens(c.text), set: map[string]struct{}{}}
	for _, token := range t.list {
		t.set[token] = struct{}{}
	}
	s.texts = append(s.texts, t)
	s.raw = append(s.raw, strings.ToLower(c.text))
	for _, l := range c.links {
		m := matchable{titleTokens: tokens(l.title), descriptionTokens: tokens(l.description)}
		for _, address := range []string{l.short, l.expanded, l.unwound} {
			if address != "" {
				m.addresses = append(m.addresses, strings.ToLower(address))
				m.tokens = append(m.tokens, tokens(address))
			}
		}
		s.urls = append(s.urls, m)
	}
}

func (s *subject) has(c clause) bool {
	switch c.op {
	case "word":
		return slices.ContainsFunc(s.texts, func(t tokenised) bool { return t.has(c.tokens) })
	case "hashtag":
		return slices.ContainsFunc(s.raw, func(text string) bool { return slices.Contains(strings.Fields(text), c.value) })
	case "url", "url_contains", "url_title", "url_description":
		return slices.ContainsFunc(s.urls, func(m matchable) bool { return m.has(c) })
	case "has":
		return s.carries(c.value)
	default:
		return s.relates(c)
	}
}

// relates answers clauses about who and what a post is.
func (s *subject) relates(c clause) bool {
	p := s.post
	switch c.op {
	case "from":
		return s.author.is(c.value)
	case "retweets_of":
		return p.original != nil && p.original.account.matched().is(c.value)
	case "retweets_of_tweet_id":
		return p.original != nil && name(p.original.id) == c.value
	case "in_reply_to_tweet_id", "conversation_id":
		return p.replyTo != 0 && name(p.replyTo) == c.value
	case "lang":
		return strings.ToLower(p.lang) == c.value
	case "is":
		return c.value == "retweet" && p.original != nil || c.value == "quote" && p.quoted != nil || c.value == "reply" && p.replyTo != 0
	}
	return false
}

func (s *subject) carries(what string) bool {
	switch what {
	case "links":
		return len(s.urls) > 0
	case "media", "images", "videos":
		kind := map[string]string{"images": "photo", "videos": "video"}[what]
		return slices.ContainsFunc(s.post.media, func(m media) bool { return kind == "" || m.kind == kind })
	case "hashtags":
		return strings.Contains(s.raw[0], "#")
	default:
		return strings.Contains(s.raw[0], "@")
	}
}

func (m matchable) has(c clause) bool {
	switch c.op {
	case "url":
		return slices.ContainsFunc(m.tokens, func(t []string) bool { return within(t, c.tokens) })
	case "url_contains":
		return slices.ContainsFunc(m.addresses, func(a string) bool { return strings.Contains(a, c.value) })
	case "url_title":
		return within(m.titleTokens, c.tokens)
	default:
		return within(m.descriptionTokens, c.tokens)
	}
}

// has says whether the phrase stands in the text. Most do not, so its first
// token is looked up before.
func (t tokenised) has(phrase []string) bool {
	if _, ok := t.set[phrase[0]]; !ok {
		return false
	}
	return within(t.list, phrase)
}

// within says whether the phrase stands somewhere in the list.
func within(list, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(list); i++ {
		if slices.Equal(list[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

// tokens are the words of a text in small letters, without anything between
// them; every sign of a script without spaces is a word.
func tokens(text string) []string {
	var all []string
	start := -1
	text = strings.ToLower(text)
	for i, c := range text {
		single := unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		part := !single && (unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_')
		if start >= 0 && !part {
			all = append(all, text[start:i])
			start = -1
		}
		switch {
		case single:
			all = append(all, string(c))
		case part && start < 0:
			start = i
		}
	}
	if start >= 0 {
		all = append(all, text[start:])
	}
	return all
}
