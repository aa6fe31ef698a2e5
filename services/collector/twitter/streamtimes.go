package twitter

import "time"

// streamTimes are the times of the stream and of what closes its gaps. The schedule
// of connecting again is X's.
type streamTimes struct {
	// silence is how long the stream may bring nothing; 0 is 30 s, for X sends a
	// heartbeat every 20 s.
	silence time.Duration
	// network is by how much the wait grows with each connection that was not made or
	// brought nothing, up to networkLimit.
	network, networkLimit time.Duration
	// http is the first wait after an answer that is no stream, limited that after too
	// many; each next one is twice as long, up to httpLimit.
	http, httpLimit, limited time.Duration
	// noRules is how long a stream without rules waits at most for the leg that makes
	// them.
	noRules time.Duration
	// gather is how long after its first message a haul is sent at the latest.
	gather time.Duration
	// keep is how often the position is kept where messages come, idle where none do:
	// then it moves to what was heard by calm before the moment of the look.
	keep, idle, calm time.Duration
	// cover is how often a stream without a gap is reported.
	cover time.Duration
	// settle is how long after a gap search is asked for it: X takes some time until a
	// post can be found.
	settle time.Duration
	// overlap is how much further back than a gap search is asked: the stream brings
	// posts a little late, and not quite in order.
	overlap time.Duration
	// blink is up to how long a gap may be so that reposts are not asked for again:
	// to ask costs a read for each, and looks at counters find most of them.
	blink time.Duration
	// rules is how often X's rules are compared with the watch list's where nothing
	// changed.
	rules time.Duration
}

func usualStreamTimes() streamTimes {
	return streamTimes{
		network: 250 * time.Millisecond, networkLimit: 16 * time.Second,
		http: 5 * time.Second, httpLimit: 320 * time.Second, limited: time.Minute,
		noRules: time.Minute, gather: 50 * time.Millisecond,
		keep: time.Second, idle: 10 * time.Second, calm: 2 * time.Second, cover: time.Hour,
		settle: 45 * time.Second, overlap: time.Minute, blink: time.Minute, rules: 24 * time.Hour,
	}
}

// streamTimes are those of the configuration, or the usual ones.
func (a *app) streamTimes() streamTimes {
	if times := a.cfg.pauses.stream; times != (streamTimes{}) {
		return times
	}
	return usualStreamTimes()
}
