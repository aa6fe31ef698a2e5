package archive

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/go-faster/jx"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Bounds of one body.
const (
	maxBody = 64 << 20
	// readerChunk is how many bytes of strings share an allocation, so that an
	// id that is kept holds back no more than that.
	readerChunk = 4 << 10
	// maxToken is the longest word of a body that is handed over as it is, but
	// for what RawPost takes: an id, a page's token, a rule's tag.
	maxToken = 1 << 10
	// maxObjects and maxMembers bound what a body costs in memory, far above
	// what a page of 500 posts and all that they refer to has.
	maxObjects = 200_000
	maxMembers = 2_000_000
	// largeSheet is from how many posts on the memory for them is not kept for
	// the next body.
	largeSheet = 10_000
)

// TweetReader reads bodies of X's API one by one, with the decoder that reads
// archives of twarc2. It is not safe for concurrent use.
type TweetReader struct {
	desk
	decoder jx.Decoder
	press   press
	page    *TweetPage
	// told are the accounts that the body was found to describe, true for those
	// whose channel is in the page as well.
	told map[string]bool
}

// NewTweetReader makes a reader.
func NewTweetReader() *TweetReader {
	return &TweetReader{press: press{chunkSize: readerChunk}, told: make(map[string]bool)}
}

// Read reads one body; readAt is when it came. What it returns belongs to the
// caller. The error is a *BodyError, and the page then holds what stands in whole
// objects before the fault, as where two objects were glued together.
func (r *TweetReader) Read(body []byte, readAt time.Time) (*TweetPage, error) {
	r.page = &TweetPage{Meta: TweetMeta{Count: -1}}
	defer r.finish()
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if class := foreign(body); class != "" {
		return r.page, &BodyError{class}
	}
	r.decoder.ResetBytes(body)
	for objects := 0; ; objects++ {
		if err := r.sheet.readLine(&r.decoder); err != nil {
			class := broken(err)
			if objects > 0 {
				class = ClassGlued
			}
			return r.page, &BodyError{class}
		}
		r.sheet.retrievedAt = readAt.UnixMilli()
		r.take()
		if r.decoder.Next() == jx.Object {
			continue
		}
		if err := r.decoder.Skip(); !errors.Is(err, io.EOF) || objects > 0 {
			return r.page, &BodyError{ClassGlued}
		}
		return r.page, nil
	}
}

// finish forgets the page, which is the caller's.
func (r *TweetReader) finish() {
	r.page = nil
	if len(r.sheet.pool) > largeSheet {
		r.sheet = sheet{}
	}
}

// foreign gives the class of a body that is no object, or nothing.
func foreign(body []byte) Class {
	switch {
	case len(body) == 0:
		return ClassEmptyBody
	case len(body) > maxBody:
		return ClassTooLong
	case body[0] == '<':
		return ClassHTML
	case crowded(body):
		return ClassTooManyEntries
	case body[0] == '{':
		return ""
	case jx.Valid(body):
		return ClassWrongType
	default:
		return ClassBrokenJSON
	}
}

// crowded says whether a body has far more in it than a page has.
func crowded(body []byte) bool {
	return bytes.Count(body, []byte("{")) > maxObjects || bytes.Count(body, []byte(",")) > maxMembers
}

// broken gives the class of what the decoder refused. Its error quotes content.
func broken(err error) Class {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ClassTruncated
	}
	return ClassBrokenJSON
}

// take adds what the sheet holds to the page.
func (r *TweetReader) take() {
	p, s := r.page, &r.sheet
	clear(r.told)
	p.Others += int(s.others) - len(s.accounts)
	for range s.wrong {
		r.reject(ClassWrongType)
	}
	for i := range s.accounts {
		r.account(&s.accounts[i])
	}
	p.Posts = r.posts(p.Posts, s.listed)
	p.Included = r.posts(p.Included, s.included)
	for _, m := range s.rules {
		p.Rules = append(p.Rules, TweetRule{ID: short(m.id), Tag: short(m.tag)})
	}
	r.problems()
	p.Meta = TweetMeta{
		NewestID: short(s.meta.newest), OldestID: short(s.meta.oldest), NextToken: short(s.meta.next), Count: int(s.meta.count),
	}
}

func (r *TweetReader) reject(class Class) {
	r.page.Rejected++
	r.page.Faults = append(r.page.Faults, class)
}

// posts adds posts to a list, and their authors to the page. A copy of a post
// that stood before is left out, as the reader of archives does.
func (r *TweetReader) posts(list []TweetPost, tweets []*tweet) []TweetPost {
	if list == nil && len(tweets) > 0 {
		list = make([]TweetPost, 0, len(tweets))
	}
	for _, tw := range tweets {
		if first, ok := r.sheet.tweets.find(tw.id); ok && first != tw && first.own == tw.own && bytes.Equal(first.identity(), tw.identity()) {
			continue
		}
		if class := r.fill(tw); class != "" {
			r.reject(class)
			continue
		}
		if u, ok := r.sheet.users.find(tw.author); ok {
			r.author(&u)
		}
		list = append(list, r.post(tw))
	}
	return list
}

// post makes a post of the draft that was filled from it.
func (r *TweetReader) post(tw *tweet) TweetPost {
	r.press.mended = false
	r.press.renew()
	p := TweetPost{
		Raw: r.press.post(&r.draft, false), ID: string(tw.id),
		Reposts: tw.counters[forwardCount].orUnknown(), Quotes: tw.counters[quoteCount].orUnknown(),
		Withheld: tw.hold.codes(), WithheldScope: tw.hold.scope, Copyright: tw.hold.copyright,
		Original: short(tw.reposted()),
	}
	if r.press.mended {
		r.page.Faults = append(r.page.Faults, ClassMendedText)
	}
	p.VersionIDs = versionIDs(tw, p.ID)
	return p
}

// author adds the author of a post, once a body.
func (r *TweetReader) author(u *user) {
	if r.told[string(u.id)] {
		return
	}
	r.account(u)
	r.told[string(u.id)] = true
	channel := &doxtrailv1.RawChannel{}
	r.press.channel(channel, u.id, u.name, doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT, u.created)
	r.page.Channels = append(r.page.Channels, channel)
}

// account adds an account, once a body.
func (r *TweetReader) account(u *user) {
	if _, ok := r.told[string(u.id)]; ok || !isID(u.id) {
		return
	}
	id := string(u.id)
	r.told[id] = false
	r.page.Accounts = append(r.page.Accounts, TweetAccount{
		ID: id, Name: short(u.name), CreatedAt: u.created, Followers: u.followers, Protected: u.protected, Withheld: u.hold.codes(),
	})
}

// problems adds what could not be had, and why the stream ended.
func (r *TweetReader) problems() {
	p, s := r.page, &r.sheet
	for i := range s.problems {
		q := &s.problems[i]
		resource := q.resource
		if len(resource) == 0 {
			resource = q.value
		}
		p.Problems = append(p.Problems, TweetProblem{
			Kind: q.kind, ResourceType: q.resourceType, ResourceID: short(resource), Parameter: q.parameter,
		})
	}
	if s.data {
		return
	}
	if s.verdict.about() {
		p.Problems = append(p.Problems, TweetProblem{Kind: s.verdict.kind})
	}
	p.Disconnect = s.verdict.disconnect()
	for i := range s.problems {
		if ended := s.problems[i].disconnect(); p.Disconnect == "" || p.Disconnect == ProblemOther && ended != "" {
			p.Disconnect = ended
		}
	}
}

// short copies a word of the body; one that is too long to be what it should be
// is left out.
func short(b []byte) string {
	if len(b) > maxToken {
		return ""
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
