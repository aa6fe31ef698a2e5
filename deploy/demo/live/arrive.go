package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// pollEvery is the pause between two looks at the tables. What it adds to a
	// latency is part of the figure.
	pollEvery = 5 * time.Millisecond
	// promised is how soon a post is to be a row; rowLimit is where the demo
	// fails, because machines are noisy.
	promised = time.Second
	rowLimit = 5 * time.Second
)

// arrival is a post that became a row.
type arrival struct {
	index   int    // of the post on the stage
	key     string // its post_key
	channel string // its channel_key
	since   time.Duration
	took    time.Duration
}

// place tells the posts that are pushed from each other by what the tables say of
// them: no channel posts twice within a second.
type place struct {
	channel string
	at      int64
}

// arrivals posts what was kept back, at an uneven pace, and calls each with every
// one as soon as it is a row.
func (d *demo) arrivals(ctx context.Context, each func(arrival) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pushed := make(chan push, len(d.stage.live))
	go func() {
		defer close(pushed)
		d.push(ctx, pushed)
	}()
	arrived := make(chan arrival, len(d.stage.live))
	failed := make(chan error, 1)
	go func() {
		defer close(arrived)
		failed <- d.await(ctx, pushed, arrived)
	}()
	for a := range arrived {
		if err := each(a); err != nil {
			return err
		}
	}
	return <-failed
}

// push is a post that was just posted.
type push struct {
	index int
	place place
	at    time.Time // taken before it was posted
}

// pauses are the waits between posts, in turn: an uneven pace, with some right
// behind each other.
var pauses = []time.Duration{ //nolint:gochecknoglobals // a constant list
	250 * time.Millisecond, 900 * time.Millisecond, 30 * time.Millisecond, 400 * time.Millisecond, 700 * time.Millisecond,
	10 * time.Millisecond, 10 * time.Millisecond, 1100 * time.Millisecond, 150 * time.Millisecond, 550 * time.Millisecond,
}

// push posts what was kept back. A channel that posted in this second waits for
// the next.
func (d *demo) push(ctx context.Context, pushed chan<- push) {
	used := map[place]bool{}
	for n, index := range d.stage.live {
		label := d.stage.labels[d.stage.posts[index].Channel]
		wait(ctx, pauses[n%len(pauses)])
		for used[place{label, time.Now().Unix()}] && ctx.Err() == nil {
			wait(ctx, 20*time.Millisecond)
		}
		if ctx.Err() != nil {
			return
		}
		at := time.Now()
		p := place{label, at.Unix()}
		used[p] = true
		d.stage.post(index, at.Truncate(time.Second), false)
		pushed <- push{index, p, at}
	}
}

func wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// await looks at the tables until every post that was pushed is a row.
func (d *demo) await(ctx context.Context, pushed <-chan push, arrived chan<- arrival) error {
	began := time.Now()
	var open []push
	for more := true; more || len(open) > 0; {
		for taken := true; taken && more; {
			select {
			case p, ok := <-pushed:
				if more = ok; ok {
					open = append(open, p)
				}
			default:
				taken = false
			}
		}
		list, err := d.tables.since(ctx, began.Unix())
		if err != nil {
			return err
		}
		now := time.Now()
		open = slices.DeleteFunc(open, func(p push) bool {
			i := slices.IndexFunc(list, func(f found) bool { return place{d.labels[f.Channel], f.At} == p.place })
			if i >= 0 {
				arrived <- arrival{p.index, list[i].Key, list[i].Channel, p.at.Sub(began), now.Sub(p.at)}
			}
			return i >= 0
		})
		for _, p := range open {
			if now.Sub(p.at) > rowLimit {
				return fmt.Errorf("a post was no row after %s", rowLimit)
			}
		}
		wait(ctx, pollEvery)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// median and longest of some durations; 0 of none.
func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func longest(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return slices.Max(list)
}
