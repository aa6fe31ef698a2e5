package fake

import (
	"context"
	"slices"
	"time"
)

// post is one version of a post. It does not change but for what becomes of it.
type post struct {
	id       int64
	account  *account
	content  content
	lang     string
	media    []media
	original *post // of a repost
	quoted   *post
	replyTo  int64
	thread   *thread
	padding  int // bytes to blow the stream's message up by

	problem   string // what it answers instead, whatever its state
	withheld  []string
	reason    string // a compliance reason of its own: bounced, scrub_geo
	extra     Counters
	subject   *subject // of search, made when first asked for
	matched   []string // ids of the rules that matched when it appeared
	delivered []Delivery
	served    Way
	told      []Told
	flow      *flow // of posts that are not kept
}

// thread is what the versions of a post have in common.
type thread struct {
	versions []int64
	deleted  bool
	since    time.Time // when it was deleted
	reposts  []int64   // ids of posts that repost it, rising
	quotes   []int64
}

type media struct {
	key, kind, alt string
}

// Counters are added to what the world itself counts.
type Counters struct{ Reposts, Quotes, Replies, Likes, Bookmarks, Impressions int }

// With says more about a post.
type With func(*draft)

type draft struct {
	at       time.Time
	lang     string
	pages    map[string]page
	media    []media
	reply    int64
	quoted   int64
	counters Counters
	padding  int
	reason   string
}

// At dates a post back. It is in search, timelines and lookups, the stream never
// had it.
func At(t time.Time) With { return func(d *draft) { d.at = t } }

// Lang is the language X would detect: "zh", "en". "und" without it.
func Lang(lang string) With { return func(d *draft) { d.lang = lang } }

// Leads says where a link in the text leads to in the end, and what stands there.
func Leads(link, unwound, title, description string) With {
	return func(d *draft) { d.pages[link] = page{unwound: unwound, title: title, description: description} }
}

// Photo attaches a picture with its description for the blind.
func Photo(key, alt string) With {
	return func(d *draft) { d.media = append(d.media, media{key: "3_" + key, kind: "photo", alt: alt}) }
}

// Video attaches a video.
func Video(key string) With {
	return func(d *draft) { d.media = append(d.media, media{key: "7_" + key, kind: "video"}) }
}

// Counted sets what the world does not count itself.
func Counted(c Counters) With { return func(d *draft) { d.counters = c } }

// Replying makes a post a reply; the other post need not exist.
func Replying(id string) With { return func(d *draft) { d.reply, _ = parseID(id) } }

// Quoting makes a post a quote of another that exists.
func Quoting(id string) With { return func(d *draft) { d.quoted, _ = parseID(id) } }

// Sized blows the post's message on the stream up to at least so many bytes.
func Sized(bytes int) With { return func(d *draft) { d.padding = bytes } }

// ScrubGeo has compliance say scrub_geo of a post that is up otherwise.
func ScrubGeo() With { return func(d *draft) { d.reason = "scrub_geo" } }

// Post makes a post and returns its id. Links in the text become t.co links; a
// text of more than 280 characters is a long post.
func (s *Server) Post(account, text string, with ...With) string {
	s.mu.Lock()
	p := s.compose(s.account(account), text, nil, with)
	sends := s.appear(p)
	s.mu.Unlock()
	s.send(context.Background(), sends)
	return name(p.id)
}

// Quote makes a post that quotes another.
func (s *Server) Quote(account, id, text string, with ...With) string {
	return s.Post(account, text, append(with, Quoting(id))...)
}

// Reply makes a post that replies to another.
func (s *Server) Reply(account, id, text string, with ...With) string {
	return s.Post(account, text, append(with, Replying(id))...)
}

// Repost makes a repost and returns its own id.
func (s *Server) Repost(account, id string, with ...With) string {
	s.mu.Lock()
	p := s.compose(s.account(account), "", s.must(id), with)
	sends := s.appear(p)
	s.mu.Unlock()
	s.send(context.Background(), sends)
	return name(p.id)
}

// Edit makes a new version of a post and returns its id.
func (s *Server) Edit(id, text string, with ...With) string {
	s.mu.Lock()
	old := s.must(id)
	p := s.compose(old.account, text, nil, with)
	p.thread = old.thread
	p.quoted, p.replyTo = old.quoted, old.replyTo
	p.problem, p.withheld = old.problem, old.withheld
	sends := s.appear(p)
	s.mu.Unlock()
	s.send(context.Background(), sends)
	return name(p.id)
}

// compose makes a post of a draft, not yet part of the world.
func (s *Server) compose(a *account, text string, original *post, with []With) *post {
	d := draft{lang: "und", pages: map[string]page{}}
	for _, w := range with {
		w(&d)
	}
	id := int64(0)
	if d.at.IsZero() {
		id = s.ids.now(s.opts.Now())
	} else {
		id = s.ids.then(d.at)
	}
	p := &post{
		id: id, account: a, lang: d.lang, media: d.media, original: original, replyTo: d.reply,
		thread: &thread{}, extra: d.counters, padding: d.padding, reason: d.reason,
	}
	if d.quoted != 0 {
		p.quoted = s.must(name(d.quoted))
		text += " https://x.example/" + p.quoted.account.spec.Username + "/status/" + name(d.quoted)
	}
	if original != nil {
		p.content = original.content.reposted(original.account.spec.Username)
		p.lang = original.lang
	} else {
		p.content = newContent(id, text, d.pages)
	}
	return p
}

// appear makes a composed post part of the world and says what the stream sends.
func (s *Server) appear(p *post) []send {
	t := p.thread
	edit := len(t.versions) > 0
	if edit {
		old := t.versions[len(t.versions)-1]
		p.account.posts = removed(p.account.posts, old)
		if p.quoted != nil {
			p.quoted.thread.quotes = removed(p.quoted.thread.quotes, old)
		}
	}
	t.versions = append(t.versions, p.id)
	s.posts[p.id] = p
	s.order = added(s.order, p.id)
	p.account.posts = added(p.account.posts, p.id)
	if p.original != nil {
		p.original.thread.reposts = added(p.original.thread.reposts, p.id)
	}
	if p.quoted != nil {
		p.quoted.thread.quotes = added(p.quoted.thread.quotes, p.id)
	}
	kind := Posted
	if edit {
		kind = Edited
	}
	s.happen(Event{Kind: kind, Post: name(p.id), Account: name(p.account.id), At: timeOf(p.id)})
	if p.id&backdated != 0 {
		return nil
	}
	return s.publish(p)
}

// must finds a post that has to be there.
func (s *Server) must(id string) *post {
	n, _ := parseID(id)
	p := s.posts[n]
	if p == nil {
		panic("fake: there is no post of this id")
	}
	return p
}

// latest says whether p is its post's last version.
func (p *post) latest() bool { return p.thread.versions[len(p.thread.versions)-1] == p.id }

func added(ids []int64, id int64) []int64 {
	i, found := slices.BinarySearch(ids, id)
	if found {
		return ids
	}
	return slices.Insert(ids, i, id)
}

func removed(ids []int64, id int64) []int64 {
	if i, found := slices.BinarySearch(ids, id); found {
		return slices.Delete(ids, i, i+1)
	}
	return ids
}
