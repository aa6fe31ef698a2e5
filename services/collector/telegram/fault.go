package telegram

import (
	"errors"
	"regexp"

	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/cursor"
	"github.com/doxtrail/doxtrail/pkg/throttle"
)

// fault is what an error of Telegram means for those who got it.
type fault int

const (
	// faultTransient passes by itself: a server or a connection in trouble.
	faultTransient fault = iota
	// faultPrivate is a channel that cannot be read any more: private, deleted,
	// or we are banned from it; which of them cannot be told.
	faultPrivate
	// faultPeer is an access hash that does not fit: another account's, or the
	// channel was deleted.
	faultPeer
	// faultName is a handle that nobody has.
	faultName
	// faultPosition is a place in the updates that the server does not know.
	faultPosition
	// faultRequest is a request that no second try mends.
	faultRequest
	// faultSession is a session that is no more: somebody has to log in.
	faultSession
	// faultTwice is a session that was used from two places at once.
	faultTwice
	// faultFrozen is an account that Telegram has frozen.
	faultFrozen
	// faultTaken is another process that collects with the same account.
	faultTaken
)

// ofAccount says whether it ends all legs of the account, not only the one that
// got it.
func (f fault) ofAccount() bool {
	return f == faultSession || f == faultTwice || f == faultFrozen || f == faultTaken
}

// refusal is a reason of our own not to follow a channel, for a person to see to.
type refusal string

func (r refusal) Error() string { return string(r) }

// ofCursor is what is wrong with what the collector keeps, where no second try
// mends it; else nil.
func ofCursor(err error) error {
	for _, wrong := range []error{cursor.ErrForeign, cursor.ErrUnreadable, cursor.ErrTooLarge, throttle.ErrUnreadable} {
		if errors.Is(err, wrong) {
			return wrong
		}
	}
	return nil
}

// faultOf reads an error, which must not be that of an ended context.
func faultOf(err error) fault {
	var rpc *tgerr.Error
	var ours refusal
	switch {
	case errors.Is(err, throttle.ErrTaken), errors.Is(err, cursor.ErrStolen):
		return faultTaken
	case errors.As(err, &ours), ofCursor(err) != nil:
		return faultRequest
	case !errors.As(err, &rpc):
		return faultTransient
	}
	switch {
	case rpc.IsOneOf("FROZEN_METHOD_INVALID", "FROZEN_PARTICIPANT_MISSING"):
		return faultFrozen
	case rpc.IsType("AUTH_KEY_DUPLICATED"):
		return faultTwice
	case auth.IsUnauthorized(err), rpc.Code == 401, rpc.IsOneOf("USER_DEACTIVATED", "USER_DEACTIVATED_BAN"):
		return faultSession
	case rpc.IsOneOf(tg.ErrChannelPrivate, "CHANNEL_PUBLIC_GROUP_NA", "CHAT_FORBIDDEN"):
		return faultPrivate
	case rpc.IsOneOf(tg.ErrChannelInvalid, "PEER_ID_INVALID"):
		return faultPeer
	case rpc.IsOneOf("USERNAME_NOT_OCCUPIED", "USERNAME_INVALID"):
		return faultName
	case rpc.IsOneOf("PERSISTENT_TIMESTAMP_INVALID", "PERSISTENT_TIMESTAMP_EMPTY"):
		return faultPosition
	case rpc.Code >= 500 || rpc.Code <= 0 || rpc.Code == 420 || rpc.Code == 303,
		rpc.IsOneOf("RPC_CALL_FAIL", "RPC_MCGET_FAIL", "WORKER_BUSY_TOO_LONG_RETRY", "PERSISTENT_TIMESTAMP_OUTDATED", "Timedout", "No workers running"):
		return faultTransient
	default:
		return faultRequest
	}
}

// errorName is the form of Telegram's names of errors, and two that have another.
var errorName = regexp.MustCompile(`^(?:[A-Z0-9_]{1,64}|Timedout|No workers running)$`)

// wordOf is a name that an error has, or "other": what a server sends as one goes to
// log, metrics and status, and may be a text.
func wordOf(name string) string {
	if !errorName.MatchString(name) {
		return "other"
	}
	return name
}

// class is the word of an error in log and metrics: Telegram's own name of it,
// which holds nothing of the request, or what kind of error else it is.
func class(err error) string {
	var rpc *tgerr.Error
	var full *bus.FullError
	switch {
	case errors.As(err, &rpc):
		return wordOf(rpc.Type)
	case ofCursor(err) != nil:
		return "cursor"
	case errors.As(err, &full):
		return "bucket_full"
	default:
		return "connection"
	}
}
