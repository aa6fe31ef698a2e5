package twitter

import (
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
)

// saying keeps the log readable where the same goes wrong again and again: it is said
// when it begins, when it is something else, and then once an hour.
type saying struct {
	last string
	at   time.Time
}

// news says whether something is to be said.
func (s *saying) news(what string) bool {
	now := time.Now()
	if s.last == what && now.Sub(s.at) < patience.SayEvery {
		return false
	}
	s.last, s.at = what, now
	return true
}
