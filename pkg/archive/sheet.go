package archive

import (
	"time"

	"github.com/go-faster/jx"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// sheet is one line of a twarc2 file, taken apart: a page with its includes, a
// line of a stream, or one flattened post. The slices point into the line.
type sheet struct {
	arena arena
	pool  []*tweet
	used  int
	// listed are the posts that were asked for, included the ones they refer
	// to.
	listed   []*tweet
	included []*tweet
	// others counts entries of data that are no posts: profiles, counts of
	// posts, and what is not an object at all.
	others uint64
	// wrong counts entries of data and includes that are of the wrong type.
	wrong uint64
	// problems are reports of what could not be had.
	problems []problem
	// data says whether the object has any.
	data bool
	// verdict is what a body says of itself where it holds no posts.
	verdict     problem
	rules       []rule
	meta        meta
	accounts    []user
	query       []byte
	retrievedAt int64

	tweets index[*tweet]
	users  index[user]
	files  index[file]
}

// user is an author. Followers is -1 where unknown.
type user struct {
	id, name  []byte
	created   int64
	followers int64
	protected bool
	hold      hold
}

// file is a picture or film.
type file struct {
	kind doxtrailv1.MediaKind
}

func (s *sheet) reset() {
	s.arena.reset()
	s.used = 0
	s.listed, s.included = s.listed[:0], s.included[:0]
	s.others, s.wrong = 0, 0
	s.problems, s.rules, s.accounts = s.problems[:0], s.rules[:0], s.accounts[:0]
	s.data, s.verdict, s.meta = false, problem{}, meta{count: -1}
	s.query, s.retrievedAt = nil, 0
	s.tweets.reset()
	s.users.reset()
	s.files.reset()
}

// spare gives an empty post of the pool.
func (s *sheet) spare() *tweet {
	if s.used == len(s.pool) {
		s.pool = append(s.pool, new(tweet))
	}
	t := s.pool[s.used]
	s.used++
	t.reset()
	return t
}

func (s *sheet) keepListed(t *tweet) {
	s.listed = append(s.listed, t)
	s.keep(t)
}

func (s *sheet) keepIncluded(t *tweet) {
	s.included = append(s.included, t)
	s.keep(t)
}

func (s *sheet) keep(t *tweet) {
	t.finish()
	if len(t.id) > 0 {
		s.tweets.add(t.id, t)
	}
}

// readLine reads one object: a page, a line of a stream, or a flattened post.
func (s *sheet) readLine(d *jx.Decoder) error {
	s.reset()
	flat, page := s.spare(), false
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		switch string(key) {
		case "data":
			page = true
			s.data = s.data || d.Next() != jx.Null
			if d.Next() == jx.Array {
				return d.Arr(s.readEntry)
			}
			if d.Next() == jx.Null {
				return d.Skip()
			}
			return s.readEntry(d)
		case "includes":
			page = true
			return s.readIncludes(d)
		case "errors":
			page = true
			if d.Next() == jx.Object {
				return s.readProblem(d)
			}
			return elements(d, s.readProblem)
		case "meta":
			page = true
			return s.meta.read(d)
		case "matching_rules":
			return elements(d, s.readRule)
		case "title", "detail", "type", "disconnect_type", "connection_issue":
			return s.verdict.readMember(d, key)
		default:
			return flat.readMember(s, d, key, 0)
		}
	})
	if err == nil && !page {
		s.sort(flat)
	}
	return err
}

// readEntry reads one entry of data.
func (s *sheet) readEntry(d *jx.Decoder) error {
	if d.Next() != jx.Object {
		s.wrong++
		return d.Skip()
	}
	t := s.spare()
	if err := t.read(s, d, 0); err != nil {
		return err
	}
	s.sort(t)
	return nil
}

// sort tells posts from the other things that twarc2 writes lines of: profiles
// and counts of posts.
func (s *sheet) sort(t *tweet) {
	if t.account && len(t.author) == 0 || len(t.id) == 0 && !t.whole() {
		s.others++
		if t.account {
			s.accounts = append(s.accounts, t.user())
		}
		return
	}
	s.keepListed(t)
}

func (s *sheet) readIncludes(d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) error {
		switch string(key) {
		case "tweets", "posts":
			return elements(d, func(d *jx.Decoder) error {
				if d.Next() != jx.Object {
					s.wrong++
					return d.Skip()
				}
				t := s.spare()
				if err := t.read(s, d, 0); err != nil {
					return err
				}
				s.keepIncluded(t)
				return nil
			})
		case "users":
			return elements(d, s.readUser)
		case "media":
			return elements(d, s.readMedia)
		default:
			return d.Skip()
		}
	})
}

func (s *sheet) readUser(d *jx.Decoder) error {
	u := user{followers: -1}
	err := members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "id":
			u.id, err = token(d)
		case "username":
			u.name, err = token(d)
		case "created_at":
			var b []byte
			b, err = token(d)
			if ms, _, ok := isoStamp(b, time.UTC); ok {
				u.created = ms
			}
		case "public_metrics":
			err = members(d, func(d *jx.Decoder, key []byte) (err error) {
				if string(key) != "followers_count" {
					return d.Skip()
				}
				u.followers, err = integer(d)
				return err
			})
		case "protected":
			u.protected, err = boolean(d)
		case "withheld":
			err = u.hold.read(d)
		default:
			err = d.Skip()
		}
		return err
	})
	s.users.add(u.id, u)
	return err
}

func (s *sheet) readMedia(d *jx.Decoder) error {
	var f file
	var key []byte
	err := members(d, func(d *jx.Decoder, name []byte) (err error) {
		switch string(name) {
		case "media_key":
			key, err = token(d)
		case "type":
			var kind []byte
			kind, err = token(d)
			f.kind = fileKind(kind)
		default:
			err = d.Skip()
		}
		return err
	})
	s.files.add(key, f)
	return err
}

func (s *sheet) readTwarc(d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "url":
			s.query, err = s.arena.text(d)
		case "retrieved_at":
			var b []byte
			b, err = token(d)
			if ms, _, ok := isoStamp(b, time.UTC); ok {
				s.retrievedAt = ms
			}
		default:
			err = d.Skip()
		}
		return err
	})
}

// fileKind reads a media type, or the number that a media key begins with.
func fileKind(name []byte) doxtrailv1.MediaKind {
	switch string(name) {
	case "photo", "3":
		return doxtrailv1.MediaKind_MEDIA_KIND_PHOTO
	case "video", "7", "13":
		return doxtrailv1.MediaKind_MEDIA_KIND_VIDEO
	case "animated_gif", "16":
		return doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION
	default:
		return doxtrailv1.MediaKind_MEDIA_KIND_UNSPECIFIED
	}
}
