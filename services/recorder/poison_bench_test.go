package recorder_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

const (
	poisonRecords = 10_000
	poisonBatch   = 2_000
	poisonEach    = 2_000 // one of so many: five in all
)

// BenchmarkPoison records 10,000 posts of which five can never be stored, in
// turn with 10,000 good ones, and reports what the bad ones cost as a part of
// the time: those that are no rows ("bad-%") and those that only ClickHouse
// refuses, by a constraint of its own ("refused-%").
//
//	go test ./services/recorder -run '^$' -bench Poison -benchtime 5x
func BenchmarkPoison(b *testing.B) {
	r := newRig(b)
	round := func(good, bad func(n int) []byte) time.Duration {
		for at := 0; at < poisonRecords; at += poisonBatch {
			records := make([][]byte, poisonBatch)
			for i := range records {
				record := good
				if (at+i)%poisonEach == 7 {
					record = bad
				}
				records[i] = record(at + i)
			}
			r.publish(bus.LaneArchive, records...)
		}
		started := time.Now()
		run := r.start(quick())
		run.awaitAcked(poisonRecords / poisonBatch)
		took := time.Since(started)
		run.stop()
		return took
	}
	broken := func(int) []byte { return []byte("\xff\xff is no record") }
	var clean, bad, refused time.Duration
	for range b.N {
		clean += round(post, post)
		bad += round(post, broken)
		r.statement(b, fmt.Sprintf("ADD CONSTRAINT invented CHECK length %% %d != 7", poisonEach))
		refused += round(post, post)
		r.statement(b, "DROP CONSTRAINT invented")
	}
	failed := 0
	if err := r.bus.Conn.FailedRecords(r.within(), func(bus.FailedRecord) bool { failed++; return true }); err != nil {
		b.Fatal(err)
	}
	if want := 2 * b.N * poisonRecords / poisonEach; failed != want {
		b.Errorf("%d records are on FAILED, want %d", failed, want)
	}
	part := func(d time.Duration) float64 { return 100 * (float64(d)/float64(clean) - 1) }
	b.ReportMetric(float64(clean.Milliseconds())/float64(b.N), "clean-ms")
	b.ReportMetric(part(bad), "bad-%")
	b.ReportMetric(part(refused), "refused-%")
	b.ReportMetric(0, "ns/op")
}

// statement alters the table of posts.
func (r *rig) statement(b *testing.B, change string) {
	b.Helper()
	sql := "ALTER TABLE " + r.direct.Tables() + ".posts " + change
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, r.cfg.URL, strings.NewReader(sql))
	if err != nil {
		b.Fatal(err)
	}
	request.SetBasicAuth(r.cfg.User, r.cfg.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d", sql, response.StatusCode)
	}
}
