package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// update is shared with the golden files; name the test with -run.
var update = flag.Bool("update", false, "write golden files and the upgrade fixture of this schema anew")

// Each folder in testdata/upgrade is a study that a doxtrail of that schema
// left behind in the middle of its work; see the README there. This one opens
// it and goes on: what was a row is a row, what was on its way arrives.
func TestAStudyOfEveryOlderDoxtrailIsOpened(t *testing.T) {
	if *update {
		writeUpgradeFixture(t)
	}
	studies, err := filepath.Glob("testdata/upgrade/*/" + fixtureName)
	if err != nil || len(studies) == 0 {
		t.Fatalf("no studies: %v", err)
	}
	for _, path := range studies {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			ledger, s := openFixture(t, path)
			s.inFlight()
			stop := s.up()
			s.eventually("everything that was on its way is rows", func() bool {
				var st status
				if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
					t.Fatal(err)
				}
				return st.OldestAt == nil && st.behind() == 0
			})
			s.checkUpgraded(ledger)
			s.fromTheFuture()
			if r := stop(); r.code != 0 {
				t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
			}
			latest := latestSchema(t)
			r := s.run("status")
			want := fmt.Sprintf("database is at migration %d, this doxtrail knows %d: use a newer one", latest+1, latest)
			if r.code != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, want) {
				t.Errorf("a study of a newer doxtrail: exit %d, stdout %q, stderr %q", r.code, r.stdout, r.stderr)
			}
		})
	}
}

func latestSchema(t *testing.T) uint32 {
	t.Helper()
	latest, err := store.LatestSchema()
	if err != nil {
		t.Fatal(err)
	}
	return latest
}

// behind counts the messages that are not handled yet.
func (st status) behind() (n uint64) {
	for _, r := range st.Readers {
		n += r.Pending + uint64(r.AckPending)
	}
	return n
}

// openFixture unpacks a study as it was left, with the streams' messages as
// young as they were then: some streams drop old ones.
func openFixture(t *testing.T, path string) (campaign.Ledger, *testStudy) {
	t.Helper()
	s := &testStudy{t: t, dir: t.TempDir()}
	s.temp = s.path("tmp")
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	unpackFixture(t, path, s.dir)
	makeYoung(t, s.path("data/nats"), bus.StreamRaw, bus.StreamRecords)
	s.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\n"+onTerms)
	var ledger campaign.Ledger
	if err := json.Unmarshal(s.read("ledger.json"), &ledger); err != nil {
		t.Fatal(err)
	}
	return ledger, s
}

// inFlight asks that the study was left in the middle of its work.
func (s *testStudy) inFlight() {
	s.t.Helper()
	conn, _, stop := s.streams()
	defer stop()
	lag, err := conn.Lag(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	pending := map[bus.Durable]uint64{}
	for _, d := range lag.Durables {
		pending[d.Durable] = d.Pending + uint64(d.AckPending)
	}
	if pending[bus.NormaliserArchive] == 0 || pending[bus.RecorderArchive] == 0 {
		s.t.Fatalf("nothing is on its way: %v", pending)
	}
}

// streams serves the study's streams in this process.
func (s *testStudy) streams() (conn *bus.Conn, url string, stop func()) {
	s.t.Helper()
	nats, err := embedded.StartNATS(embedded.NATSConfig{Dir: s.path("data/nats"), Token: "test", MaxStore: 16 << 30})
	if err != nil {
		s.t.Fatal(err)
	}
	conn, err = bus.Connect(s.t.Context(), bus.Config{URL: nats.URL(), Name: "test", Token: nats.Token()})
	if err != nil {
		s.t.Fatal(err)
	}
	return conn, nats.URL(), func() {
		closeConn(conn)
		if err := nats.Close(s.t.Context()); err != nil {
			s.t.Error(err)
		}
	}
}

// checkUpgraded compares what is in the tables with the ledger of all files,
// those that were rows and those that were on their way.
func (s *testStudy) checkUpgraded(ledger campaign.Ledger) {
	s.t.Helper()
	w := newTruth(s, ledger)
	checkCards(s, w)
	sameRows(s.t, "channel_spread", askRows[channelRow](s, "channel_spread"), w.channels(), func(r *channelRow) { r.PassedOn = 0 })
	checkTimeline(s, w)
	var kinds []campaign.KindFigures
	s.sql(&kinds, "SELECT platform, kind, count() AS posts FROM posts GROUP BY platform, kind")
	sameRows(s.t, "posts by kind", kinds, ledger.Kinds, nil)
	var totals []campaign.Figures
	s.sql(&totals, `SELECT sum(record_count) AS records, sum(post_count) AS posts, sum(non_post_count) AS non_posts, sum(duplicate_count) AS duplicates,
		sum(rejected_count) AS rejected, sum(conflict_count) AS conflicts, (SELECT sum(link_count) FROM coverage) AS links,
		(SELECT sum(sighting_count) FROM coverage) AS sightings FROM imports`)
	sameRows(s.t, "imports", totals, []campaign.Figures{ledger.Totals}, nil)
	var applied []struct{ Last, Migrations uint32 }
	out := s.must("sql", "--operator", "--format", "json", "SELECT max(number) AS last, count() AS migrations FROM doxtrail.migrations FINAL")
	if err := json.Unmarshal([]byte(out), &applied); err != nil {
		s.t.Fatal(err)
	}
	if latest := latestSchema(s.t); applied[0].Last != latest || applied[0].Migrations != latest {
		s.t.Errorf("migrations applied: %+v, want all %d", applied[0], latest)
	}
}

// fromTheFuture notes a migration that this doxtrail does not know.
func (s *testStudy) fromTheFuture() {
	s.t.Helper()
	run, err := embedded.ReadRun(s.path("data"))
	if err != nil {
		s.t.Fatal(err)
	}
	password, err := os.ReadFile(run.ClickHouse.PasswordFile)
	if err != nil {
		s.t.Fatal(err)
	}
	statement := fmt.Sprintf("INSERT INTO doxtrail.migrations (number, name, checksum) VALUES (%d, 'later', '')", latestSchema(s.t)+1)
	postStatement(s.t, run.ClickHouse.URL, run.ClickHouse.User, strings.TrimSpace(string(password)), statement)
}
