package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
)

const (
	// proposalLimit bounds the channels that are counted; those that the fewest name
	// make room.
	proposalLimit = 5000
	// labelLimit bounds the watched channels that are listed with one.
	labelLimit = 20
)

// Proposal is a channel that watched channels name, for a person to decide about.
// Nothing is read from it before that.
type Proposal struct {
	// ID and Hash are 0 where only a link with the handle was seen.
	ID   int64  `json:"id,omitempty"`
	Hash int64  `json:"hash,omitempty"`
	Name string `json:"name,omitempty"`
	// Forwards and Links count the posts that pass something on from it or link to
	// it. Linked says that it belongs to a watched channel.
	Forwards int  `json:"forwards,omitempty"`
	Links    int  `json:"links,omitempty"`
	Linked   bool `json:"linked,omitempty"`
	Group    bool `json:"group,omitempty"`
	// Labels are the watched channels that name it.
	Labels []string `json:"labels,omitempty"`
	// FirstAt and LastAt are when it was named, in milliseconds.
	FirstAt int64 `json:"first_at"`
	LastAt  int64 `json:"last_at"`
}

// Count is how often it was named.
func (p *Proposal) Count() int { return p.Forwards + p.Links }

// proposals counts the channels that watched ones name.
type proposals struct {
	mu    sync.Mutex
	byKey map[string]*Proposal
	dirty bool
	// met are channels that replies told of, by id: a reply comes before the posts
	// in it are read, and only then is what they name counted.
	met map[int64]peer
}

// proposalsName is the cursor of the proposals.
const proposalsName = "proposals"

// kept is the form in which proposals lie in their cursor.
type kept struct {
	Proposals []*Proposal `json:"proposals"`
}

func proposalKey(id int64, name string) string {
	if id != 0 {
		return strconv.FormatInt(id, 10)
	}
	return "@" + strings.ToLower(name)
}

func (ps *proposals) load(ctx context.Context, s shelf) error {
	var k kept
	if _, err := s.Load(ctx, proposalsName, &k); err != nil {
		return err
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.byKey = map[string]*Proposal{}
	for _, p := range k.Proposals {
		ps.byKey[proposalKey(p.ID, p.Name)] = p
	}
	return nil
}

// save writes all of them if any changed since the last time.
func (ps *proposals) save(ctx context.Context, s shelf) (wrote bool, err error) {
	ps.mu.Lock()
	if !ps.dirty {
		ps.mu.Unlock()
		return false, nil
	}
	k := kept{Proposals: fitting(ps.list())}
	ps.dirty = false
	ps.mu.Unlock()
	if err := s.Save(ctx, proposalsName, k); err != nil {
		ps.mu.Lock()
		ps.dirty = true
		ps.mu.Unlock()
		return false, err
	}
	return true, nil
}

// fitting cuts a list off where its cursor is full: the least named are counted
// anew after a restart.
func fitting(list []*Proposal) []*Proposal {
	left := cursor.MaxBytes - len(`{"proposals":[]}`)
	for i, p := range list {
		one, err := json.Marshal(p)
		if left -= len(one) + 1; err != nil || left < 0 {
			return list[:i]
		}
	}
	return list
}

// weight is by how many watched channels it is named. That comes before how often:
// one hostile channel can name thousands of invented ones, each many times, to push
// out another. What belongs to a watched channel, it cannot invent.
func (p *Proposal) weight() int {
	if p.Linked {
		return labelLimit + len(p.Labels)
	}
	return len(p.Labels)
}

// list gives copies, those first that most channels name, and forgets those beyond
// the limit.
func (ps *proposals) list() []*Proposal {
	list := make([]*Proposal, 0, len(ps.byKey))
	for _, p := range ps.byKey {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *Proposal) int {
		return cmp.Or(b.weight()-a.weight(), b.Count()-a.Count(), strings.Compare(proposalKey(a.ID, a.Name), proposalKey(b.ID, b.Name)))
	})
	for _, p := range list[min(len(list), proposalLimit):] {
		delete(ps.byKey, proposalKey(p.ID, p.Name))
	}
	list = list[:min(len(list), proposalLimit)]
	for i, p := range list {
		c := *p
		c.Labels = slices.Clone(p.Labels)
		list[i] = &c
	}
	return list
}

// named gives the entry of a channel that the watched one with this label names.
func (ps *proposals) named(label string, id int64, name string, at time.Time) *Proposal {
	key := proposalKey(id, name)
	p := ps.byKey[key]
	if p == nil {
		p = &Proposal{ID: id, Name: name, FirstAt: at.UnixMilli()}
		ps.byKey[key] = p
		if met, ok := ps.met[id]; ok {
			p.Hash, p.Name, p.Group = met.Hash, met.Name, met.Group
		}
		if len(ps.byKey) > 2*proposalLimit {
			_ = ps.list()
		}
	}
	p.LastAt = max(p.LastAt, at.UnixMilli())
	if len(p.Labels) < labelLimit && !slices.Contains(p.Labels, label) {
		p.Labels = append(p.Labels, label)
		slices.Sort(p.Labels)
	}
	ps.dirty = true
	return p
}

// note counts the channels that a post of a watched channel names.
func (ps *proposals) note(label string, sources []message.Source, at time.Time) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, s := range sources {
		p := ps.named(label, s.ID, s.Name, at)
		if s.Why == message.SourceForward {
			p.Forwards++
		} else {
			p.Links++
		}
	}
}

// linked notes the channel that belongs to a watched one.
func (ps *proposals) linked(label string, id int64, at time.Time) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.byKey[proposalKey(id, "")]; p == nil || !p.Linked {
		ps.named(label, id, "", at).Linked = true
	}
}

// learn takes what replies say about channels that are counted, or soon will be:
// how they are reached, and by what handle.
func (ps *proposals) learn(chats []tg.ChatClass) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, c := range chats {
		channel, ok := c.(*tg.Channel)
		if !ok || channel.Min {
			continue
		}
		now := peerOf(channel)
		if ps.met == nil || len(ps.met) >= proposalLimit {
			ps.met = map[int64]peer{}
		}
		ps.met[now.ID] = now
		if p := ps.byKey[proposalKey(now.ID, "")]; p != nil && (p.Hash != now.Hash || p.Name != now.Name) {
			p.Hash, p.Name, p.Group = now.Hash, now.Name, now.Group
			ps.dirty = true
		}
	}
}

// find gives what is known of a channel by its id; the zero Proposal if nothing
// is.
func (ps *proposals) find(id string) Proposal {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if found := ps.byKey[id]; found != nil {
		return *found
	}
	return Proposal{}
}
