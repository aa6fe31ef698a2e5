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
	// errors counts reports of posts that could not be had.
	errors      uint64
	query       []byte
	retrievedAt int64

	tweets index[*tweet]
	users  index[user]
	files  index[file]
}

// user is an author.
type user struct {
	id, name  []byte
	created   int64
	followers int64
}

// file is a picture or film.
type file struct {
	kind doxtrailv1.MediaKind
}

func (s *sheet) reset() {
	s.arena.reset()
	s.used = 0
	s.listed, s.included = s.listed[:0], s.included[:0]
	s.others, s.wrong, s.errors = 0, 0, 0
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
			return elements(d, func(d *jx.Decoder) error {
				s.errors++
				return d.Skip()
			})
		case "meta", "matching_rules":
			page = page || string(key) == "meta"
			return d.Skip()
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
