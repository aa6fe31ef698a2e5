package fake

import (
	"strings"
	"time"
)

// editable is how long a post can be edited.
const editable = time.Hour

// shape writes a post as the API does, with what was asked for.
func (s *Server) shape(p *post, a asked) object {
	w := s.words
	o := object{"id": name(p.id), "text": p.shown().text, w.history: names(p.thread.versions)}
	for field, value := range map[string]func() any{
		"author_id":           func() any { return name(p.account.id) },
		"created_at":          func() any { return stamp(timeOf(p.id)) },
		"lang":                func() any { return p.lang },
		"conversation_id":     func() any { return name(p.conversation()) },
		"possibly_sensitive":  func() any { return false },
		"reply_settings":      func() any { return "everyone" },
		"edit_controls":       func() any { return p.editControls() },
		"public_metrics":      func() any { return s.metrics(p) },
		"entities":            func() any { return orNothing(p.shown().entities()) },
		"attachments":         func() any { return orNothing(p.attachments()) },
		"withheld":            func() any { return orNothing(p.withholding()) },
		"in_reply_to_user_id": func() any { return s.repliedUser(p) },
	} {
		if a.post[field] {
			if v := value(); v != nil {
				o[field] = v
			}
		}
	}
	if refs := p.references(w); a.post["referenced_tweets"] && len(refs) > 0 {
		o[w.referenced] = refs
	}
	if a.post["note_tweet"] && p.content.long() && p.original == nil {
		note := object{"text": p.content.text}
		if e := p.content.entities(); e != nil {
			note["entities"] = e
		}
		o[w.note] = note
	}
	if p.padding > 0 {
		o["context_annotations"] = padding(p.padding)
	}
	return o
}

// shown is what stands in the field text.
func (p *post) shown() content {
	if p.original == nil && p.content.long() {
		return p.content.cut(shortText)
	}
	return p.content
}

func (p *post) conversation() int64 {
	if p.replyTo != 0 {
		return p.replyTo
	}
	return p.thread.versions[0]
}

func (p *post) editControls() object {
	return object{
		"edits_remaining": max(0, 6-len(p.thread.versions)), "is_edit_eligible": p.original == nil,
		"editable_until": stamp(timeOf(p.thread.versions[0]).Add(editable)),
	}
}

func (p *post) references(w words) []any {
	var refs []any
	if p.original != nil {
		refs = append(refs, object{"type": w.repost, "id": name(p.original.id)})
	}
	if p.quoted != nil {
		refs = append(refs, object{"type": "quoted", "id": name(p.quoted.id)})
	}
	if p.replyTo != 0 {
		refs = append(refs, object{"type": "replied_to", "id": name(p.replyTo)})
	}
	return refs
}

// referred are the posts p refers to, which the expansion adds.
func (p *post) referred() []int64 {
	var ids []int64
	if p.original != nil {
		ids = append(ids, p.original.id)
	}
	if p.quoted != nil {
		ids = append(ids, p.quoted.id)
	}
	if p.replyTo != 0 {
		ids = append(ids, p.replyTo)
	}
	return ids
}

func (s *Server) repliedUser(p *post) any {
	if to := s.posts[p.replyTo]; to != nil {
		return name(to.account.id)
	}
	return nil
}

// metrics are the counters. A repost shows the reposts of what it repeats, and
// no others, as X does.
func (s *Server) metrics(p *post) object {
	if p.original != nil {
		return object{
			s.words.reposts: s.visible(p.original.thread.reposts) + p.original.extra.Reposts, "reply_count": 0, "like_count": 0,
			"quote_count": 0, "bookmark_count": 0, "impression_count": 0,
		}
	}
	return object{
		s.words.reposts: s.visible(p.thread.reposts) + p.extra.Reposts, "quote_count": s.visible(p.thread.quotes) + p.extra.Quotes,
		"reply_count": p.extra.Replies, "like_count": p.extra.Likes, "bookmark_count": p.extra.Bookmarks,
		"impression_count": p.extra.Impressions,
	}
}

func (s *Server) visible(ids []int64) int {
	n := 0
	for _, id := range ids {
		if s.posts[id].absence() == "" {
			n++
		}
	}
	return n
}

func (p *post) attachments() object {
	if len(p.media) == 0 {
		return nil
	}
	keys := make([]string, len(p.media))
	for i, m := range p.media {
		keys[i] = m.key
	}
	return object{"media_keys": keys}
}

func (p *post) withholding() object {
	if len(p.withheld) == 0 {
		return nil
	}
	return object{"copyright": false, "country_codes": p.withheld, "scope": "tweet"}
}

// shapeUser writes an account.
func (s *Server) shapeUser(a *account, fields set) object {
	o := object{"id": name(a.id), "name": a.spec.Name, "username": a.spec.Username}
	for field, value := range map[string]any{
		"created_at": stamp(a.spec.Created), "protected": a.protected, "verified": false, "verified_type": "none",
		"description": "", "location": "", "public_metrics": object{
			"followers_count": a.spec.Followers, "following_count": 1, s.words.post + "_count": len(a.posts), "listed_count": 0,
		},
	} {
		if fields[field] {
			o[field] = value
		}
	}
	if fields["withheld"] && len(a.withheld) > 0 {
		o["withheld"] = object{"country_codes": a.withheld, "scope": "user"}
	}
	return o
}

func shapeMedia(m media, fields set) object {
	o := object{"media_key": m.key, "type": m.kind}
	if fields["alt_text"] && m.alt != "" {
		o["alt_text"] = m.alt
	}
	if fields["url"] && m.kind == "photo" {
		o["url"] = "https://media.example/" + m.key + ".jpg"
	}
	return o
}

// padding is context_annotations of so many bytes: what makes messages of X big.
func padding(bytes int) []any {
	one := object{"domain": object{"id": "1", "name": "Invented", "description": strings.Repeat("x", 1000)}, "entity": object{"id": "2", "name": "x"}}
	all := make([]any, 0, bytes/1000+1)
	for range bytes/1000 + 1 {
		all = append(all, one)
	}
	return all
}

func orNothing(o object) any {
	if o == nil {
		return nil
	}
	return o
}
