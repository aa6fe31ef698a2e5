package main

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/watchlist"
)

// What of a handle a label may not hold, however it is spelled.
func TestALabelGivesNoHandleAway(t *testing.T) {
	c := watchlist.Channel{Platform: "telegram", ID: "3100000002", Name: "Wong_Test"}
	for label, want := range map[string]bool{
		"tg-17": false, "pier": false, "won-1": false, "tes-wo": false,
		"wong": true, "WONG-1": true, "w-o-n-g": true, "ongtest": true, "ngte": true, "a3100000002": true,
	} {
		if telling(label, c) != want {
			t.Errorf("%s gives it away: %t, want %t", label, !want, want)
		}
	}
	if telling("tg-17", watchlist.Channel{Platform: "telegram", ID: "1234567890"}) || !telling("AB", watchlist.Channel{Name: "ab"}) {
		t.Error("a channel without a handle, or with a short one, is told wrongly")
	}
}
