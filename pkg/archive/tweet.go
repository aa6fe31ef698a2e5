package archive

import (
	"bytes"
	"time"

	"github.com/go-faster/jx"
)

// tweet is one post of twarc2 as it stands in the file, in either spelling of
// the API. The slices point into the line or the arena.
type tweet struct {
	id, author, inReplyTo []byte
	text, note            []byte
	created, lang         []byte
	refs                  []reference
	urls, noteURLs        []shortURL
	mediaKeys             [][]byte
	poll                  bool
	// versions are the ids of an edited post, first to last, as the API gives
	// them; one of a post that was never edited, none where it does not say.
	versions  [][]byte
	counters  [counterKinds]count
	sensitive bool
	hold      hold
	// account is set where the object is a profile and not a post; what only
	// a profile has is in profile.
	account bool
	profile user
	// own is a hash of what the post itself says.
	own uint64
}

// reference is one entry of referenced_tweets.
type reference struct {
	kind, id []byte
}

// shortURL is one entry of entities.urls. display_url is never read: it is cut.
type shortURL struct {
	short, expanded, unwound []byte
}

func (t *tweet) reset() {
	*t = tweet{
		refs: t.refs[:0], urls: t.urls[:0], noteURLs: t.noteURLs[:0], mediaKeys: t.mediaKeys[:0],
		versions: t.versions[:0], profile: user{followers: -1},
	}
}

// whole says whether the object is a post and not just a reference to one.
func (t *tweet) whole() bool {
	return len(t.text) > 0 || len(t.created) > 0 || len(t.author) > 0
}

// identity is the id that all versions of an edited post share.
func (t *tweet) identity() []byte {
	if len(t.versions) > 0 {
		return t.versions[0]
	}
	return t.id
}

// fullText is the text that is not cut.
func (t *tweet) fullText() []byte {
	if len(t.note) > 0 {
		return t.note
	}
	return t.text
}

// ref gives the id of the post referenced in a way, in either spelling.
func (t *tweet) ref(old, renamed string) []byte {
	for _, r := range t.refs {
		if string(r.kind) == old || string(r.kind) == renamed {
			return r.id
		}
	}
	return nil
}

func (t *tweet) reposted() []byte  { return t.ref("retweeted", "reposted") }
func (t *tweet) quoted() []byte    { return t.ref("quoted", "quoted") }
func (t *tweet) repliedTo() []byte { return t.ref("replied_to", "replied_to") }

// times gives the time of a post and, of a later version of an edited post, the
// time of the first as well. Ids carry the time to the millisecond.
func (t *tweet) times() (posted, edited int64, ok bool) {
	created, ok := snowflakeStamp(t.id)
	if len(t.created) > 0 {
		created, _, ok = isoStamp(t.created, time.UTC)
	}
	if !ok {
		return 0, 0, false
	}
	id := t.identity()
	if bytes.Equal(id, t.id) {
		return created, 0, true
	}
	if first, ok := snowflakeStamp(id); ok && first < created {
		return first, created, true
	}
	return created, created, true
}

// read reads a post. What is inlined in it (twarc2 flatten) goes to the sheet.
func (t *tweet) read(s *sheet, d *jx.Decoder, depth int) error {
	return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return t.readMember(s, d, key, depth)
	})
}

func (t *tweet) readMember(s *sheet, d *jx.Decoder, key []byte, depth int) (err error) {
	switch string(key) {
	case "id":
		t.id, err = token(d)
	case "text":
		t.text, err = s.arena.text(d)
	case "author_id":
		t.author, err = token(d)
	case "created_at":
		t.created, err = token(d)
	case "lang":
		t.lang, err = token(d)
	case "in_reply_to_user_id":
		t.inReplyTo, err = token(d)
	case "entities":
		t.urls, err = readEntities(s, d, t.urls)
	case "note_tweet", "note_post":
		err = t.readNote(s, d)
	case "referenced_tweets", "referenced_posts":
		err = t.readReferences(s, d, depth)
	case "attachments":
		err = t.readAttachments(s, d)
	case "public_metrics":
		err = t.readMetrics(d)
	case "edit_history_tweet_ids", "edit_history_post_ids":
		err = t.readHistory(d)
	case "possibly_sensitive":
		t.sensitive, err = boolean(d)
	case "withheld":
		err = t.hold.read(d)
	case "author":
		err = s.readUser(d)
	case "__twarc":
		err = s.readTwarc(d)
	default:
		err = t.readProfile(d, key)
	}
	return err
}

