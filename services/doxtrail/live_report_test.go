package main

import (
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// A report that somebody damaged, or that another key ring sealed, is one line of
// status and not its end.
func TestStatusIsShownBesideAReportThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newLive(t, harbours(1)...)
	s.channels[0].Post(fake.Text("a post"))
	s.mustLogin()
	live := string(s.read("doxtrail.yaml"))
	stop := s.up()
	s.eventually("a report is kept", func() bool { return strings.Contains(s.must("status"), "collector   telegram main") })
	stop()
	s.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\n")
	stop = s.up() // without a collector, which would mend it
	w := &canaryWatch{testStudy: s.testStudy}
	bucket, err := w.attach().Bucket(t.Context(), bus.BucketCursors)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := bucket.Keys(t.Context(), "collector-telegram.")
	if err != nil || len(keys) == 0 {
		t.Fatalf("%d cursors, %v", len(keys), err)
	}
	for _, key := range keys {
		if err := bucket.Change(t.Context(), key, func([]byte) ([]byte, error) { return []byte("damaged"), nil }); err != nil {
			t.Fatal(err)
		}
	}
	s.write("doxtrail.yaml", live)
	if out := s.must("status"); !strings.Contains(out, "TROUBLE  collector telegram main: its report cannot be read") || !strings.Contains(out, "disk free") {
		t.Errorf("status shows\n%s", out)
	}
	stop()
}
