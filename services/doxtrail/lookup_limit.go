package main

import (
	"fmt"
	"maps"
	"time"

	"github.com/doxtrail/doxtrail/pkg/audit"
)

const (
	// lookupsAnHour bounds look-ups: whoever may ask as often as they like can try
	// names until one is there.
	lookupsAnHour = 20
	// countLookups is how an entry of the audit log says how many addresses the study
	// was asked about, by whatever command.
	countLookups = "lookups"
)

// noteLookups puts an entry about a number of look-ups into the audit log, unless the
// hour has too many with them. Those who ask at once wait for each other.
func noteLookups(log *audit.Log, e audit.Entry, lookups int64, now time.Time) error {
	e.Counts = maps.Clone(e.Counts)
	if e.Counts == nil {
		e.Counts = map[string]int64{}
	}
	e.Counts[countLookups] = lookups
	return plain(log.AppendIf(e, func(before []audit.Entry) error { return lookupsLeft(before, lookups, now) }))
}

// lookupsLeft says when so many look-ups are answered, where they are not at present.
func lookupsLeft(before []audit.Entry, lookups int64, now time.Time) error {
	if lookups > lookupsAnHour {
		return fmt.Errorf("look up: whether %d addresses are known is more than is said in an hour, which is of %d: take keys as tables show them, or fewer",
			lookups, lookupsAnHour)
	}
	if lookups == 0 {
		return nil
	}
	sum := lookups
	var recent []audit.Entry
	for _, e := range before {
		if n := e.Counts[countLookups]; n > 0 && now.Sub(e.At) < time.Hour {
			sum += n
			recent = append(recent, e)
		}
	}
	var wait time.Time
	for _, e := range recent {
		if sum <= lookupsAnHour {
			break
		}
		sum -= e.Counts[countLookups]
		wait = e.At.Add(time.Hour)
	}
	if wait.IsZero() {
		return nil
	}
	return fmt.Errorf("look up: %d look-ups an hour are answered; try again at %s", lookupsAnHour, wait.Local().Format(time.TimeOnly))
}
