package api

import (
	"net/http"
	"strconv"
	"time"
)

// Bounds of a hold: X's windows are 15 minutes and a day long, and a reset further
// away than that is a mistake.
const (
	mostWindow = 16 * time.Minute
	mostDay    = 24 * time.Hour
	firstWait  = time.Minute
	lastWait   = 15 * time.Minute
)

// holdFor is how long a method must not be called after an answer, 0 if it may be
// at once. Strikes is how many answers before it said that the call came too early.
func holdFor(header http.Header, limited bool, strikes int, now time.Time) time.Duration {
	// X's clock counts: ours may be wrong.
	if served, err := http.ParseTime(header.Get("Date")); err == nil {
		now = served
	}
	d := min(until(header, "x-rate-limit-", limited, now), mostWindow)
	for _, of := range []string{"x-app-limit-24hour-", "x-user-limit-24hour-"} {
		d = max(d, min(until(header, of, false, now), mostDay))
	}
	if !limited {
		return d
	}
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil && seconds > 0 {
		d = max(d, min(time.Duration(min(seconds, 1<<20))*time.Second, lastWait))
	}
	if d <= 0 {
		return min(firstWait<<min(strikes, 8), lastWait)
	}
	return d
}

// until is the time to the reset of a limit that is used up, or of one that must
// be although nothing says so; not positive if it is not or has been reset.
func until(header http.Header, of string, used bool, now time.Time) time.Duration {
	reset, err := strconv.ParseInt(header.Get(of+"reset"), 10, 64)
	if err != nil {
		return 0
	}
	remaining, err := strconv.ParseInt(header.Get(of+"remaining"), 10, 64)
	if left := err == nil && remaining > 0; left || err != nil && !used {
		return 0
	}
	// Sub saturates, so that the year 300000 is no time in the past.
	return time.Unix(min(max(reset, 0), 1<<40), 0).Sub(now)
}
