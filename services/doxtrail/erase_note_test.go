package main

import (
	"strings"
	"testing"
)

func TestWhoErasesIsToldWhatToLookAt(t *testing.T) {
	for _, tc := range []struct {
		of   receipt
		want string
	}{
		{receipt{Rows: map[string]uint64{"links": 1}}, ""},
		{receipt{Records: map[string]uint64{"RECORDS": 1, "FAILED": 0}, Unread: map[string]uint64{"RAW": 3}}, ""},
		{receipt{Records: map[string]uint64{"RECORDS": 0}}, "nothing was known of it"},
		{receipt{Rows: map[string]uint64{"links": 1}, Unread: map[string]uint64{unreadParts: 2}}, "2 broken parts aside"},
	} {
		var notes strings.Builder
		tc.of.note(&notes)
		if got := notes.String(); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("of %+v: %q", tc.of, got)
		}
	}
}
