package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
)

// rawSequence tells how many messages RAW has taken, asked by a connection of
// the test's own; it is good for as long as the holder lives.
func (s *testStudy) rawSequence() func() uint64 {
	s.t.Helper()
	var run embedded.RunInfo
	if err := json.Unmarshal(s.read("data/run.json"), &run); err != nil {
		s.t.Fatal(err)
	}
	token, err := os.ReadFile(run.NATS.TokenFile)
	if err != nil {
		s.t.Fatal(err)
	}
	conn, err := bus.Connect(s.t.Context(), bus.Config{URL: run.NATS.URL, Token: strings.TrimSpace(string(token)), Name: "test"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(s.t.Context()) })
	return func() uint64 {
		lag, err := conn.Lag(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, l := range lag.Streams {
			if l.Stream == bus.StreamRaw {
				return l.LastSeq
			}
		}
		return 0
	}
}

// load writes a file of posts and gives what an import of it comes to.
func (s *testStudy) load(name string, posts int, seed uint64) campaign.LoadFigures {
	s.t.Helper()
	f, err := os.Create(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	figures, err := campaign.Load(f, campaign.Twarc2, posts, seed)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return figures
}

// batches is how many ranges of records are rows, and how many posts in them.
func (s *testStudy) batches() (ranges, posts int) {
	s.t.Helper()
	var rows []struct{ Ranges, Posts int }
	s.sql(&rows, "SELECT count() AS ranges, toUInt64(sum(post_count)) AS posts FROM coverage WHERE record_count > 0")
	return rows[0].Ranges, rows[0].Posts
}

// drained waits until what is on RAW and RECORDS is rows.
func (s *testStudy) drained() {
	s.t.Helper()
	s.eventually("the streams are drained", func() bool {
		var st status
		if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
			s.t.Fatal(err)
		}
		for _, r := range st.Readers {
			if r.Pending != 0 || r.AckPending != 0 {
				return false
			}
		}
		return st.OldestAt == nil
	})
}

// An import that was cut off with its holder goes on where it stopped: what is
// rows already is not sent again, and the figures are those of one reading.
func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	c := smallCampaign(71)
	s := newStudy(t, c, c.Sites())
	want := s.load("load.jsonl", 40_000, 71)

	stop := s.up()
	sequence := s.rawSequence()
	importing := s.begin(nil, "import", "--json", "load.jsonl")
	s.soon("ten batches on RAW", func() bool { return sequence() >= 10 })
	if err := syscall.Kill(s.holder(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	importing.wait()
	stop()

	stop = s.up()
	s.drained()
	sequence = s.rawSequence()
	before, posts := s.batches()
	if posts == 0 || posts >= want.Posts {
		t.Fatalf("%d of %d posts are rows after the kill: nothing to go on with", posts, want.Posts)
	}
	at := sequence()
	figures := s.importAll("load.jsonl")
	if figures.Posts != want.Posts || figures.Links != want.CardPosts {
		t.Errorf("import --json: %+v, want %+v", figures, want)
	}
	all, posts := s.batches()
	sent := int(sequence() - at)
	if posts != want.Posts || all <= before || sent < all-before+1 || sent > all-before+3 { // with the report, and the channels
		t.Errorf("%d batches were rows, %d are, with %d posts; %d messages were sent for the rest", before, all, posts, sent)
	}

	// Again: nothing but the report of the reading.
	rows := s.rowSums()
	at = sequence()
	if diff := cmp.Diff(figures, s.importAll("load.jsonl")); diff != "" {
		t.Errorf("import --json of a file that was read before (-first +again):\n%s", diff)
	}
	if sent := sequence() - at; sent != 1 {
		t.Errorf("%d messages were sent for a file that was read before, want its report alone", sent)
	}
	if diff := cmp.Diff(rows, s.rowSums()); diff != "" {
		t.Errorf("a second import changed rows (-before +after):\n%s", diff)
	}

	// Another watch list: what was covered under the last is not under this.
	s.watch(c, c.Sites()[1:])
	at = sequence()
	s.importAll("load.jsonl")
	if sent := int(sequence() - at); sent < all {
		t.Errorf("%d messages were sent after the watch list changed, want all %d batches", sent, all)
	}
	if ranges, posts := s.batches(); ranges != all || posts != want.Posts {
		t.Errorf("%d batches with %d posts are rows, want %d with %d", ranges, posts, all, want.Posts)
	}
	if r := stop(); r.code != 0 {
		t.Errorf("up ended with %d:\n%s", r.code, r.stderr)
	}
}

// soon waits for what another process is about to do, and misses little of it.
func (s *testStudy) soon(what string, ok func() bool) {
	s.t.Helper()
	for range 1_000_000 { // each asks a server: minutes
		if ok() {
			return
		}
	}
	s.t.Fatalf("waited in vain: %s", what)
}

// rowSums is a sum over all rows of each view that an import fills.
func (s *testStudy) rowSums() string {
	s.t.Helper()
	var sums []string
	for _, view := range []string{"posts", "links", "shares", "channels", "channel_aliases", "coverage", "imports"} {
		sums = append(sums, fmt.Sprintf("SELECT '%[1]s' AS view, count() AS n, sum(sipHash64(toString(tuple(*)))) AS sum FROM %[1]s", view))
	}
	return s.must("sql", "--format", "jsonl", "SELECT * FROM ("+strings.Join(sums, " UNION ALL ")+") ORDER BY view")
}

// Two processes that read one file at once send it twice, and it counts once.
func TestTwoImportersOfOneFileCountItOnce(t *testing.T) {
	t.Parallel()
	c := smallCampaign(72)
	s := newStudy(t, c, c.Sites())
	want := s.load("load.jsonl", 5000, 72)
	defer s.up()()
	importing := []*running{s.begin(nil, "import", "--json", "load.jsonl"), s.begin(nil, "import", "--json", "load.jsonl")}
	for _, r := range importing {
		ended := r.wait()
		if ended.code != 0 {
			t.Fatalf("an import ended with %d:\n%s", ended.code, ended.stderr)
		}
		if n := s.figures(ended.stdout); n.Posts != want.Posts || n.Links != want.CardPosts {
			t.Errorf("import --json: %+v, want %+v", n, want)
		}
	}
	if _, posts := s.batches(); posts != want.Posts {
		t.Errorf("%d posts are covered, want %d", posts, want.Posts)
	}
}

// What was read and is no row is said in a sentence, and by the exit code; the
// figures on stdout are those of the files all the same.
func TestWhatIsNoRowIsSaid(t *testing.T) {
	t.Parallel()
	var stdout, stderr strings.Builder
	cmd := &cobra.Command{}
	cmd.SetOut(&stdout)
	cmd.SetErr(&stderr)
	n := imported{Files: 1, Records: 40_000, Posts: 40_000, missing: []string{notRows(3, 12, 40_000)}}
	if err := reportImport(cmd, n, true); !errors.Is(err, errMissing) {
		t.Errorf("error %v, want %v", err, errMissing)
	}
	const want = "file 3: 12 of 40,000 posts are not rows: they could not be normalised, or waited too long for it; " +
		"see `doxtrail deadletters list`, or import the file again\n"
	if stderr.String() != want || !strings.HasPrefix(stdout.String(), `{"files":1,"records":40000,`) {
		t.Errorf("stderr %q, stdout %q", stderr.String(), stdout.String())
	}
}
