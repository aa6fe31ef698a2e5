package twitter

import (
	"cmp"
	"context"
	"slices"
	"sync"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// gapsName is the name of the cursor of gaps.
const gapsName = "gaps"

// gapLimit bounds the gaps that wait for search. Beyond it the oldest are taken off
// the list: they stay in coverage.
const gapLimit = 500

// gap is a time in which the stream was away, in milliseconds, and how far search
// came with it.
type gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Parts are the gaps that are searched together, where it is more than one: From and
	// To are then those of the whole.
	Parts []span `json:"parts,omitempty"`
	// Done are the queries that were read to the end, by name. Query is the one that is
	// being read, and Until the lowest id of it that is on RAW.
	Done  []string `json:"done,omitempty"`
	Query string   `json:"query,omitempty"`
	Until uint64   `json:"until,omitempty"`
	// Failed says that X would not answer a query, or that an answer cannot be read
	// whole: the gap stays one.
	Failed bool `json:"failed,omitempty"`
}

func (g gap) span() span { return span{g.From, g.To} }

// spans are the gaps as they are reported.
func (g gap) spans() []span {
	if len(g.Parts) == 0 {
		return []span{g.span()}
	}
	return g.Parts
}

// begun says whether search has come some way with it.
func (g gap) begun() bool { return len(g.Done) > 0 || g.Query != "" || g.Failed }

// with is both as one, of which nothing has been searched.
func (g gap) with(other gap) gap {
	parts := slices.Concat(g.spans(), other.spans())
	slices.SortFunc(parts, func(a, b span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return gap{From: min(g.From, other.From), To: max(g.To, other.To), Parts: slices.Compact(parts)}
}

// holds says whether another gap lies within g.
func (g gap) holds(other gap) bool { return g.From <= other.From && other.To <= g.To }

// gaps is the list of gaps that search is asked for: the stream puts them on it, the
// search leg takes them off.
type gaps struct {
	app  *app
	more chan struct{}

	mu     sync.Mutex
	loaded bool
	list   []gap
}

func newGaps(a *app) *gaps { return &gaps{app: a, more: make(chan struct{}, 1)} }

// begin reads what an earlier process left.
func (g *gaps) begin(ctx context.Context, leg string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.load(ctx, leg)
}

func (g *gaps) load(ctx context.Context, leg string) error {
	if g.loaded {
		return nil
	}
	_, err := g.app.load(ctx, leg, gapsName, &g.list)
	g.loaded = err == nil
	return err
}

// add puts a gap on the list, which is kept, and then reports it. Nobody sees it on the
// list before: what closes it must be reported later.
func (g *gaps) add(ctx context.Context, leg string, one gap) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.putLocked(ctx, leg, one); err != nil {
		return err
	}
	return g.app.tellSpan(ctx, leg, doxtrailv1.Leg_LEG_TAIL, one.span(), spanGap, spanGap)
}

// put puts a gap on the list and keeps it.
func (g *gaps) put(ctx context.Context, leg string, one gap) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.putLocked(ctx, leg, one)
}

func (g *gaps) putLocked(ctx context.Context, leg string, one gap) error {
	if !g.app.cfg.Search.On {
		return nil // nobody takes it off
	}
	return g.changeLocked(ctx, leg, func(list []gap) []gap {
		if !slices.ContainsFunc(list, func(old gap) bool { return slices.Contains(old.spans(), one.span()) }) {
			list = append(list, one)
		}
		return list[max(len(list)-gapLimit, 0):]
	})
}

// change edits the list, keeps it, and wakes who works it off. What could not be kept
// is not changed.
func (g *gaps) change(ctx context.Context, leg string, edit func([]gap) []gap) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changeLocked(ctx, leg, edit)
}

func (g *gaps) changeLocked(ctx context.Context, leg string, edit func([]gap) []gap) error {
	if err := g.load(ctx, leg); err != nil {
		return err
	}
	next := edit(slices.Clone(g.list))
	if err := g.app.keep(ctx, leg, gapsName, next); err != nil {
		return err
	}
	g.list = next
	signal(g.more)
	return nil
}

// first is the gap that is worked on: of those that begin first the longest, for
// others lie within it.
func (g *gaps) first() (first gap, found bool) {
	for _, one := range g.all() {
		if !found || one.From < first.From || one.From == first.From && one.To > first.To {
			first, found = one, true
		}
	}
	return first, found
}

// join makes one of a gap and of those that reach into it, one after another, and keeps
// that, so that one search closes them all. What search has begun with stays as it is.
func (g *gaps) join(ctx context.Context, leg string, first gap, reaches func(whole, next gap) bool) (gap, error) {
	whole, joined := first, []gap{first}
	list := g.all()
	slices.SortFunc(list, func(a, b gap) int { return cmp.Compare(a.From, b.From) })
	for _, next := range list {
		if !first.begun() && !next.begun() && next.span() != first.span() && reaches(whole, next) {
			whole, joined = whole.with(next), append(joined, next)
		}
	}
	if len(joined) == 1 {
		return first, nil
	}
	return whole, g.change(ctx, leg, func(list []gap) []gap { return append(without(list, joined), whole) })
}

// without is a list without some gaps.
func without(list, some []gap) []gap {
	return slices.DeleteFunc(list, func(one gap) bool {
		return slices.ContainsFunc(some, func(s gap) bool { return s.span() == one.span() })
	})
}

func (g *gaps) all() []gap {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.list)
}

// moved keeps how far search came with a gap.
func (g *gaps) moved(ctx context.Context, leg string, to gap) error {
	return g.change(ctx, leg, func(list []gap) []gap {
		for i := range list {
			if list[i].span() == to.span() {
				list[i] = to
			}
		}
		return list
	})
}

// close takes a gap off the list, and all that lie within it, after they were
// reported as what they are now; in their place it puts what is still to be read.
func (g *gaps) close(ctx context.Context, leg string, done gap, rest ...gap) error {
	state := spanComplete
	if done.Failed {
		state = spanGap
	}
	within := []gap{done}
	if !done.Failed {
		within = slices.DeleteFunc(g.all(), func(one gap) bool { return !done.holds(one) })
	}
	for _, one := range within {
		for _, part := range one.spans() {
			if err := g.app.tellSpan(ctx, leg, doxtrailv1.Leg_LEG_SEARCH, part, state, spanGap); err != nil {
				return err
			}
		}
	}
	return g.change(ctx, leg, func(list []gap) []gap { return append(without(list, within), rest...) })
}
