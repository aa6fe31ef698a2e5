package preview

import (
	"context"
	"math"
)

// State is what the web shows of a post.
type State int

// The states. A look is one look: call a post gone only after a second one.
const (
	// StateUnknown: the web says nothing about the post. There is no preview of
	// the channel, the answer was no page, the page was cut off, or it lists
	// nothing around the post.
	StateUnknown State = iota
	// StateUp: the page lists the post.
	StateUp
	// StateAbsent: the page is there and lists what is around the post, but not
	// the post. It was deleted, is withheld where the request came from, or is too
	// new for a page that was kept in store.
	StateAbsent
)

// String returns the word for a state, for tests and logs.
func (s State) String() string {
	switch s {
	case StateUp:
		return "up"
	case StateAbsent:
		return "absent"
	default:
		return "unknown"
	}
}

// newer is how many numbers above a post are asked for too, so that a page holds
// neighbours on both sides: it has twenty entries, so the post is among them.
const newer = 10

// State asks what the web shows of the post with a number, and returns the page
// it was looked for on, whose Post has its counters; a post that is up but whose
// content the web does not show has none there. Where the state is unknown
// because no page could be had, the error says why, as that of Latest does; it
// is never because the post is gone.
func (c *Client) State(ctx context.Context, name string, id int) (State, Page, error) {
	if id < 1 || id > math.MaxInt32-newer {
		return StateUnknown, Page{}, ErrNumber
	}
	page, err := c.Before(ctx, name, id+newer)
	if err != nil {
		return StateUnknown, Page{}, err
	}
	return page.state(id), page, nil
}

// state says what a page of the posts before id+newer shows of a post.
func (p Page) state(id int) State {
	if p.Lists(id) {
		return StateUp
	}
	if len(p.listed) == 0 || !p.whole {
		return StateUnknown
	}
	oldest, newest := p.listed[0], p.listed[len(p.listed)-1]
	if newest >= id+newer || oldest > id && p.Before > 0 {
		// Another page than the one that was asked for.
		return StateUnknown
	}
	return StateAbsent
}