// readProfile reads what only a profile has.
func (t *tweet) readProfile(d *jx.Decoder, key []byte) (err error) {
	switch string(key) {
	case "username":
		t.account = true
		t.profile.name, err = token(d)
	case "protected":
		t.profile.protected, err = boolean(d)
	case "verified_type", "profile_image_url":
		t.account = true
		err = d.Skip()
	default:
		err = d.Skip()
	}
	return err
}

// readNote reads the uncut text of a long post and its own entities.
func (t *tweet) readNote(s *sheet, d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "text":
			t.note, err = s.arena.text(d)
		case "entities":
			t.noteURLs, err = readEntities(s, d, t.noteURLs)
		default:
			err = d.Skip()
		}
		return err
	})
}

func readEntities(s *sheet, d *jx.Decoder, urls []shortURL) ([]shortURL, error) {
	err := members(d, func(d *jx.Decoder, key []byte) error {
		if string(key) != "urls" {
			return d.Skip()
		}
		return elements(d, func(d *jx.Decoder) error {
			var u shortURL
			err := members(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "url":
					u.short, err = token(d)
				case "expanded_url":
					u.expanded, err = s.arena.text(d)
				case "unwound_url":
					u.unwound, err = s.arena.text(d)
				default:
					err = d.Skip()
				}
				return err
			})
			urls = append(urls, u)
			return err
		})
	})
	return urls, err
}

// maxInline is how deep inlined posts are followed: a repost of a quote of a
// reply. What lies deeper is passed over.
const maxInline = 4

// readReferences reads references, and the posts that are inlined in them.
func (t *tweet) readReferences(s *sheet, d *jx.Decoder, depth int) error {
	return elements(d, func(d *jx.Decoder) error {
		if d.Next() != jx.Object || depth >= maxInline {
			return d.Skip()
		}
		inner := s.spare()
		var kind []byte
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
			if string(key) == "type" {
				kind, err = token(d)
				return err
			}
			return inner.readMember(s, d, key, depth+1)
		})
		if err != nil {
			return err
		}
		t.refs = append(t.refs, reference{kind, inner.id})
		if inner.whole() {
			s.keepIncluded(inner)
		}
		return nil
	})
}

func (t *tweet) readAttachments(s *sheet, d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) error {
		switch string(key) {
		case "media_keys":
			return elements(d, func(d *jx.Decoder) error {
				id, err := token(d)
				t.mediaKeys = append(t.mediaKeys, id)
				return err
			})
		case "media":
			return elements(d, s.readMedia)
		case "poll_ids", "poll":
			t.poll = d.Next() != jx.Null
		}
		return d.Skip()
	})
}

func (t *tweet) readMetrics(d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) error {
		var c counter
		switch string(key) {
		case "impression_count":
			c = viewCount
		case "retweet_count", "repost_count":
			c = forwardCount
		case "reply_count":
			c = replyCount
		case "quote_count":
			c = quoteCount
		case "like_count":
			c = reactionCount
		case "bookmark_count":
			c = bookmarkCount
		case "followers_count":
			var err error
			t.profile.followers, err = integer(d)
			return err
		default:
			return d.Skip()
		}
		n, err := integer(d)
		// The API says 0 for views it does not know: before December 2022
		// none were counted, and an author's own view counts since.
		if n > 0 || n == 0 && c != viewCount {
			t.counters[c] = count{n, true}
		}
		return err
	})
}
