package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/embedded"
)

// TestAnOperatorSeesFaultsAndMendsThem lets ClickHouse refuse some posts, gives
// one of them up and puts the others back; then it damages RECORDS while nothing
// runs, and wants the lost range named until it is acknowledged.
func TestAnOperatorSeesFaultsAndMendsThem(t *testing.T) {
	t.Parallel()
	c := smallCampaign(83)
	s := newStudy(t, c, c.Sites())
	posts := c.Truth(c.Sites()).Posts
	stop := s.up()
	s.clickhouse("ALTER TABLE doxtrail.posts ADD CONSTRAINT invented CHECK cityHash64(post_key) % 97 != 7")
	s.must("import", "--json", "archives")
	missing := posts - s.count("posts")
	letters := s.letters()
	failed := len(letters) // some are two records of one post
	if missing < 3 || failed < missing {
		t.Fatalf("%d of %d posts are missing, %d records failed", missing, posts, failed)
	}
	for _, d := range letters {
		if d.Class != "refused" || d.Service != "recorder" || d.Kind != "posts" || d.Lane != "archive" || d.Records != 1 {
			t.Errorf("listed as %+v", d)
		}
	}
	if out := s.must("deadletters", "list"); !strings.Contains(out, "refused") || !strings.Contains(out, "deadletters retry --all") {
		t.Errorf("list prints %s", out)
	}
	if out := s.must("status"); !strings.Contains(out, "TROUBLE  failed records") {
		t.Errorf("status prints %s", out)
	}
	if r := s.run("doctor"); r.code != exitFailed || !strings.Contains(r.stdout, "FAIL  failed records") {
		t.Errorf("doctor ends with %d and prints %s", r.code, r.stdout)
	}

	if r := s.run("deadletters", "retry", "--all"); r.code != exitFailed || !strings.Contains(r.stdout, strconv.Itoa(failed)+" failed again") {
		t.Errorf("a retry too early ends with %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if r := s.run("deadletters", "drop", "1"); r.code != exitUsage {
		t.Errorf("to drop what is not there ends with %d", r.code)
	}
	first := strconv.FormatUint(s.letters()[0].Sequence, 10)
	if out := s.must("deadletters", "drop", first); out != "dropped 1 record: 1 refused\n" {
		t.Errorf("drop prints %q", out)
	}
	s.clickhouse("ALTER TABLE doxtrail.posts DROP CONSTRAINT invented")
	var n retried
	if err := json.Unmarshal([]byte(s.must("deadletters", "retry", "--json", "--class", "refused", "--all")), &n); err != nil {
		t.Fatal(err)
	}
	if want := (retried{PutBack: failed - 1, CameThrough: failed - 1}); n != want {
		t.Errorf("retry gives %+v, want %+v", n, want)
	}
	if got := s.count("posts"); got < posts-1 || len(s.letters()) != 0 {
		t.Errorf("%d posts are there, want all but perhaps the one that was given up of %d", got, posts)
	}
	var st status
	if err := json.Unmarshal([]byte(s.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.FailedDropped < 1 || int(st.FailedRetried) != 2*failed-1 || len(st.Troubles) != 0 {
		t.Errorf("status --json: %+v", st)
	}
	if r := stop(); r.code != exitDone {
		t.Fatalf("up ended with %d\n%s", r.code, r.stderr)
	}
	s.damaged()
}

// damaged flips a bit of RECORDS and follows what is said of it.
func (s *testStudy) damaged() {
	s.t.Helper()
	blocks, err := filepath.Glob(s.path("data/nats/jetstream/*/streams/RECORDS/msgs/*.blk"))
	if err != nil || len(blocks) == 0 {
		s.t.Fatalf("%d blocks: %v", len(blocks), err)
	}
	b, err := os.ReadFile(blocks[0])
	if err == nil {
		b[len(b)/2] ^= 4
		err = os.WriteFile(blocks[0], b, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	stop := s.up()
	r := s.run("doctor")
	if r.code != exitFailed || !strings.Contains(r.stdout, "FAIL  lost messages: RECORDS lost ") {
		s.t.Errorf("doctor ends with %d and prints %s", r.code, r.stdout)
	}
	if out := s.must("status"); !strings.Contains(out, "TROUBLE  lost messages: RECORDS lost ") {
		s.t.Errorf("status prints %s", out)
	}
	if out := s.must("doctor", "--acknowledge-gaps"); !strings.HasPrefix(out, "acknowledged: RECORDS lost ") {
		s.t.Errorf("the acknowledgement prints %s", out)
	}
	if r := s.run("doctor"); r.code != exitDone {
		s.t.Errorf("doctor ends with %d after it was acknowledged: %s", r.code, r.stdout)
	}
	logged := r.stderr // who finds it first
	if r := stop(); r.code != exitDone || !strings.Contains(logged+r.stderr, "a stream lost messages") {
		s.t.Errorf("up ended with %d\n%s", r.code, logged+r.stderr)
	}
}

// letters lists what failed.
func (s *testStudy) letters() []deadletter {
	s.t.Helper()
	var out struct {
		Records []deadletter `json:"records"`
	}
	if err := json.Unmarshal([]byte(s.must("deadletters", "list", "--json")), &out); err != nil {
		s.t.Fatal(err)
	}
	return out.Records
}

// count counts the rows of a view.
func (s *testStudy) count(view string) int {
	s.t.Helper()
	_, number, _ := strings.Cut(s.must("sql", "--format", "tsv", "SELECT count() AS n FROM "+view), "\n")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// clickhouse runs a statement with the services' account.
func (s *testStudy) clickhouse(statement string) {
	s.t.Helper()
	run, err := embedded.ReadRun(s.path("data"))
	if err != nil {
		s.t.Fatal(err)
	}
	password, err := os.ReadFile(run.ClickHouse.PasswordFile)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, run.ClickHouse.URL, strings.NewReader(statement))
	if err != nil {
		s.t.Fatal(err)
	}
	request.SetBasicAuth(run.ClickHouse.User, strings.TrimSpace(string(password)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d %s", statement, response.StatusCode, body)
	}
}
