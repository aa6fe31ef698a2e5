package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// snapshot is what every query answers, to the byte, in the order it answers,
// and a sum over every row of every view.
func (s *testStudy) snapshot() map[string]string {
	s.t.Helper()
	answers := make(map[string]string)
	ask := func(args ...string) {
		answers[strings.Join(args, " ")] = s.must(append([]string{"query", "--format", "jsonl"}, args...)...)
	}
	for line := range strings.Lines(s.must("query", "--list")) {
		ask(strings.Fields(line)[0])
	}
	ask("platform_lag", "--param", "per=card")
	ask("spread_timeline", "--param", "bucket=hour")
	ask("spread_timeline", "--param", "bucket=week")
	var views []struct{ Name string }
	s.sql(&views, "SELECT name FROM system.tables WHERE database = 'research' ORDER BY name")
	sums := make([]string, 0, len(views))
	for _, v := range views {
		columns := "*"
		if v.Name == "imports" {
			columns = "* EXCEPT file_ordinal" // where in its call a file stood is no fact about the file
		}
		sums = append(sums, fmt.Sprintf("SELECT '%[1]s' AS view, count() AS n, sum(sipHash64(toString(tuple(%[2]s)))) AS sum FROM %[1]s", v.Name, columns))
	}
	answers["rows of all views"] = s.must("sql", "--format", "jsonl",
		"SELECT * FROM ("+strings.Join(sums, " UNION ALL ")+") ORDER BY view")
	if len(answers) < 14 || len(views) < 14 || answers["card_spread"] == "" {
		s.t.Fatalf("query --list names too few queries: %v", slices.Sorted(maps.Keys(answers)))
	}
	return answers
}

func sameAnswers(t *testing.T, when string, want, got map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, an answer changed (-before +after):\n%.4000s", when, diff)
	}
}

// archives lists the paths of all files of a campaign.
func archives(ledger campaign.Ledger) []string {
	var paths []string
	for _, f := range ledger.Files {
		paths = append(paths, "archives/"+f.Name)
	}
	return paths
}

func TestReadingFilesAgainChangesNoNumber(t *testing.T) {
	t.Parallel()
	c := smallCampaign(51)
	ledger := c.Truth(c.Sites())
	files := archives(ledger)
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	want := importFigures{Files: len(files), Figures: ledger.Totals}
	read := func(when string) {
		if diff := cmp.Diff(want, s.importAll(files...)); diff != "" {
			t.Errorf("%s, import --json (-ledger +printed):\n%s", when, diff)
		}
	}
	read("the first time")
	checkLedger(s, ledger, ledger)
	before := s.snapshot()

	read("a second time")
	sameAnswers(t, "a second time", before, s.snapshot())

	slices.Reverse(files)
	read("in reverse")
	sameAnswers(t, "in reverse", before, s.snapshot())

	// The same study read in another order from the start, by two processes at
	// once that have a third of the files in common. It has the same key ring,
	// so every key and every order must be the same too.
	twin := newStudy(t, c, c.Sites())
	twin.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: "+s.path("keys")+"\n"+onTerms)
	defer twin.up()()
	third := len(files) / 3
	importing := []*running{
		twin.begin(nil, append([]string{"import", "--json"}, files[:2*third]...)...),
		twin.begin(nil, append([]string{"import", "--json"}, files[third:]...)...),
	}
	for i, r := range importing {
		if r := r.wait(); r.code != 0 {
			t.Fatalf("import %d of 2 ended with %d:\n%s", i+1, r.code, r.stderr)
		}
	}
	sameAnswers(t, "split over two processes", before, twin.snapshot())
}

// A file that comes in another way is another file: standard input has a random
// identity because it cannot be read twice, and a packed file has the hash of
// its packing. So it stands in import_ledger once more, and coverage counts
// what was looked at once more. All other answers rest on posts, which have an
// identity of their own: they stay as they are.
func TestFileThatComesInAnotherWayAddsNoPost(t *testing.T) {
	t.Parallel()
	c := smallCampaign(52)
	ledger := c.Truth(c.Sites())
	s := newStudy(t, c, c.Sites())
	defer s.up()()
	s.importAll("archives")
	before := s.snapshot()
	imports := askRows[importRow](s, "import_ledger")

	for _, f := range biggest(ledger) {
		content := s.unpacked(f.Name)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		s.write("again.gz", packed.String())
		for name, input := range map[string][]byte{"again.gz": nil, "-": content} {
			r := s.begin(bytes.NewReader(input), "import", "--json", name).wait()
			if r.code != 0 {
				t.Fatalf("import of a %s file ended with %d:\n%s", f.Format, r.code, r.stderr)
			}
			if diff := cmp.Diff(importFigures{1, f.Figures}, s.figures(r.stdout)); diff != "" {
				t.Errorf("import --json (-ledger +printed):\n%s", diff)
			}
		}
	}
	after := s.snapshot()
	for _, look := range []string{"import_ledger", "coverage", "coverage_line", "rows of all views"} {
		delete(before, look)
		delete(after, look)
	}
	sameAnswers(t, "through stdin and packed", before, after)
	checkAddedImports(s, imports, biggest(ledger))
}

// biggest is the biggest file of each format.
func biggest(ledger campaign.Ledger) []campaign.FileFigures {
	by := make(map[campaign.Format]campaign.FileFigures)
	for _, f := range ledger.Files {
		if f.Records > by[f.Format].Records && !strings.HasSuffix(f.Name, ".gz") {
			by[f.Format] = f
		}
	}
	return slices.Collect(maps.Values(by))
}

// checkAddedImports asks that the imports from before stand as they were and
// that each of the files was added twice with the figures it had.
func checkAddedImports(s *testStudy, before []importRow, files []campaign.FileFigures) {
	s.t.Helper()
	want := slices.Clone(before)
	for _, f := range files {
		hash, _ := s.archived(f.Name)
		i := slices.IndexFunc(before, func(r importRow) bool { return *r.FileHash == hash })
		want = append(want, before[i], before[i])
	}
	sameRows(s.t, "import_ledger", askRows[importRow](s, "import_ledger"), want, func(r *importRow) {
		r.ImportID, r.FileHash = "", nil
	})
}

// running is a command that was started and not waited for.
type running struct {
	s              *testStudy
	what           string
	process        *os.Process
	stdout, stderr syncBuffer
	ended          chan result
}

// begin starts a command; input is its standard input, nil for none.
func (s *testStudy) begin(input io.Reader, args ...string) *running {
	s.t.Helper()
	r := &running{s: s, what: fmt.Sprintf("doxtrail %.80s", strings.Join(args, " ")), ended: make(chan result, 1)}
	cmd := s.command(s.t.Context(), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = input, &r.stdout, &r.stderr
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	r.process = cmd.Process
	go func() {
		_ = cmd.Wait() // the exit code tells
		r.ended <- result{r.stdout.String(), r.stderr.String(), cmd.ProcessState.ExitCode()}
	}()
	return r
}

// wait waits for the end of the command.
func (r *running) wait() result {
	r.s.t.Helper()
	select {
	case ended := <-r.ended:
		r.ended <- ended
		return ended
	case <-time.After(commandTimeout):
		_ = r.process.Signal(syscall.SIGQUIT) // shows where it hangs
		r.s.t.Fatalf("%s did not end:\n%s", r.what, (<-r.ended).stderr)
		return result{}
	}
}
