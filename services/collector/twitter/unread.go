package twitter

import "github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"

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
// Where X ended it, all was read. Where we did, or the connection broke, that is one
// post if nothing had come for some time, and else all that can be on its way, however
// little it was: X counts exactly only a while later, and never takes anything back.
// A stream on which so much comes spends as much by itself within minutes.
func (s *stream) unread(end error, quiet bool) Cost {
	switch api.KindOf(end) {
	case api.Ended, api.Connections, api.Server:
		return Cost{}
	}
	if quiet {
		return Cost{Posts: 1, Users: 1}
	}
	return s.purse.unread
}
