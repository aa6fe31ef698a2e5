package telegram

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// raw is what came to RAW, by what it is about: repeats count once, as in tables.
type raw struct {
	mu           sync.Mutex
	posts        map[string]*doxtrailv1.RawPost
	observations map[string]*doxtrailv1.RawObservation
	coverage     []*doxtrailv1.RawCoverage
	channels     map[string]*doxtrailv1.RawChannel
	records      int
	// posted counts posts; with forget they are not kept.
	posted atomic.Int64
	forget atomic.Bool
}

func newRaw() *raw {
	return &raw{posts: map[string]*doxtrailv1.RawPost{}, observations: map[string]*doxtrailv1.RawObservation{}, channels: map[string]*doxtrailv1.RawChannel{}}
}

func (r *rig) read() *raw {
	r.t.Helper()
	out := newRaw()
	r.bus.ReadRaw(r.t, 5*time.Second, out.keep)
	return out
}

func (o *raw) keep(_ context.Context, d *bus.Delivery) ([]*bus.Receipt, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, record := range d.Records {
		o.records++
		var err error
		switch d.Subject.Kind {
		case bus.KindPosts:
			if o.posted.Add(1); o.forget.Load() {
				continue
			}
			p := &doxtrailv1.RawPost{}
			err = proto.Unmarshal(record, p)
			key := p.GetChannelId() + "/" + p.GetPostId()
			if old := o.posts[key]; old == nil || old.GetEditedAt() <= p.GetEditedAt() {
				o.posts[key] = p
			}
		case bus.KindObservations:
			p := &doxtrailv1.RawObservation{}
			err = proto.Unmarshal(record, p)
			o.observations[fmt.Sprintf("%s/%s %d %s %s", p.GetChannelId(), p.GetPostId(), p.GetObservedAt(), p.GetSource(), p.GetVantage())] = p
		case bus.KindCoverage:
			p := &doxtrailv1.RawCoverage{}
			err = proto.Unmarshal(record, p)
			o.coverage = append(o.coverage, p)
		case bus.KindChannels:
			p := &doxtrailv1.RawChannel{}
			err = proto.Unmarshal(record, p)
			o.channels[p.GetChannelId()+" "+p.GetName()] = p
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// post gives a post as it last was; nil if it never came.
func (o *raw) post(channel *fake.Channel, id int) *doxtrailv1.RawPost {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.posts[strconv.FormatInt(channel.ID(), 10)+"/"+strconv.Itoa(id)]
}

// seen counts the observations of a post in a state; id 0 is the channel.
func (o *raw) seen(channel *fake.Channel, id int, state doxtrailv1.ObservationState) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	post := ""
	if id > 0 {
		post = strconv.Itoa(id)
	}
	for _, p := range o.observations {
		if p.GetChannelId() == strconv.FormatInt(channel.ID(), 10) && p.GetPostId() == post && p.GetState() == state {
			n++
		}
	}
	return n
}

// count counts the posts of a channel.
func (o *raw) count(channel *fake.Channel) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.posts {
		if p.GetChannelId() == strconv.FormatInt(channel.ID(), 10) {
			n++
		}
	}
	return n
}

// total counts the posts of all channels.
func (o *raw) total() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.posts)
}

// recorded counts everything that came, repeats too.
func (o *raw) recorded() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.records
}

// covered says whether a range of ids was reported, in a state, by any number of
// reports.
func (o *raw) covered(channel *fake.Channel, state doxtrailv1.CoverageState, from, to int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	have := map[int64]bool{}
	for _, c := range o.coverage {
		if c.GetChannelId() == strconv.FormatInt(channel.ID(), 10) && c.GetState() == state && c.HasFromNo() {
			for id := c.GetFromNo(); id <= c.GetToNo(); id++ {
				have[id] = true
			}
		}
	}
	for id := from; id <= to; id++ {
		if !have[int64(id)] {
			return false
		}
	}
	return true
}

func (o *raw) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("%d posts, %d observations, %d reports of coverage, %d records", len(o.posts), len(o.observations), len(o.coverage), o.records)
}
