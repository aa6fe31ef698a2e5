package twitter

import (
	"time"

	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// onItsWay is how many posts, with their authors, X may have sent that nobody has read
// when the stream is closed. It is what X sends in a second at the most, where the app
// is paid by use: a close takes less to get there. It is also more than fits into the
// connection: some 70 KiB on our side and as much on X's, at 1 KB or more for a post.
//
// So much of the budget is kept back while the stream is open, and nothing of what is on
// the connection goes beyond the cap. What X holds because the reader is slow, and
// charges for before it sends it, is out of reach. The fake charges so: there, a hundred
// posts that wait at X are a hundred beyond the cap, and 400 that come all at once cost
// their $6 whatever the cap is, where its queue has room for them.
const onItsWay = 250

// purse is the stream's. Of a small budget no more than half is kept back, or nothing
// would be left to be read: where that is less than onItsWay, more may be on its way.
func (a *app) purse() *Purse {
	const chunk, least, part = 300, 20, 50
	n := a.cfg.Budget.posts()
	share := min(chunk, max(n/part, least))
	unread := min(onItsWay, n/2)
	return a.meter.Purse(ForLive, Cost{Posts: share, Users: share}, Cost{Posts: 4, Users: 4}, Cost{Posts: unread, Users: unread})
}

// posts is how many posts with their authors the month's budget is for.
func (c BudgetConfig) posts() int64 {
	n := c.ReadsPerMonth
	if price := c.Prices.of(Cost{Posts: 1, Users: 1}).Money; price > 0 {
		n = min(n, int64(c.MoneyPerMonth.amount()/price))
	}
	return n
}

// unread is what of a stream that is over X may have charged for and nobody has read.
// Where X ended it, all was read, and where nothing came on it, nothing was sent. Where
// the reader was behind, that is all that can be on its way; else as much again as came
// just before, and one post. It is no bound then, but counting all each time would spend
// the month on a line that breaks off again and again. What is too much stays: X's own
// count is taken over only where it is more.
func (s *stream) unread(end error, heard, behind bool) Cost {
	switch api.KindOf(end) {
	case api.Ended, api.Connections, api.Server:
		return Cost{}
	}
	switch {
	case behind:
		return s.purse.unread
	case !heard:
		return Cost{}
	default:
		return s.lately.sum(time.Now()).plus(Cost{Posts: 1, Users: 1}).within(s.purse.unread)
	}
}

// spend notes what a message did cost.
func (s *stream) spend(cost Cost) {
	s.purse.Spend(cost)
	s.lately.add(time.Now(), cost)
}

// lately is what came in the last while, and up to as long before that.
type lately struct {
	while       time.Duration
	since       time.Time
	before, now Cost
}

func (l *lately) add(at time.Time, cost Cost) {
	l.turn(at)
	l.now = l.now.plus(cost)
}

func (l *lately) sum(at time.Time) Cost {
	l.turn(at)
	return l.before.plus(l.now)
}

func (l *lately) turn(at time.Time) {
	switch gone := at.Sub(l.since); {
	case gone < l.while:
	case gone < 2*l.while:
		l.before, l.now, l.since = l.now, Cost{}, l.since.Add(l.while)
	default:
		l.before, l.now, l.since = Cost{}, Cost{}, at
	}
}
