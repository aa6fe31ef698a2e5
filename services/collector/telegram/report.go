package telegram

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// Report is what `status` shows of a collector.
type Report struct {
	Account string `json:"account"`
	State   State  `json:"state"`
	// Why says what is wrong and what to do, in any state but collecting.
	Why string `json:"why,omitempty"`
	// At is when the report was made.
	At       time.Time       `json:"at"`
	Channels []ChannelReport `json:"channels"`
	// Waits are the methods that may not be called now.
	Waits []throttle.Wait `json:"waits,omitempty"`
}

// ChannelReport is how one watched channel is.
type ChannelReport struct {
	// Label is the watch list's neutral one.
	Label string `json:"label"`
	State string `json:"state"`
	Why   string `json:"why,omitempty"`
	// LookedAt is when a leg last got on; zero for never.
	LookedAt time.Time `json:"looked_at,omitzero"`
	// Newest is the highest post number that is known.
	Newest int `json:"newest,omitempty"`
	// SweptTo is the post number down to which the history is read; 0 when all of
	// it is.
	SweptTo int `json:"swept_to,omitempty"`
}

// reportName is the cursor of the report.
const reportName = "report"

// use notes what the report is made of; nil while nothing is connected.
func (c *Collector) use(turns *throttle.Gate, a *account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns, c.inUse = turns, a
}

// report keeps the report current until ctx ends: from time to time, and when the
// state turned.
func (c *Collector) report(ctx context.Context) {
	var saidAt time.Time
	tick := time.NewTicker(c.cfg.pauses.report)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.turned:
		}
		r := c.now(time.Now())
		c.show(r)
		if r.State == StateHeld {
			continue // the other process makes it
		}
		if err := c.keepReport(ctx, r); err != nil && ctx.Err() == nil && time.Since(saidAt) >= patience.SayEvery {
			saidAt = time.Now()
			c.log.Warn("the collector's report is not kept; status shows an older one", service.Error(err))
		}
	}
}

// keepReport writes the report over whatever is there.
func (c *Collector) keepReport(ctx context.Context, r Report) error {
	bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return err
	}
	all := cursor.NewShelf(bucket, c.deps.Key, Name)
	shelf := prefixed{all, c.cfg.Account}
	_, err = shelf.Load(ctx, reportName, &Report{})
	if ofCursor(err) != nil { // an older report is worth nothing, whatever became of it
		err = all.Delete(ctx, shelf.named(reportName))
	}
	if err != nil {
		return err
	}
	return shelf.Save(ctx, reportName, r)
}

// show sets the gauges.
func (c *Collector) show(r Report) {
	c.metrics.waiting(r.Waits, r.At)
	counts := map[channelState]int{channelFollowed: 0, channelPrivate: 0, channelParked: 0, channelWaiting: 0}
	for _, ch := range r.Channels {
		counts[channelState(ch.State)]++
	}
	for state, n := range counts {
		c.metrics.channels.WithLabelValues(string(state)).Set(float64(n))
	}
}

// now makes the report.
func (c *Collector) now(at time.Time) Report {
	c.mu.Lock()
	r := Report{Account: c.cfg.Account, State: c.state, Why: c.why, At: at.UTC(), Channels: []ChannelReport{}}
	turns, a := c.turns, c.inUse
	c.mu.Unlock()
	if turns == nil {
		return r
	}
	r.Waits = turns.Waits()
	for _, ch := range a.channels() {
		r.Channels = append(r.Channels, ch.now())
	}
	slices.SortFunc(r.Channels, func(a, b ChannelReport) int { return strings.Compare(a.Label, b.Label) })
	return r
}

// now makes the report of a channel. Nothing in it may wait for what a leg keeps: who
// keeps something asks for the channel's peer.
func (ch *channel) now() ChannelReport {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	r := ChannelReport{Label: ch.watched.Label, State: string(ch.state), Why: cmp.Or(ch.trouble, ch.why), LookedAt: ch.lookedAt}
	if ch.state == channelFollowed {
		r.Newest, r.SweptTo = ch.known.top(), int(ch.sweep.left.Load())
	}
	return r
}

// ReadReport gives the last report of an account's collector, for another process
// to show. Found is false where none ever collected.
func ReadReport(ctx context.Context, conn *bus.Conn, key *privacy.StateKey, cfg Config) (r Report, found bool, err error) {
	bucket, err := conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return r, false, err
	}
	shelf := prefixed{cursor.NewShelf(bucket, key, Name), cfg.Account}
	found, err = shelf.Load(ctx, reportName, &r)
	return r, found, err
}

// ReadProposals gives the channels that an account's collector proposes, the most
// named first, for another process to show. There are none where none ever
// collected. They hold handles: what is printed of them is for a person alone who
// decides.
func ReadProposals(ctx context.Context, conn *bus.Conn, key *privacy.StateKey, cfg Config) ([]*Proposal, error) {
	bucket, err := conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return nil, err
	}
	var k kept
	_, err = prefixed{cursor.NewShelf(bucket, key, Name), cfg.Account}.Load(ctx, proposalsName, &k)
	return k.Proposals, err
}
