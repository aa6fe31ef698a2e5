package telegram

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	"github.com/doxtrail/doxtrail/pkg/service"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/message"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

const (
	// lookLimit bounds the posts of one channel that wait to be looked for in the
	// web. What does not fit has the account's own second look.
	lookLimit = 100
	// lookTries is how often the web is asked about one of them while it is in
	// trouble.
	lookTries = 3
)

// webLook is a post that the account found gone, or with number 0 a channel that
// it found private.
type webLook struct {
	at    webPlace
	id    int
	tries int
}

// vantage looks from a second point: in the web, for what the account finds gone.
// What waits is forgotten when the process ends, because the account looks a
// second time too.
type vantage struct {
	account *account
	wake    chan struct{}

	mu sync.Mutex
	// waiting are looks by the number of their channel; turns the channels that
	// have any, in order.
	waiting map[string][]webLook
	turns   []string
}

func newVantage(a *account) *vantage {
	return &vantage{account: a, wake: make(chan struct{}, 1), waiting: map[string][]webLook{}}
}

// gone marks a post as missing at one look, and has the web asked about it at the
// first.
func (ch *channel) gone(id int) {
	if !ch.known.get(id).missing() {
		ch.account.vantage.ask(ch.place(), id)
	}
	ch.known.set(id, markGone)
}

// goneTwice marks a post as missing at two looks, and has the web asked once more:
// it keeps pages in store, so what it showed at the first look may have been old.
func (ch *channel) goneTwice(id int) {
	if ch.known.get(id) == markGone {
		ch.account.vantage.ask(ch.place(), id)
	}
	ch.known.set(id, markDown)
}

// ask has the web asked about a post; 0 is the channel itself. It never blocks.
// Without a web, or for a channel without a handle, nothing is asked.
func (v *vantage) ask(of message.Channel, id int) {
	if v == nil || of.Username == "" {
		return
	}
	v.add(webLook{at: webPlace{ID: strconv.FormatInt(of.ID, 10), Name: of.Username, Vantage: v.account.cfg.Vantage}, id: id})
}

func (v *vantage) add(look webLook) {
	v.mu.Lock()
	defer v.mu.Unlock()
	of := look.at.ID
	if len(v.waiting[of]) >= lookLimit {
		return
	}
	if len(v.waiting[of]) == 0 {
		v.turns = append(v.turns, of)
	}
	v.waiting[of] = append(v.waiting[of], look)
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// next takes a look from the channel whose turn it is.
func (v *vantage) next() (look webLook, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.turns) == 0 {
		return webLook{}, false
	}
	of := v.turns[0]
	v.turns = v.turns[1:]
	look, v.waiting[of] = v.waiting[of][0], v.waiting[of][1:]
	if len(v.waiting[of]) > 0 {
		v.turns = append(v.turns, of)
	} else {
		delete(v.waiting, of)
	}
	return look, true
}

// run looks until ctx ends or another process has the account.
func (v *vantage) run(ctx context.Context) error {
	for {
		look, ok := v.next()
		if !ok {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-v.wake:
			}
			continue
		}
		if err := v.look(ctx, look); err != nil {
			return err
		}
	}
}

// look asks the web and puts on RAW what it shows, if it shows anything.
func (v *vantage) look(ctx context.Context, look webLook) error {
	o, err := v.see(ctx, look)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case faultOf(err).ofAccount():
		return err
	case passes(err) && look.tries+1 < lookTries:
		look.tries++
		v.add(look)
		return nil
	case err != nil:
		v.account.log.Info("the web says nothing about what is gone", slog.String(service.KeyClass, webClass(err)))
		return nil
	case o == nil:
		return nil
	}
	h := haul.Haul{
		Leg: doxtrailv1.Leg_LEG_REPOLL, Lane: bus.LaneLive, LookedAt: time.UnixMilli(o.GetObservedAt()),
		Observations: []*doxtrailv1.RawObservation{o},
	}
	return retry(ctx, v.account.log, v.account.cfg.pauses.retryLimit, func(string) {}, func() error { return v.account.outbox.Send(ctx, h) })
}

// see asks the web; nil is that it says nothing. A channel that it does not show
// may be restricted, and a handle may have passed to another channel.
func (v *vantage) see(ctx context.Context, look webLook) (*doxtrailv1.RawObservation, error) {
	state, page, err := preview.StateUp, preview.Page{}, error(nil)
	if look.id > 0 {
		state, page, err = v.account.web.state(ctx, look.at.Name, look.id)
	} else if page, err = v.account.web.page(ctx, look.at.Name, 0); err == nil && len(page.Posts) == 0 {
		state = preview.StateUnknown
	}
	if err != nil || page.ChannelID != "" && page.ChannelID != look.at.ID {
		return nil, err
	}
	now := time.Now()
	switch state {
	case preview.StateUp:
		o := look.at.observation(look.id, stateUp, now)
		o.SetCounters(countersOf(page.Post(look.id), page))
		return o, nil
	case preview.StateAbsent:
		return look.at.observation(look.id, stateGone, now), nil
	default:
		return nil, nil //nolint:nilnil // nothing is to be said
	}
}
