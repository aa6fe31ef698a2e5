package twitter

import (
	"context"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cursor"
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
	At   time.Time   `json:"at"`
	Legs []LegReport `json:"legs"`
	// Spending is how the budget stands; nil before the first connection.
	Spending *Spending `json:"spending,omitempty"`
	// Known is how many posts are asked for again, Forgotten how many are no longer:
	// there is room for two million.
	Known     int   `json:"known"`
	Forgotten int64 `json:"forgotten,omitempty"`
	// LeftOut is what of the watch list is not looked for, and why.
	LeftOut []LeftOut `json:"left_out,omitempty"`
	// ForeignRules are rules of the stream that somebody else made with the same app.
	ForeignRules int `json:"foreign_rules,omitempty"`
	// Waits are the methods that may not be called now.
	Waits []throttle.Wait `json:"waits,omitempty"`
}

// reportName is the cursor of the report.
const reportName = "report"

// use notes what the report is made of; nil while nothing is connected.
func (c *Collector) use(a *app) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse = a
}

// report keeps the report current until ctx ends: from time to time, and when the
// state turned.
func (c *Collector) report(ctx context.Context) {
	tick := time.NewTicker(c.cfg.pauses.report)
	defer tick.Stop()
	var said saying
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.turned:
		}
		r := c.now(time.Now())
		c.metrics.show(r)
		if r.State == StateHeld {
			continue // the other process makes it
		}
		switch err := c.keepReport(ctx, r); {
		case err == nil:
			said = saying{}
		case ctx.Err() == nil && said.news(class(err)):
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
	shelf := prefixed{cursor.NewShelf(bucket, c.deps.Key, Name), c.cfg.Account}
	if _, err := shelf.Load(ctx, reportName, &Report{}); err != nil {
		return err
	}
	return shelf.Save(ctx, reportName, r)
}

// now makes the report.
func (c *Collector) now(at time.Time) Report {
	c.mu.Lock()
	r := Report{Account: c.cfg.Account, State: c.state, Why: c.why, At: at.UTC(), Legs: []LegReport{}}
	a := c.inUse
	c.mu.Unlock()
	if a == nil {
		return r
	}
	a.board.report(&r)
	r.Waits = a.turns.Waits()
	r.Known, r.Forgotten = a.known.count()
	spending := a.meter.Spending()
	r.Spending = &spending
	return r
}

// ReadReport gives the last report of an app's collector, for another process to show.
// Found is false where none ever collected.
func ReadReport(ctx context.Context, conn *bus.Conn, key *privacy.StateKey, cfg Config) (r Report, found bool, err error) {
	bucket, err := conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return r, false, err
	}
	shelf := prefixed{cursor.NewShelf(bucket, key, Name), cfg.Account}
	found, err = shelf.Load(ctx, reportName, &r)
	return r, found, err
}
