package archive

import (
	"time"

	"github.com/go-faster/jx"
)

// meta is what a page says of itself.
type meta struct {
	newest, oldest, next []byte
	count                int64
}

func (m *meta) read(d *jx.Decoder) error {
	return members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "newest_id":
			m.newest, err = token(d)
		case "oldest_id":
			m.oldest, err = token(d)
		case "next_token":
			m.next, err = token(d)
		case "result_count":
			m.count, err = integer(d)
		default:
			err = d.Skip()
		}
		return err
	})
}

// rule is one entry of matching_rules.
type rule struct {
	id, tag []byte
}

func (s *sheet) readRule(d *jx.Decoder) error {
	var r rule
	err := members(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "id":
			r.id, err = token(d)
		case "tag":
			r.tag, err = token(d)
		default:
			err = d.Skip()
		}
		return err
	})
	s.rules = append(s.rules, r)
	return err
}

// user is what a profile that was asked for says.
func (t *tweet) user() user {
	u := t.profile
	u.id, u.hold = t.id, t.hold
	if ms, _, ok := isoStamp(t.created, time.UTC); ok {
		u.created = ms
	}
	return u
}
