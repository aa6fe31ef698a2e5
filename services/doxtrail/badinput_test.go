package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// repeated is how many posts the bad files have in common.
const repeated = 5

// mostMemory bounds the whole process, 550 MB of engine included, while it
// reads a line of 100 MB and what unpacks to 200 MB each.
const mostMemory = 1536 << 20

// Whatever an operator names by mistake gets a sentence that says where, what
// and what to do, and nothing of its content; what is good becomes rows.
func TestBadInputGetsASentenceAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	people := privacytest.New(97, 1)
	b := &badFiles{t: t, person: people.Persons[0]}
	c := campaign.New(3, campaign.Size{Posts: 300, Channels: 4, Accounts: 8, Cards: 3})
	s := newStudy(t, c, c.Sites())
	cases := b.cases()
	if err := os.MkdirAll(s.path("bad/"+b.person.Handle), 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "--json"}
	for i, c := range cases {
		path := filepath.Join("bad", b.person.Handle, fmt.Sprintf("%d%s", i, b.person.FileName))
		c.make(s.path(path))
		args = append(args, path)
	}
	r, memory := s.measured(args...)
	if r.code != 1 {
		t.Errorf("exit %d, want 1", r.code)
	}
	if memory > mostMemory {
		t.Errorf("the process took %d MiB, want less than %d", memory>>20, mostMemory>>20)
	}
	t.Logf("at most %d MiB", memory>>20)
	if r.stdout == "" {
		t.Fatal(r.stderr)
	}
	n := s.figures(r.stdout)
	if n.Records != n.Posts+n.NonPosts+n.Rejected+n.Duplicates {
		t.Errorf("the figures do not add up: %+v", n)
	}
	// Some posts come in two files. Each is one row.
	const ask = "SELECT (SELECT sum(post_count) FROM imports), (SELECT count() FROM posts)"
	_, got, _ := strings.Cut(strings.TrimSpace(s.must("sql", "--format", "tsv", ask)), "\n")
	if want := fmt.Sprintf("%d\t%d", n.Posts, n.Posts-repeated); got != want {
		t.Errorf("posts by the imports and as rows: %q, want %q", got, want)
	}
	golden(t, "badinput.golden.txt", told(t, cases, r.stderr)+r.stdout)
	hits := people.Scanner().ScanString(r.stdout + r.stderr)
	for _, folder := range []string{"data", "keys", "tmp", "home"} {
		if _, err := os.Stat(s.path(folder)); errors.Is(err, os.ErrNotExist) && folder == "home" {
			continue
		}
		found, err := people.Scanner().ScanTree(s.path(folder))
		if err != nil {
			t.Fatal(err)
		}
		hits = append(hits, found...)
	}
	for _, hit := range hits {
		t.Errorf("content is readable: %s", hit)
	}
}

// measured runs a command and tells how much memory it took at most, in bytes, as its
// own high-water mark says while it runs: what the system tells of it at its end counts
// this process's memory too, which it shares for a moment before it becomes the other.
func (s *testStudy) measured(args ...string) (r result, memory int64) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				s.t.Fatal(err)
			}
			if memory == 0 {
				s.t.Fatal("the system tells no memory")
			}
			return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, memory
		case <-time.After(20 * time.Millisecond):
			memory = max(memory, highWater(cmd.Process.Pid))
		}
	}
}

// highWater is the most memory that a process has had so far, in bytes; none of one
// that is not there any more.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kilobytes int64
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscan(rest, &kilobytes)
	return kilobytes << 10
}

// told sorts the sentences under the cases they are about, by the positions of
// files that they name.
func told(t *testing.T, cases []badCase, stderr string) string {
	t.Helper()
	position := regexp.MustCompile(`^(?:not read|note): file (\d+)\b`)
	sentences := map[int][]string{}
	var others []string
	for line := range strings.Lines(stderr) {
		m := position.FindStringSubmatch(line)
		if m == nil {
			others = append(others, line)
			continue
		}
		file, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		sentences[file] = append(sentences[file], "  "+line)
	}
	var out strings.Builder
	file := 0
	for _, c := range cases {
		fmt.Fprintf(&out, "%s\n", c.name)
		said := 0
		for range c.files {
			file++
			out.WriteString(strings.Join(sentences[file], ""))
			said += len(sentences[file])
		}
		if good := strings.HasPrefix(c.name, "good:"); good != (said == 0) {
			t.Errorf("%s: %d sentences", c.name, said)
		}
	}
	out.WriteString(strings.Join(others, ""))
	return out.String()
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-golden +got), write it anew with -update:\n%s", name, diff)
	}
}
