package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// The tests of this package drive the built binary as a user would: what is
// wired wrong, printed wrong or left behind shows only there.

// binary is the path of the binary under test.
var binary string

// buildFlags are those of a test that needs another binary than users have.
var buildFlags []string

func TestMain(m *testing.M) {
	if os.Args[0] == crashName {
		crashFilter()
		return
	}
	if how := os.Getenv(crashVariable); how != "" {
		crash(how)
	}
	os.Exit(withBinary(m))
}

func withBinary(m *testing.M) int {
	dir, err := os.MkdirTemp("", "doxtrail-binary-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "doxtrail")
	build := exec.Command("go", append(append([]string{"build", "-trimpath"}, buildFlags...), "-o", binary, ".")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if slices.Contains(buildFlags, "-race") {
		build.Env = append(os.Environ(), "CGO_ENABLED=1")
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	library, err := filepath.Abs("../../deploy/embedded/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv("DOXTRAIL_LIBCHDB") == "" {
		os.Setenv("DOXTRAIL_LIBCHDB", library)
	}
	return m.Run()
}

// commandTimeout ends a command that hangs.
const commandTimeout = 3 * time.Minute

// study is one data folder with its key ring and configuration, as a user has.
type testStudy struct {
	t   *testing.T
	dir string
	// temp is the folder for temporary files of all commands.
	temp string
}

// onTerms are settings under which questions about single accounts are answered
// over rows of X too: the ledgers know them all.
const onTerms = "collector_twitter: {terms_basis: dsa_40_12}\n"

// newStudy makes an empty study with a campaign's archives in it.
func newStudy(t *testing.T, c *campaign.Campaign, sites []string) *testStudy {
	t.Helper()
	s := &testStudy{t: t, dir: t.TempDir()}
	s.temp = filepath.Join(s.dir, "tmp")
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WriteArchives(s.path("archives")); err != nil {
		t.Fatal(err)
	}
	s.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\n"+onTerms)
	s.watch(c, sites)
	return s
}

func (s *testStudy) path(name string) string { return filepath.Join(s.dir, name) }

func (s *testStudy) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// watch writes the watch list with these sites.
func (s *testStudy) watch(c *campaign.Campaign, sites []string) {
	s.t.Helper()
	var list bytes.Buffer
	if err := c.WriteWatchlist(&list, sites); err != nil {
		s.t.Fatal(err)
	}
	s.write("watchlist.yaml", list.String())
}

// command prepares a command in the study's folder.
func (s *testStudy) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "TMPDIR="+s.temp, "HOME="+s.path("home"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // shows where it hangs
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// result is what a command came to.
type result struct {
	stdout, stderr string
	code           int
}

// run runs a command to its end.
func (s *testStudy) run(args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("doxtrail %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must runs a command that has to succeed and returns its stdout.
func (s *testStudy) must(args ...string) string {
	s.t.Helper()
	r := s.run(args...)
	if r.code != 0 {
		s.t.Fatalf("doxtrail %s: exit %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r.stdout
}

// ask runs a query with --format json into rows.
func (s *testStudy) ask(rows any, args ...string) {
	s.t.Helper()
	out := s.must(append([]string{"query", "--format", "json"}, args...)...)
	if err := json.Unmarshal([]byte(out), rows); err != nil {
		s.t.Fatalf("query %s: %v in %.200s", strings.Join(args, " "), err, out)
	}
}

// up starts `doxtrail up` and returns when it serves; the returned function
// stops it with Ctrl-C and returns how it ended.
func (s *testStudy) up() (stop func() result) {
	s.t.Helper()
	return s.startUntil("doxtrail is up", "up")
}

// start starts a command that runs until it is stopped with Ctrl-C.
func (s *testStudy) start(args ...string) (stop func() result) {
	s.t.Helper()
	return s.startUntil("", args...)
}

// startUntil starts a command and returns when it has logged a line.
func (s *testStudy) startUntil(line string, args ...string) (stop func() result) {
	s.t.Helper()
	cmd := s.command(context.WithoutCancel(s.t.Context()), args...)
	var stdout, stderr syncBuffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	s.t.Cleanup(func() { _ = cmd.Process.Kill() }) // of a test that failed before it stopped it
	stop = func() result {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(commandTimeout):
			_ = cmd.Process.Signal(syscall.SIGQUIT) // shows where it hangs
			<-ended
		}
		return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
	if !stderr.await(line, ended) {
		r := stop()
		s.t.Fatalf("doxtrail %s did not come up: exit %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return stop
}
