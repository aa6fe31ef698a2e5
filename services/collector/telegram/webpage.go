package telegram

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

// poll reads the newest page: posts that are new, how those are that were read
// before, and which are missing between their neighbours. The first one is the
// beginning of the history.
func (ch *webChannel) poll(ctx context.Context) error {
	page, err := ch.page(ctx, 0)
	if err != nil {
		return err
	}
	now := time.Now()
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, LookedAt: now}
	if !ch.state.Begun {
		h.Leg, h.Lane = doxtrailv1.Leg_LEG_HISTORY, bus.LaneArchive
	}
	low, high := page.Range()
	marks := map[int]mark{}
	ch.read(&h, page, marks, now)
	ch.miss(&h, page, marks, now)
	if high > 0 {
		h.Coverage = append(h.Coverage, ch.place().coverage(low, high, now))
		for _, post := range page.Posts {
			postedWithin(h.Coverage[0], post.GetPostedAt())
		}
	}
	whole := now.Sub(ch.wholeAt) >= wholeEvery
	if whole {
		o := ch.place().observation(0, stateUp, now)
		o.SetCounters(countersOf(nil, page))
		h.Observations = append(h.Observations, o)
		h.Channels = append(h.Channels, ch.place().channel())
	}
	if err := ch.put(ctx, h, marks); err != nil {
		return err
	}
	if whole {
		ch.wholeAt = now
	}
	if low > ch.state.Newest+1 { // what lies between was not on this page
		ch.state.Spans = slices.Insert(ch.state.Spans, 0, span{Top: low - 1, Floor: ch.state.Newest + 1, Next: low})
	}
	ch.expect(marks, now)
	ch.state.Begun, ch.state.Newest = true, max(ch.state.Newest, high)
	return ch.moved(ctx, now)
}

// sweep reads the next page of the history. Only an empty page is the end of it,
// or one that reaches down to what is read already.
func (ch *webChannel) sweep(ctx context.Context) error {
	at := ch.state.Spans[0]
	page, err := ch.page(ctx, at.Next)
	if err != nil {
		return err
	}
	low, high := page.Range()
	if high >= at.Next {
		return errWebPage
	}
	now := time.Now()
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_HISTORY, Lane: bus.LaneArchive, LookedAt: now}
	done := high == 0 || low <= at.Floor
	from := low
	if done {
		from = at.Floor
	}
	report := ch.place().coverage(from, at.Next-1, now)
	marks := map[int]mark{}
	for _, post := range page.Posts {
		if id, _ := strconv.Atoi(post.GetPostId()); id >= at.Floor {
			ch.add(&h, post, page, marks)
			postedWithin(report, post.GetPostedAt())
		}
	}
	h.Coverage = append(h.Coverage, report)
	if err := ch.put(ctx, h, marks); err != nil {
		return err
	}
	if done {
		ch.state.Spans = ch.state.Spans[1:]
	} else {
		ch.state.Spans[0].Next = low
	}
	return ch.moved(ctx, now)
}

// postedWithin widens a report to a time.
func postedWithin(report *doxtrailv1.RawCoverage, at int64) {
	if !report.HasFromAt() || at < report.GetFromAt() {
		report.SetFromAt(at)
	}
	report.SetToAt(max(report.GetToAt(), at))
}

// read takes the posts of the newest page: new ones as posts, the others as
// looks at them.
func (ch *webChannel) read(h *haul.Haul, page preview.Page, marks map[int]mark, now time.Time) {
	for _, post := range page.Posts {
		id, _ := strconv.Atoi(post.GetPostId())
		state := stateUp
		switch ch.known.get(id) {
		case markNone, markItem:
			ch.add(h, post, page, marks)
			continue
		case markDown: // it was said to be gone
			state = stateBack
		}
		marks[id] = markUp
		o := ch.place().observation(id, state, now)
		o.SetCounters(countersOf(post, page))
		h.Observations = append(h.Observations, o)
	}
}

// webPrecision is by how many seconds a time of the web may be too early. Others
// of Telegram's say seconds too, but not this: so a row of a fuller source, which
// has ids of files and exact counters, takes the place of the web's.
const webPrecision = 1

// add takes a post, under the channel's number where that is known.
func (ch *webChannel) add(h *haul.Haul, post *doxtrailv1.RawPost, page preview.Page, marks map[int]mark) {
	ch.place().name(post)
	post.SetCounters(countersOf(post, page))
	post.SetPostedPrecisionS(webPrecision)
	h.Posts = append(h.Posts, post)
	id, _ := strconv.Atoi(post.GetPostId())
	marks[id] = markUp
	for _, item := range post.GetItemIds() {
		if id, err := strconv.Atoi(item); err == nil {
			marks[id] = markItem
		}
	}
}

// miss finds the posts that were up and are not between their neighbours on the
// page. One look is none: the web keeps pages in store. At the second they are
// gone.
func (ch *webChannel) miss(h *haul.Haul, page preview.Page, marks map[int]mark, now time.Time) {
	low, high := page.Range()
	for at := low; at < high; {
		ids := ch.known.after(at, askLimit, true)
		if len(ids) == 0 {
			return
		}
		at = ids[len(ids)-1]
		for _, id := range ids {
			was, listed := ch.known.get(id), page.Lists(id)
			switch {
			case id >= high:
			case was == markGone && listed: // also where its content is not shown
				marks[id] = markUp
			case was == markGone:
				marks[id] = markDown
				h.Observations = append(h.Observations, ch.place().observation(id, stateGone, now))
			case was == markUp && !listed:
				marks[id] = markGone
			}
		}
	}
}

// put puts a haul on RAW, and then notes what became of the posts.
func (ch *webChannel) put(ctx context.Context, h haul.Haul, marks map[int]mark) error {
	if !h.Empty() {
		if err := ch.retry(ctx, func() error { return ch.account.outbox.Send(ctx, h) }); err != nil {
			return err
		}
	}
	for id, m := range marks {
		ch.known.set(id, m)
	}
	return nil
}

// moved keeps how far the channel is read.
func (ch *webChannel) moved(ctx context.Context, at time.Time) error {
	err := ch.keep(ctx)
	if err == nil {
		ch.progressed(at)
	}
	return err
}
