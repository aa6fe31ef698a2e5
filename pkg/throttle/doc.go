// Package throttle keeps a collector polite: each method of a platform is called
// no faster than its rule allows and not before the platform allows it again,
// whatever is restarted in between.
//
//	gate, err := throttle.Open(ctx, throttle.Config{Bucket: budgets, Key: "collector-telegram.account-1", ...})
//	err = gate.Wait(ctx, "messages.getHistory")   // then call it, once
//	err = gate.Hold(ctx, "messages.getHistory", d) // it answered FLOOD_WAIT
//
// A gate is for one account, and an account has one gate at a time: Open takes
// the budget over, and a gate that was opened before gives no more turns that
// must be kept (see [ErrTaken]). Methods do not wait for each other.
//
// # What survives
//
// A new process has no turn in hand. Rules faster than one call in five seconds
// start empty, so nothing is written for them and a process that is killed and
// comes back gets no fresh burst. Slower rules and those with a cap by day are
// kept in BUDGETS before each turn is given, so that a crash can lose a turn, not
// gain one; of a burst that was saved up, one turn is left after a restart. Holds
// are kept always. Method names and times stand there in clear; they say nothing
// about whom the collector watches.
//
// # Clocks
//
// Within a process the monotonic clock counts. Between processes only the wall
// clock is left: one that was set back makes no wait longer than the hold or the
// rule is, one that was set forward while no process ran is believed.
package throttle
