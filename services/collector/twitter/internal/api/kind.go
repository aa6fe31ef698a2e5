package api

import "errors"

// Kind is what an error of X means for those who got it, as the word that metrics
// and status use.
type Kind string

// Kinds that pass by themselves: a server or a connection in trouble.
const (
	// Server is an answer of 5xx.
	Server Kind = "server"
	// Network is a connection that was not made or broke off.
	Network Kind = "network"
	// Certificate is a server that is not who it should be, or a clock that is wrong.
	Certificate Kind = "certificate"
	// Timeout is an answer that did not come in time.
	Timeout Kind = "timeout"
	// NotJSON is a page or anything else that the API does not send: mostly
	// something on the way that answers in its stead.
	NotJSON Kind = "not_json"
	// Broken is JSON that is cut off or glued together.
	Broken Kind = "broken_json"
	// TooLarge is an answer over 64 MiB.
	TooLarge Kind = "too_large"
	// Redirect is an answer that points elsewhere; it is not followed.
	Redirect Kind = "redirect"
	// Limited is a method that was asked for too often, and still was after the
	// waits that X asked for. Until says when it may be asked for again.
	Limited Kind = "limited"
)

// Kinds of the stream. They pass by connecting again.
const (
	// Connections is a stream that is open too often, mostly one that X has not
	// noticed to be gone: DropConnections, or wait.
	Connections Kind = "connections"
	// Ended is a stream that X closed.
	Ended Kind = "ended"
	// Stalled is a stream that brought not even a heartbeat.
	Stalled Kind = "stalled"
	// TooLong is a message over 4 MiB. It is lost; the stream goes on.
	TooLong Kind = "too_long"
	// NoRules is a stream without a rule to filter by.
	NoRules Kind = "no_rules"
)

// Kinds that a person has to see to.
const (
	// NoToken is a token that could not be had.
	NoToken Kind = "no_token"
	// Unauthorised is a token that X does not accept.
	Unauthorised Kind = "unauthorised"
	// Suspended is an app, or its account, that X has suspended.
	Suspended Kind = "suspended"
	// Unenrolled is an app that is not enrolled for what was asked, or whose access
	// level has it not.
	Unenrolled Kind = "unenrolled"
	// Forbidden is what X does not allow for other reasons.
	Forbidden Kind = "forbidden"
	// Spent is a cap of reads or money that is reached.
	Spent Kind = "spent"
)

// Kinds that no second try mends.
const (
	// Refused is a request that X does not take, or that was not sent because it
	// would not.
	Refused Kind = "refused"
	// Conflict is what cannot be while something of its kind is under way: X has one
	// job at a time.
	Conflict Kind = "conflict"
	// Absent is what is not there, or not any more.
	Absent Kind = "absent"
	// Other is none of these.
	Other Kind = "other"
)

// KindOf is the kind of an error of this package, Other for any other and empty
// for nil.
func KindOf(err error) Kind {
	var fault *Fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fault):
		return fault.Kind
	default:
		return Other
	}
}

// Transient says whether the same request may succeed later without anybody doing
// something about it.
func (k Kind) Transient() bool {
	switch k {
	case Server, Network, Certificate, Timeout, NotJSON, Broken, TooLarge, Redirect, Limited, Connections, Ended, Stalled:
		return true
	default:
		return false
	}
}

// OfApp says whether it holds for all calls of the app, not only for the one that
// got it.
func (k Kind) OfApp() bool {
	switch k {
	case NoToken, Unauthorised, Suspended, Unenrolled, Spent:
		return true
	default:
		return false
	}
}

// sentence is what a person reads: what is wrong, and what to do where that is not
// to wait.
func (k Kind) sentence() string {
	switch k {
	case Server:
		return "X is in trouble"
	case Network:
		return "the connection was not made or broke off"
	case Certificate:
		return "the server's certificate does not fit; check the clock, the proxy and the API's address"
	case Timeout:
		return "no answer came in time"
	case NotJSON:
		return "the answer is not the API's; check the proxy and the API's address"
	case Broken:
		return "the answer is cut off or glued together"
	case TooLarge:
		return "the answer is over 64 MiB"
	case Redirect:
		return "the answer points elsewhere, which is not followed; check the API's address"
	case Limited:
		return "asked too often"
	case Connections:
		return "the stream is open too often; another process may use the same app"
	case Ended:
		return "X closed the stream"
	case Stalled:
		return "the stream brought nothing, not even a heartbeat"
	case TooLong:
		return "a message is over 4 MiB and was passed over"
	case NoRules:
		return "the stream has no rules"
	default:
		return k.lasting()
	}
}

// lasting is the sentence of what does not pass by itself.
func (k Kind) lasting() string {
	switch k {
	case NoToken:
		return "the token cannot be had; check where the configuration takes it from"
	case Unauthorised:
		return "X does not accept the token; check it, or make a new one in X's developer console"
	case Suspended:
		return "X has suspended the app or its account; see X's developer console"
	case Unenrolled:
		return "the app's access does not cover this call; see its project and plan in X's developer console"
	case Forbidden:
		return "X does not allow this"
	case Spent:
		return "the cap of reads or the credit is used up; see usage in X's developer console"
	case Refused:
		return "X does not take such a request"
	case Conflict:
		return "something of its kind is under way already"
	case Absent:
		return "it is not there"
	default:
		return "something unforeseen"
	}
}
