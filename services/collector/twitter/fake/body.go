package fake

import (
	"net/url"
	"slices"
)

// body is an answer that is being put together: posts that were asked for, what
// they refer to, and errors about what is not there.
type body struct {
	server *Server
	asked  asked
	way    Way
	data   []any
	posts  []any
	users  []any
	media  []any
	errors []any
	seen   set // of includes
}

// newBody begins an answer; if the request asks for unknown fields, refusal says
// so.
func (s *Server) newBody(q url.Values, way Way) (b *body, refusal *answer) {
	a, parameter, value := readFields(q)
	if parameter != "" {
		return nil, new(s.invalid(parameter, value, "The value is not one of those that are known."))
	}
	return &body{server: s, asked: a, way: way, seen: set{}}, nil
}

// add adds a post that was asked for.
func (b *body) add(p *post) {
	s := b.server
	b.data = append(b.data, s.shape(p, b.asked))
	b.read(p, b.way)
	if b.asked.expand["author_id"] {
		b.user(p.account)
	}
	b.attach(p, "attachments.media_keys")
	if to := s.posts[p.replyTo]; to != nil && b.asked.expand["in_reply_to_user_id"] {
		b.user(to.account)
	}
	if !b.asked.expand["referenced_tweets.id"] && !b.asked.expand["referenced_tweets.id.author_id"] {
		return
	}
	for _, id := range p.referred() {
		b.refer(id)
	}
}

// refer includes a post that another refers to, or says why it is not there.
func (b *body) refer(id int64) {
	key := "post " + name(id)
	if b.seen[key] {
		return
	}
	b.seen[key] = true
	s := b.server
	p := s.posts[id]
	problem := NotFound
	if p != nil {
		problem = p.absence()
	}
	if problem != "" {
		b.errors = append(b.errors, s.partial(problem, s.words.post, s.words.referenced+".id", name(id)))
		return
	}
	b.posts = append(b.posts, s.shape(p, b.asked))
	b.read(p, Included)
	if b.asked.expand["referenced_tweets.id.author_id"] {
		b.user(p.account)
	}
	b.attach(p, "referenced_tweets.id.attachments.media_keys")
}

func (b *body) attach(p *post, expansion string) {
	if !b.asked.expand[expansion] {
		return
	}
	for _, m := range p.media {
		if key := "media " + m.key; !b.seen[key] {
			b.seen[key] = true
			b.media = append(b.media, shapeMedia(m, b.asked.media))
		}
	}
}

// user includes an account.
func (b *body) user(a *account) {
	if key := "user " + name(a.id); !b.seen[key] {
		b.seen[key] = true
		b.users = append(b.users, b.server.shapeUser(a, b.asked.user))
		b.server.reads.bill(b.server.opts.Now(), a.id, true)
	}
}

// read takes down that a post was served.
func (b *body) read(p *post, way Way) {
	s := b.server
	p.served |= way
	s.reads.total.Answered++
	if way == Streamed {
		s.reads.total.Streamed++
	}
	if p.flow != nil {
		s.reads.billPost(s.opts.Now())
		return
	}
	s.reads.bill(s.opts.Now(), p.id, false)
}

// whole is the answer's object, with meta if there is any.
func (b *body) whole(meta object) object {
	o := object{}
	if len(b.data) > 0 {
		o["data"] = b.data
	}
	includes := object{}
	for key, list := range map[string][]any{b.server.words.included: b.posts, "users": b.users, "media": b.media} {
		if len(list) > 0 {
			includes[key] = list
		}
	}
	if len(includes) > 0 {
		o["includes"] = includes
	}
	if len(b.errors) > 0 {
		o["errors"] = b.errors
	}
	if meta != nil {
		o["meta"] = meta
	}
	return o
}

// page cuts a page out of ids, newest first, and adds its posts. Ids are falling.
func (b *body) page(ids []int64, p paging) answer {
	meta := object{}
	if p.empty && len(ids) > 0 {
		meta["next_token"] = token(ids[0] + 1)
		ids = nil
	}
	if n := min(p.size, b.server.opts.PageLimit); len(ids) > n {
		ids = ids[:n]
		meta["next_token"] = token(ids[n-1])
	}
	meta["result_count"] = len(ids)
	if len(ids) > 0 {
		meta["newest_id"], meta["oldest_id"] = name(ids[0]), name(slices.Min(ids))
	}
	if p.next != "" {
		meta["previous_token"] = p.next
	}
	for _, id := range ids {
		b.add(b.server.posts[id])
	}
	return ok(b.whole(meta))
}

// found are the ids, falling, of posts below the page's token that fit; one more
// than the page takes, to know whether there is a next.
func (s *Server) found(ids []int64, p paging, fits func(*post) bool) []int64 {
	end := len(ids)
	if p.below > 0 {
		end, _ = slices.BinarySearch(ids, p.below)
	}
	var all []int64
	for i := end - 1; i >= 0 && len(all) <= min(p.size, s.opts.PageLimit) && ids[i] >= p.from; i-- {
		if post := s.posts[ids[i]]; ids[i] < p.to && post.absence() == "" && fits(post) {
			all = append(all, ids[i])
		}
	}
	return all
}
