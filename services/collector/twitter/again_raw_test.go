package twitter

import (
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

// againRaw is what came to RAW, by what it is about: repeats count once, as in tables.
type againRaw struct {
	mu           sync.Mutex
	posts        map[string]*doxtrailv1.RawPost
	observations map[string]*doxtrailv1.RawObservation
	coverage     []*doxtrailv1.RawCoverage
	channels     map[string]*doxtrailv1.RawChannel
}

func (r *againRig) readRaw() *againRaw {
	r.t.Helper()
	out := &againRaw{posts: map[string]*doxtrailv1.RawPost{}, observations: map[string]*doxtrailv1.RawObservation{}, channels: map[string]*doxtrailv1.RawChannel{}}
	r.bus.ReadRaw(r.t, 5*time.Second, out.keep)
	return out
}

func (o *againRaw) keep(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, record := range d.Records {
		if err := o.take(d.Subject.Kind, record); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (o *againRaw) take(kind bus.Kind, record []byte) error {
	switch kind {
	case bus.KindPosts:
		p := &doxtrailv1.RawPost{}
		if err := proto.Unmarshal(record, p); err != nil {
			return err
		}
		if old := o.posts[p.GetPostId()]; old == nil || old.GetEditedAt() <= p.GetEditedAt() {
			o.posts[p.GetPostId()] = p
		}
	case bus.KindObservations:
		p := &doxtrailv1.RawObservation{}
		if err := proto.Unmarshal(record, p); err != nil {
			return err
		}
		o.observations[fmt.Sprintf("%s/%s %d %s %s", p.GetChannelId(), p.GetPostId(), p.GetObservedAt(), p.GetSource(), p.GetVantage())] = p
	case bus.KindCoverage:
		p := &doxtrailv1.RawCoverage{}
		if err := proto.Unmarshal(record, p); err != nil {
			return err
		}
		o.coverage = append(o.coverage, p)
	case bus.KindChannels:
		p := &doxtrailv1.RawChannel{}
		if err := proto.Unmarshal(record, p); err != nil {
			return err
		}
		o.channels[p.GetChannelId()] = p
	}
	return nil
}

// post gives a post as it last was; nil if it never came.
func (o *againRaw) post(id string) *doxtrailv1.RawPost {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.posts[id]
}

// count says how many posts came.
func (o *againRaw) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.posts)
}

// of lists the observations of a post, the oldest first.
func (o *againRaw) of(post string) (list []*doxtrailv1.RawObservation) {
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
func (o *againRaw) seen(post string, state look.State) (n int) {
	for _, p := range o.of(post) {
		if p.GetState() == state {
			n++
		}
	}
	return n
}

// covered counts the reports of coverage in a state that fit.
func (o *againRaw) covered(state doxtrailv1.CoverageState, fit func(*doxtrailv1.RawCoverage) bool) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.coverage {
		if c.GetState() == state && fit(c) {
			n++
		}
	}
	return n
}
