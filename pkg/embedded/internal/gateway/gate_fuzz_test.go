package gateway

import (
	"strings"
	"testing"
)

// FuzzGate asks as a reader what the fuzzer makes of good statements and
// evasions. Whatever passes, the answer must never hold what was planted.
func FuzzGate(f *testing.F) {
	p := plant(f)
	donors := append(statements(f, "evasions.txt"), statements(f, "allowed.txt")...)
	for i, sql := range donors {
		f.Add(sql, uint16(i), uint16(3*i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, sql string, donor, at uint16, kind uint8) {
		sql = mutate(sql, donors[int(donor)%len(donors)], int(at), kind)
		if strings.Contains(sql, "\x00") || len(sql) > 4000 {
			return
		}
		a := p.read(t, sql, "max_execution_time=2", "max_result_rows=500")
		if strings.Contains(a.body, canary) {
			t.Fatalf("the canary came out: %q: %d %.500s", sql, a.status, a.body)
		}
	})
}

// mutate puts a donor, or a piece of it, into a statement between two tokens.
func mutate(sql, donor string, at int, kind uint8) string {
	places, pieces := words(sql), words(donor)
	if len(places) == 0 || len(pieces) == 0 {
		return sql
	}
	place := places[at%len(places)]
	piece := pieces[at%len(pieces)]
	switch kind % 6 {
	case 0:
		return sql[:place.start] + "(" + donor + ")" + sql[place.end:]
	case 1:
		return sql[:place.start] + donor[piece.start:] + sql[place.end:]
	case 2:
		return sql[:place.start] + donor[:piece.end] + " " + sql[place.start:]
	case 3:
		return sql[:place.start] + piece.token() + sql[place.end:]
	case 4:
		return sql[:place.start] + "file('FILE') " + sql[place.end:]
	default:
		return sql[:place.start] + " doxtrail.posts " + sql[place.end:]
	}
}
