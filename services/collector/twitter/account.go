package twitter

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

// accountEvery is how often an account is looked at: how many follow it, and whether it
// is still there and open.
const accountEvery = 24 * time.Hour

// accountState is what is kept of a watched account.
type accountState struct {
	// ID is X's number; 0 where it is not known yet. Name is the handle of the watch
	// list that led to it.
	ID   uint64 `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Other says that the handle leads to another account now. Neither is read until
	// the watch list says which one is meant.
	Other bool `json:"other,omitempty"`
	// LookedAt is when it was last looked at, CreatedAt when it was opened, in
	// milliseconds.
	LookedAt  int64      `json:"looked_at,omitempty"`
	CreatedAt int64      `json:"created_at,omitempty"`
	Was       look.State `json:"was,omitempty"`
	// Since is the highest id of its timeline that RAW has, PolledAt when the timeline
	// was last read to its end, in milliseconds.
	Since    uint64 `json:"since,omitempty"`
	PolledAt int64  `json:"polled_at,omitempty"`
}

// account is an account of the watch list.
type account struct {
	// watch names it without telling it, label is the watch list's.
	watch, label string
	listed       watchlist.Channel
	// pause is of its timeline.
	pause pause

	accountState
}

// cursor is the name under which it is kept.
func (a *account) cursor() string { return "account/" + a.watch }

func (a *account) id() string { return idText(a.ID) }

// readable says whether its timeline may be read.
func (a *account) readable() bool { return a.ID != 0 && !a.Other }

// roster is the watched accounts. The leg of timelines makes it, that of their history
// reads it.
type roster struct {
	app *app
	// reach is how many posts of an account X shows at all.
	reach int

	mu       sync.Mutex
	accounts []*account
}

func newRoster(a *app) *roster { return &roster{app: a, reach: timelineReach} }

// follow takes over a watch list.
func (r *roster) follow(ctx context.Context, list *watchlist.Effective) error {
	var next []*account
	for _, c := range list.Channels {
		if !c.Listed || c.Platform != "twitter" || nameOf(c.ID, c.Name) == "" {
			continue
		}
		a := &account{watch: watchID(r.app.key, "channel", c.Label), label: c.Label, listed: c.Channel}
		if _, err := r.app.load(ctx, timelinesName, a.cursor(), &a.accountState); err != nil {
			return err
		}
		a.agree()
		next = append(next, a)
	}
	r.mu.Lock()
	r.accounts = next
	r.mu.Unlock()
	return nil
}

// agree makes what is kept agree with the watch list, which may have another account
// under the same label.
func (a *account) agree() {
	name := strings.ToLower(nameOf("", a.listed.Name))
	if id, ok := numberOf(a.listed.ID); ok {
		if id != a.ID {
			a.accountState = accountState{ID: id}
		}
		a.Name, a.Other = name, false
		return
	}
	if a.Name != name {
		a.accountState = accountState{Name: name}
	}
}

// all are the accounts as they are now.
func (r *roster) all() []account {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]account, 0, len(r.accounts))
	for _, a := range r.accounts {
		list = append(list, *a)
	}
	return list
}

// update changes an account and keeps it.
func (r *roster) update(ctx context.Context, a *account, edit func(*accountState)) error {
	r.mu.Lock()
	edit(&a.accountState)
	state := a.accountState
	r.mu.Unlock()
	return r.app.keep(ctx, timelinesName, a.cursor(), state)
}

// share has accounts that are one at X, listed by handle and by number, go on from where
// the furthest of them is: one of them is read for all, and any may leave the list.
func (r *roster) share(ctx context.Context) error {
	furthest := map[uint64]accountState{}
	for _, a := range r.accounts {
		if f := furthest[a.ID]; a.readable() && a.PolledAt > f.PolledAt {
			furthest[a.ID] = a.accountState
		}
	}
	for _, a := range r.accounts {
		if f := furthest[a.ID]; a.readable() && a.PolledAt < f.PolledAt {
			if err := r.update(ctx, a, func(s *accountState) { s.Since, s.PolledAt = f.Since, f.PolledAt }); err != nil {
				return err
			}
		}
	}
	return nil
}

// due lists up to 100 accounts whose look is due, by name or by number.
func (r *roster) due(byName bool, now time.Time) (due []*account) {
	for _, a := range r.accounts {
		if (a.ID == 0) == byName && now.UnixMilli() >= a.LookedAt+accountEvery.Milliseconds() && len(due) < askLimit {
			due = append(due, a)
		}
	}
	return due
}

// resolve asks which accounts the handles lead to. It does so again where an account
// has another handle now, for somebody else may have taken the old one.
func (r *roster) resolve(ctx context.Context, accounts []*account) error {
	names := make([]string, 0, len(accounts))
	for _, a := range accounts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	got, err := r.app.askFor(ctx, timelinesName, ForLive, Cost{Users: int64(len(names))}, func(ctx context.Context) ([]byte, error) {
		return r.app.client.UsersByName(ctx, names)
	})
	if err != nil {
		return err
	}
	for _, a := range accounts {
		i := slices.IndexFunc(got.Accounts, func(o archive.TweetAccount) bool { return strings.EqualFold(o.Name, a.Name) })
		err := r.update(ctx, a, func(s *accountState) {
			id := uint64(0)
			if i >= 0 {
				id, _ = numberOf(got.Accounts[i].ID)
			}
			switch {
			case s.ID == 0 && id == 0:
				s.LookedAt = got.at.UnixMilli() // asked again in a day
			case s.ID == 0:
				s.ID = id
			default:
				s.Other = id != 0 && id != s.ID
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// look looks at accounts: what RAW is told of them, and whether they still have their
// handles.
func (r *roster) look(ctx context.Context, accounts []*account) error {
	ids := make([]string, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, a.id())
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	got, err := r.app.askFor(ctx, timelinesName, ForLive, Cost{Users: int64(len(ids))}, func(ctx context.Context) ([]byte, error) {
		return r.app.client.Users(ctx, ids)
	})
	if err != nil {
		return err
	}
	h := haul.Haul{Leg: doxtrailv1.Leg_LEG_REPOLL, Lane: bus.LaneLive, LookedAt: got.at}
	seen := map[string]*doxtrailv1.RawObservation{}
	var renamed []*account
	for _, a := range accounts {
		served := r.served(a, got, seen, &h)
		if served != nil && a.listed.ID == "" && !strings.EqualFold(served.Name, a.Name) {
			renamed = append(renamed, a)
		}
	}
	for _, o := range seen {
		h.Observations = append(h.Observations, o)
	}
	if err := r.app.send(ctx, timelinesName, h); err != nil {
		return err
	}
	if len(renamed) > 0 {
		if err := r.resolve(ctx, renamed); err != nil {
			return err
		}
	}
	return r.looked(ctx, accounts, got, seen)
}

// served finds what X says of an account and makes the records of it.
func (r *roster) served(a *account, got answer, seen map[string]*doxtrailv1.RawObservation, h *haul.Haul) *archive.TweetAccount {
	l := r.app.from(got.at)
	for i := range got.Accounts {
		if o := &got.Accounts[i]; o.ID == a.id() {
			if seen[o.ID] == nil {
				h.Channels = append(h.Channels, look.Channel(*o))
				seen[o.ID] = l.Account(*o, a.Was)
			}
			return o
		}
	}
	for _, p := range got.Problems {
		if o, means := l.Problem(p, a.id(), ""); means && look.Asked(p) && p.ResourceID == a.id() {
			seen[a.id()] = o
		}
	}
	return nil
}

// looked notes what was seen of accounts.
func (r *roster) looked(ctx context.Context, accounts []*account, got answer, seen map[string]*doxtrailv1.RawObservation) error {
	for _, a := range accounts {
		err := r.update(ctx, a, func(s *accountState) {
			s.LookedAt = got.at.UnixMilli()
			if o := seen[idText(s.ID)]; o != nil {
				s.Was = o.GetState()
			}
			for _, o := range got.Accounts {
				if o.ID == idText(s.ID) {
					s.CreatedAt = o.CreatedAt
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// outOf says which accounts are not read, and why.
func (r *roster) outOf() (out []leftOut) {
	for _, a := range r.all() {
		switch {
		case a.Other:
			out = append(out, leftOut{a.label, "the handle belongs to another account now; put the id of the one that is meant into the watch list"})
		case a.ID == 0 && a.LookedAt > 0:
			out = append(out, leftOut{a.label, "no account has this handle; it is looked for again in a day"})
		case a.pause.why != "":
			out = append(out, leftOut{a.label, a.pause.why})
		}
	}
	return out
}
