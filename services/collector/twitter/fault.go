package twitter

import (
	"errors"
	"log/slog"
	"time"

	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/lease"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/pkg/throttle"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// judge says what state an error that ended all legs means, what to do about it, and
// how long nothing is begun anew: 0 where a short wait will do.
func (c *Collector) judge(err error) (state State, why string, pause time.Duration) {
	switch kind := api.KindOf(err); {
	case errors.Is(err, lease.ErrHeld):
		return StateHeld, "another process collects with this app; it takes over when that one ends", c.cfg.pauses.look
	case taken(err):
		return StateHeld, "another process collects with this app; one must end", c.cfg.pauses.lease
	case kind == api.NoToken, kind == api.Unauthorised:
		return StateToken, "X does not accept the token; put another into bearer_token_file: it is read again when it changes", c.cfg.pauses.refused
	case kind == api.Spent:
		return StateSpent, "X says that its cap or the credit is used up; see usage in X's developer console", c.cfg.pauses.refused
	case kind == api.Suspended:
		return StateTrouble, faultText(err), c.cfg.pauses.refused
	}
	if c.brokeOff.news(class(err)) {
		c.log.Warn("collecting broke off; it is begun anew", slog.String(service.KeyClass, class(err)), service.Error(err))
	}
	switch wrong := ofStore(err); {
	case wrong != nil:
		return StateTrouble, wrong.Error(), 0
	case faultText(err) != "":
		return StateTrouble, faultText(err) + "; it is tried again", 0
	}
	return StateTrouble, "the bus cannot be reached, or something else is wrong on our side; see the log; it is tried again", 0
}

// taken says whether another process works with what is ours.
func taken(err error) bool {
	return errors.Is(err, throttle.ErrTaken) || errors.Is(err, cursor.ErrStolen)
}

// ofApp says whether an error ends all legs, not only the one that got it. An access
// level that does not cover one call may well cover others.
func ofApp(err error) bool {
	kind := api.KindOf(err)
	return taken(err) || kind.OfApp() && kind != api.Unenrolled
}

// ofStore is what is wrong with what the collector keeps, where no second try mends
// it; else nil.
func ofStore(err error) error {
	for _, wrong := range []error{cursor.ErrForeign, cursor.ErrUnreadable, cursor.ErrTooLarge, errLedger, errPage, errTelling, throttle.ErrUnreadable} {
		if errors.Is(err, wrong) {
			return wrong
		}
	}
	return nil
}

// passes says whether an error may pass by itself: X or the bus in trouble.
func passes(err error) bool {
	var fault *api.Fault
	if errors.As(err, &fault) {
		return fault.Transient()
	}
	return !taken(err) && ofStore(err) == nil && !errors.Is(err, ErrSpent)
}

// faultText is what X's part in an error was, as a sentence; empty where it had none.
func faultText(err error) string {
	var fault *api.Fault
	if errors.As(err, &fault) {
		return fault.Error()
	}
	return ""
}

// refusedText is faultText where X does not let the app have what was asked for, whatever
// was asked; empty where something else is wrong.
func refusedText(err error) string {
	if kind := api.KindOf(err); kind == api.Unenrolled || kind == api.Forbidden {
		return faultText(err)
	}
	return ""
}

// classBus is the class of what is neither X's part nor of what is kept.
const classBus = "bus"

// class is the word of an error in log and metrics.
func class(err error) string {
	switch {
	case errors.Is(err, ErrSpent):
		return "spent"
	case ofStore(err) != nil:
		return "kept"
	case taken(err):
		return "taken"
	case faultText(err) != "":
		return string(api.KindOf(err))
	default:
		return classBus
	}
}
