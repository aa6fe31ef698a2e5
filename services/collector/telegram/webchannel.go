package telegram

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	"github.com/doxtrail/doxtrail/services/collector/telegram/internal/preview"
)

// webChannel is a watched channel that is read in the web preview, without an
// account. Its newest page is asked for again and again, its history page by page
// between.
type webChannel struct {
	account *account
	watched watchlist.Channel
	log     *slog.Logger

	state webState
	known *known
	// wholeAt is when the channel itself was last put on RAW by this process.
	wholeAt time.Time

	mu     sync.Mutex
	report ChannelReport
}

// webState is what is kept of the channel.
type webState struct {
	// ID is the channel's number, once a page told it. Another number under the
	// handle is another channel.
	ID string `json:"id,omitempty"`
	// Begun says that a page was read, Newest is the highest number on one. What
	// is neither on RAW nor above Newest lies in Spans.
	Begun  bool `json:"begun"`
	Newest int  `json:"newest"`
	// Spans are ranges to be read, the newest first.
	Spans []span `json:"spans,omitempty"`
	// Again are posts that were seen gone and are looked for once more.
	Again []second `json:"again,omitempty"`
}

// Reasons why a watched channel is not read in the web, besides those of an
// account.
const (
	errNoPreview = refusal("the web shows no preview under its handle: the channel is restricted, or a group, or nobody has the handle")
	errWebName   = refusal("it is listed by its id alone; the web knows handles only: list its handle as well")
	errWebHandle = refusal("its handle cannot be a channel's: 5 to 32 letters, digits and underscores")
	errWebPage   = refusal("the web gives another page than the one that was asked for")
	errWebAnswer = refusal("the web answers with something that is no page of a channel")
)

func newWebChannel(a *account, w watchlist.Channel) *webChannel {
	return &webChannel{
		account: a, watched: w, log: a.log.With("channel", w.Label),
		report: ChannelReport{Label: w.Label, State: string(channelWaiting)},
	}
}

// place is the channel as records name it.
func (ch *webChannel) place() webPlace {
	return webPlace{ID: ch.state.ID, Name: ch.watched.Name, Vantage: ch.account.cfg.Vantage}
}

func (ch *webChannel) cursor(what string) string {
	return "web/" + ch.watched.ID + "/" + strings.ToLower(ch.watched.Name) + "/" + what
}

func (ch *webChannel) retry(ctx context.Context, do func() error) error {
	return retry(ctx, ch.log, ch.account.cfg.pauses.retryLimit, func(string) {}, do)
}

// keep keeps what changed, also when ctx has just ended. The posts go first: what
// is known without being counted as read is only read again.
func (ch *webChannel) keep(ctx context.Context) error {
	return ch.retry(ctx, func() error {
		bounded, cancel := patience.Lingering(ctx)
		defer cancel()
		if err := ch.known.save(bounded); err != nil {
			return err
		}
		return ch.account.shelf.Save(bounded, ch.cursor("state"), ch.state)
	})
}

// run reads the channel until ctx ends or another process has the account. A
// channel that cannot be read is asked for again, more and more rarely.
func (ch *webChannel) run(ctx context.Context) error {
	pauses := ch.account.cfg.pauses
	for wait := pauses.park; ; wait = 2 * wait {
		began := ch.now().LookedAt
		err := ch.follow(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if faultOf(err).ofAccount() {
			return err
		}
		if !ch.now().LookedAt.Equal(began) {
			wait = pauses.park
		}
		wait = min(wait, ch.park(err))
		if err := patience.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// park notes why the channel is not read now, and gives the longest wait before
// it is tried again. Where the web as a whole is in trouble, its gate waits.
func (ch *webChannel) park(cause error) time.Duration {
	state, why, limit := channelWaiting, class(cause), ch.account.cfg.pauses.retryLimit
	var ours refusal
	switch {
	case errors.As(cause, &ours):
		state, why, limit = channelParked, string(ours), ch.account.cfg.pauses.parkLimit
	case passes(cause):
		why = troubleOf(cause)
	}
	ch.log.Warn("a channel cannot be read in the web now", slog.String("state", string(state)), slog.String(service.KeyClass, webClass(cause)), service.Error(cause))
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.report.State, ch.report.Why = string(state), why
	return limit
}

// troubleOf says what keeps the web from answering.
func troubleOf(err error) string {
	var limited preview.RateLimited
	switch {
	case errors.As(err, &limited):
		return "the web asks to wait (429)"
	case errors.Is(err, preview.ErrChallenge):
		return "the web answers with a challenge or an error page instead of posts"
	case errors.Is(err, preview.ErrUnreachable), errors.Is(err, errCutOff):
		return "the web cannot be reached"
	default:
		return "the web is in trouble"
	}
}

// now makes the report of the channel.
func (ch *webChannel) now() ChannelReport {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.report
}

// progressed notes that a page was read and kept.
func (ch *webChannel) progressed(at time.Time) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.report.State, ch.report.Why, ch.report.LookedAt = string(channelFollowed), "", at
	ch.report.Newest, ch.report.SweptTo = ch.state.Newest, 0
	if len(ch.state.Spans) > 0 {
		ch.report.SweptTo = ch.state.Spans[0].Next
	}
}

// follow reads what an earlier process kept, and then pages until one cannot be
// read.
func (ch *webChannel) follow(ctx context.Context) error {
	if ch.watched.Name == "" {
		return errWebName
	}
	err := ch.retry(ctx, func() (err error) {
		ch.state = webState{}
		if _, err = ch.account.shelf.Load(ctx, ch.cursor("state"), &ch.state); err == nil {
			ch.known, err = loadKnown(ctx, ch.account.shelf, ch.cursor("known"))
		}
		return err
	})
	var next time.Time
	for err == nil {
		due := ch.due(time.Now())
		switch wait := time.Until(next); {
		case wait <= 0:
			next = time.Now().Add(ch.account.cfg.Preview.Poll)
			err = ch.poll(ctx)
		case due >= 0:
			err = ch.again(ctx, due)
		case len(ch.state.Spans) > 0:
			err = ch.sweep(ctx)
		default:
			err = patience.Sleep(ctx, wait)
		}
	}
	return err
}

// page asks for the posts before a number; 0 asks for the newest.
func (ch *webChannel) page(ctx context.Context, before int) (preview.Page, error) {
	page, err := ch.account.web.page(ctx, ch.watched.Name, before)
	return page, ch.own(page, err)
}

// own says what is wrong with an answer. It must be the channel's own page: a
// handle can pass to another channel.
func (ch *webChannel) own(page preview.Page, err error) error {
	var status preview.StatusError
	switch {
	case errors.Is(err, preview.ErrNoPreview):
		return errNoPreview
	case errors.Is(err, preview.ErrOtherName):
		return errOtherOwner
	case errors.Is(err, preview.ErrName):
		return errWebHandle
	case errors.Is(err, preview.ErrTooLarge), errors.As(err, &status) && !passes(err):
		return errWebAnswer
	case err != nil:
		return err
	}
	if id := page.ChannelID; id != "" {
		if pinned := []string{ch.state.ID, ch.watched.ID}; slices.ContainsFunc(pinned, func(p string) bool { return p != "" && p != id }) {
			return errOtherOwner
		}
		if ch.state.ID == "" {
			ch.state.ID, ch.wholeAt = id, time.Time{}
		}
	}
	return nil
}
