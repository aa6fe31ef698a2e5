package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lookUp asks for one page as a person types it.
func (s *testStudy) lookUp(typed string, flags ...string) result {
	s.t.Helper()
	cmd := s.command(s.t.Context(), append([]string{"lookup"}, flags...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(typed), &stdout, &stderr
	_ = cmd.Run() // the code tells
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func TestWhoIsOnACardLearnsWhereItWasSeen(t *testing.T) {
	t.Parallel()
	c := smallCampaign(83)
	s := newStudy(t, c, c.Sites())
	s.importAll("archives")
	truth := c.Truth(c.Sites())
	site := c.Sites()[0]
	if len(truth.Cards) < 3 {
		t.Fatal("too few cards to ask for")
	}
	defer s.up()()
	for _, card := range truth.Cards[:3] {
		// On whatever site of the family it is asked for.
		r := s.lookUp("https://www."+site+card.Path+"?utm_source=x\n", "--json", "--reason", "case 12")
		var got lookedUp
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
			t.Fatalf("exit %d: %v\n%s", r.code, err, r.stderr)
		}
		since := time.UnixMilli(card.FirstSeen.PostedAt).UTC()
		want := lookedUp{Places: uint64(card.Channels), Posts: uint64(card.Posts), Since: &since, Up: got.Up, Looked: got.Looked, Watched: true}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the answer differs (-want +got):\n%s", diff)
		}
		if got.Up > got.Posts || got.Looked > got.Posts {
			t.Errorf("more than all: %+v", got)
		}
	}
	if r := s.lookUp("https://" + site + truth.Cards[0].Path); !strings.HasPrefix(r.stdout, fmt.Sprintf("It was seen at %s since ", plural(truth.Cards[0].Channels, "place"))) {
		t.Errorf("the sentence is %q", r.stdout)
	}
	if r := s.lookUp("https://" + site + "/card/nobody-at-all"); r.stdout != "It was not seen in what this study collected.\n" {
		t.Errorf("of a page that was not seen: %q", r.stdout)
	}
	if r := s.lookUp("https://elsewhere.example/card/nobody-at-all"); !strings.Contains(r.stdout, "on no watch list") {
		t.Errorf("of a page elsewhere: %q", r.stdout)
	}
	for _, typed := range []string{"", "\n", "nobody-at-all", strings.Repeat("a", 10<<10)} {
		if r := s.lookUp(typed); r.code != exitUsage || strings.Contains(r.stderr, "nobody-at-all") {
			t.Errorf("%.20q: exit %d, %s", typed, r.code, r.stderr)
		}
	}
	s.looksUpNoMore(site, truth.Cards[0].Path)
}

// looksUpNoMore asks until no more is answered, from many processes at once, and reads
// what the log says of it. A dry run of erase asks the same question.
func (s *testStudy) looksUpNoMore(site, path string) {
	s.t.Helper()
	var asking sync.WaitGroup
	var answered atomic.Int32
	answered.Store(6) // by the test so far
	for range lookupsAnHour {
		asking.Go(func() {
			r := s.lookUp("https://" + site + path)
			switch {
			case r.code == exitDone:
				answered.Add(1)
			case !strings.Contains(r.stderr, "try again at ") || r.stdout != "":
				s.t.Errorf("exit %d: %s", r.code, r.stderr)
			}
		})
	}
	asking.Wait()
	if n := answered.Load(); n != lookupsAnHour {
		s.t.Errorf("%d look-ups were answered, want %d", n, lookupsAnHour)
	}
	if r := s.answer("https://"+site+path+"\n", "erase", "--card", "--dry-run", "--reason", "case 12"); r.code != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, "try again at ") {
		s.t.Errorf("a dry run tells what a look-up does not any more: exit %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	log, err := os.ReadFile(s.path("keys/audit.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	if n := bytes.Count(log, []byte("\n")); n != lookupsAnHour || !bytes.Contains(log, []byte("case 12")) {
		s.t.Errorf("the audit log has %d lines", n)
	}
	for _, value := range []string{site, path, path[1:], "nobody"} {
		if bytes.Contains(log, []byte(value)) {
			s.t.Errorf("the audit log holds %q", value)
		}
	}
}
