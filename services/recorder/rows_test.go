package recorder_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// stored lists the posts as ClickHouse has them, one line each, in order.
func (r *rig) stored() []string {
	r.t.Helper()
	var rows []struct {
		Line string `ch:"line"`
	}
	const sql = `SELECT concat(toString(post_key), ' ', toString(posted_at), ' ', toString(length), ' ', toString(version)) AS line
FROM posts ORDER BY posted_at`
	if err := r.direct.SelectTables(r.within(), &rows, sql, nil); err != nil {
		r.t.Fatal(err)
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = row.Line
	}
	return lines
}

// count is how many posts ClickHouse has, repeats left out.
func (r *rig) count() int {
	r.t.Helper()
	var rows []struct {
		N uint64 `ch:"n"`
	}
	if err := r.direct.SelectTables(r.within(), &rows, "SELECT count() AS n FROM posts", nil); err != nil {
		r.t.Fatal(err)
	}
	return int(rows[0].N)
}

// awaitRows waits until so many posts are there.
func (r *rig) awaitRows(n int) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("there are %d rows", n), func() bool { return r.count() == n })
}

// awaitAcked waits until so many messages are acknowledged.
func (run *running) awaitAcked(n uint64) {
	run.t.Helper()
	eventually(run.t, fmt.Sprintf("%d messages are acknowledged", n), func() bool { return run.stats.Acked.Load() == n })
}

// wantPosts checks that exactly these posts are there, each once.
func (r *rig) wantPosts(from, to int, but ...int) {
	r.t.Helper()
	var want []string
	for n := from; n < to; n++ {
		if slices.Contains(but, n) {
			continue
		}
		k := keyOf(n)
		want = append(want, fmt.Sprintf("%x-%x-%x-%x-%x", k[:4], k[4:6], k[6:8], k[8:10], k[10:]))
	}
	var got []string
	for _, line := range r.stored() {
		key, _, _ := strings.Cut(line, " ")
		got = append(got, key)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		r.t.Errorf("%d posts are stored, want %d", len(got), len(want))
	}
}

// failed is one entry of FAILED, opened.
type failed struct {
	class  bus.Class
	record string
}

// failed lists FAILED, sorted by record: in what order records of several
// messages fail is chance.
func (r *rig) failed() []failed {
	r.t.Helper()
	var list []failed
	err := r.bus.Conn.FailedRecords(r.within(), func(f bus.FailedRecord) bool {
		record, _, err := f.Open(r.bus.Failed)
		if err != nil {
			r.t.Errorf("open failed record: %v", err)
		}
		if f.Service != "recorder" || f.Of.Kind != bus.KindPosts || f.Of.Platform != telegram {
			r.t.Errorf("failed record comes from %s", f.FailedSubject)
		}
		list = append(list, failed{f.Class, string(bytes.Clone(record))})
		return true
	})
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b failed) int { return strings.Compare(a.record, b.record) })
	return list
}

// wantFailed checks what is on FAILED.
func (r *rig) wantFailed(want ...failed) {
	r.t.Helper()
	slices.SortFunc(want, func(a, b failed) int { return strings.Compare(a.record, b.record) })
	if diff := cmp.Diff(want, r.failed(), cmp.AllowUnexported(failed{}), cmpopts.EquateEmpty()); diff != "" {
		r.t.Errorf("failed records (-want +got):\n%s", diff)
	}
}
