package main

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/doxtrail/doxtrail/pkg/audit"
)

// An hour has a number of look-ups, whichever command asks and for how many addresses.
func TestLookupsOfAnHourAreCountedByAddress(t *testing.T) {
	log := audit.Open(filepath.Join(t.TempDir(), audit.FileName))
	note := func(lookups int64) string {
		if err := noteLookups(log, audit.Entry{Action: "any", Reason: "why"}, lookups, time.Now()); err != nil {
			return err.Error()
		}
		return ""
	}
	synctest.Test(t, func(*testing.T) {
		began := time.Now()
		for _, step := range []struct {
			after   time.Duration
			lookups int64
			refused string
		}{
			{0, lookupsAnHour + 1, "more than is said in an hour"},
			{0, 15, ""},
			{time.Minute, 5, ""},
			{0, 0, ""}, // of keys alone
			{0, 1, "try again at " + began.Add(time.Hour).Local().Format(time.TimeOnly)},
			{0, 16, "try again at " + began.Add(time.Hour+time.Minute).Local().Format(time.TimeOnly)},
			{59 * time.Minute, 15, ""},
			{0, 1, "try again at "},
		} {
			time.Sleep(step.after)
			if got := note(step.lookups); (got == "") != (step.refused == "") || !strings.Contains(got, step.refused) {
				t.Errorf("%d look-ups after %s: %q, want %q", step.lookups, time.Since(began), got, step.refused)
			}
		}
	})
}
