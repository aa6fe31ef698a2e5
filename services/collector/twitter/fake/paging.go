package fake

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// paging is which part of a list a request wants.
type paging struct {
	from, to int64 // ids, from <= id < to
	below    int64 // of the token: ids below it, 0 without one
	next     string
	size     int
	empty    bool // comes without posts, by order
}

// token is what asks for the posts below an id. It says nothing to a client.
func token(below int64) string { return "t" + strconv.FormatInt(below^mask, 36) }

const mask = 0x2545f4914f6cdd1d

func readToken(token string) (below int64, ok bool) {
	code, ok := strings.CutPrefix(token, "t")
	n, err := strconv.ParseInt(code, 36, 64)
	return n ^ mask, ok && err == nil
}

// bounds are what an endpoint allows.
type bounds struct {
	smallest, biggest, usual int
	oldest                   time.Time // what came before is refused; zero if nothing is
	newest                   time.Time // the same for end_time
}

// readPaging reads the window and the page of a request; refusal says what is
// wrong with them.
func (s *Server) readPaging(q url.Values, b bounds) (p paging, refusal *answer) {
	p = paging{to: math.MaxInt64, size: b.usual}
	for _, d := range []struct {
		read       func(value, parameter string, b bounds) (wrong string)
		parameters []string
	}{
		{p.readSize, []string{"max_results"}},
		{p.readID, []string{"since_id", "until_id"}},
		{p.readTime, []string{"start_time", "end_time"}},
		{p.readToken, []string{"next_token", "pagination_token"}},
	} {
		for _, parameter := range d.parameters {
			value := q.Get(parameter)
			if value == "" {
				continue
			}
			if wrong := d.read(value, parameter, b); wrong != "" {
				return paging{}, new(s.invalid(parameter, value, wrong))
			}
		}
	}
	return p, nil
}

func (p *paging) readSize(value, _ string, b bounds) string {
	n, err := strconv.Atoi(value)
	if err != nil || n < b.smallest || n > b.biggest {
		return "The value is not between " + strconv.Itoa(b.smallest) + " and " + strconv.Itoa(b.biggest) + "."
	}
	p.size = n
	return ""
}

func (p *paging) readID(value, parameter string, b bounds) string {
	id, isID := parseID(value)
	switch {
	case !isID || timeOf(id).Before(b.oldest):
		return "The value must be the id of a post created after " + stamp(b.oldest) + "."
	case parameter == "since_id":
		p.from = id + 1
	default:
		p.to = id
	}
	return ""
}

func (p *paging) readTime(value, parameter string, b bounds) string {
	at, err := time.Parse(time.RFC3339, value)
	switch {
	case err != nil:
		return "The value is not a time as in ISO 8601."
	case at.Before(b.oldest):
		return "The value must be on or after " + stamp(b.oldest) + "."
	case parameter == "end_time" && !b.newest.IsZero() && at.After(b.newest):
		return "The value must be a minimum of 10 seconds prior to the request time."
	case parameter == "start_time":
		p.from = max(p.from, idOf(at))
	default:
		p.to = min(p.to, idOf(at))
	}
	return ""
}

func (p *paging) readToken(value, _ string, _ bounds) string {
	below, isToken := readToken(value)
	if !isToken {
		return "The value is not a token of this list."
	}
	p.below, p.next = below, value
	return ""
}
