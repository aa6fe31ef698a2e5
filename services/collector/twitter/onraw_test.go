package twitter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// onRaw is what came to RAW, by what it is about.
type onRaw struct {
	mu    sync.Mutex
	posts map[string]*doxtrailv1.RawPost
	legs  map[string]map[doxtrailv1.Leg]int // how often a post came, by leg
	// observations count once, as in tables, however often they came.
	observations map[string]*doxtrailv1.RawObservation
	channels     map[string]*doxtrailv1.RawChannel
	// coverage is the last report of each span.
	coverage map[string]*doxtrailv1.RawCoverage
	reports  []*doxtrailv1.RawCoverage
	// each, if there is one, is told of posts, which are not kept then.
	each func(id string)
}

// readRaw reads RAW as the normaliser does.
func readRaw(r *rig, drain time.Duration) *onRaw {
	r.t.Helper()
	out := &onRaw{
		posts: map[string]*doxtrailv1.RawPost{}, legs: map[string]map[doxtrailv1.Leg]int{}, observations: map[string]*doxtrailv1.RawObservation{},
		channels: map[string]*doxtrailv1.RawChannel{}, coverage: map[string]*doxtrailv1.RawCoverage{},
	}
	r.bus.ReadRaw(r.t, drain, out.keep)
	return out
}

func (o *onRaw) keep(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, record := range d.Records {
		var err error
		switch d.Subject.Kind {
		case bus.KindPosts:
			p := &doxtrailv1.RawPost{}
			err = proto.Unmarshal(record, p)
			if o.each != nil {
				o.each(p.GetPostId())
				break
			}
			if old := o.posts[p.GetPostId()]; old == nil || old.GetEditedAt() <= p.GetEditedAt() {
				o.posts[p.GetPostId()] = p
			}
			if o.legs[p.GetPostId()] == nil {
				o.legs[p.GetPostId()] = map[doxtrailv1.Leg]int{}
			}
			o.legs[p.GetPostId()][d.Origin.GetLeg()]++
		case bus.KindObservations:
			p := &doxtrailv1.RawObservation{}
			err = proto.Unmarshal(record, p)
			o.observations[observationOf(p)] = p
		case bus.KindCoverage:
			p := &doxtrailv1.RawCoverage{}
			err = proto.Unmarshal(record, p)
			// What is delivered once more does not undo what came after it.
			if old := o.coverage[spanOf(p)]; old.GetLookedAt() <= p.GetLookedAt() {
				o.coverage[spanOf(p)] = p
			}
			o.reports = append(o.reports, p)
		case bus.KindChannels:
			p := &doxtrailv1.RawChannel{}
			err = proto.Unmarshal(record, p)
			o.channels[p.GetChannelId()] = p
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// post gives a post as it last was; nil if it never came.
func (o *onRaw) post(id string) *doxtrailv1.RawPost {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.posts[id]
}

// came is how often a post came by a leg.
func (o *onRaw) came(id string, leg doxtrailv1.Leg) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.legs[id][leg]
}

// edits counts the edits of a post, each once.
func (o *onRaw) edits(id string) int { return o.seen(id, look.Edited) }

// count says how many posts came.
func (o *onRaw) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.posts)
}

// of lists the observations of a post, the oldest first.
func (o *onRaw) of(post string) (list []*doxtrailv1.RawObservation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.observations {
		if p.GetPostId() == post {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *doxtrailv1.RawObservation) int { return int(a.GetObservedAt() - b.GetObservedAt()) })
	return list
}

// seen counts the observations of a post in a state.
func (o *onRaw) seen(post string, state look.State) (n int) {
	for _, p := range o.of(post) {
		if p.GetState() == state {
			n++
		}
	}
	return n
}

// covered counts the reports of coverage in a state that fit.
func (o *onRaw) covered(state doxtrailv1.CoverageState, fit func(*doxtrailv1.RawCoverage) bool) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.reports {
		if c.GetState() == state && fit(c) {
			n++
		}
	}
	return n
}

// spans counts the spans of posts that are gaps, and those that search completed.
func (o *onRaw) spans() (gaps, completed int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := map[string]bool{}
	for _, c := range o.reports {
		if c.GetState() == spanGap {
			was[spanOf(c)] = true
		}
	}
	for _, c := range o.coverage {
		switch {
		case c.GetQuery() != spanPosts:
		case c.GetState() == spanGap:
			gaps++
		case was[spanOf(c)]:
			completed++
		}
	}
	return gaps, completed
}

func observationOf(p *doxtrailv1.RawObservation) string {
	return fmt.Sprintf("%s/%s %s %d %s %s", p.GetChannelId(), p.GetPostId(), p.GetState(), p.GetObservedAt(), p.GetSource(), p.GetVantage())
}

func spanOf(c *doxtrailv1.RawCoverage) string {
	return fmt.Sprintf("%s %d-%d", c.GetQuery(), c.GetFromAt(), c.GetToAt())
}

// holes gives the spans of a query that are gaps, in order.
func (o *onRaw) holes(query string) (list []span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.coverage {
		if c.GetQuery() == query && c.GetState() == spanGap {
			list = append(list, span{c.GetFromAt(), c.GetToAt()})
		}
	}
	slices.SortFunc(list, earlierSpan)
	return list
}

// whole gives the spans of a query that are complete, in order.
func (o *onRaw) whole(query string) (list []span) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.coverage {
		if c.GetQuery() == query && c.GetState() == spanComplete {
			list = append(list, span{c.GetFromAt(), c.GetToAt()})
		}
	}
	slices.SortFunc(list, earlierSpan)
	return list
}

// earlierSpan orders spans; one may have no length.
func earlierSpan(a, b span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }
