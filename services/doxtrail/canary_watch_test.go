package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
)

// canaryWatch is a study in which every trace of what its archives say is
// noted: in what commands print, in every file they leave behind, in tables
// and in streams.
type canaryWatch struct {
	*testStudy
	campaign *campaign.Campaign
	scanner  *privacytest.Scanner
	listen   string // where `up` serves its pages

	leaks *leaks
}

// leaks collects what was found, each with the place it was found in.
type leaks struct {
	mu   sync.Mutex
	list []leak
}

type leak struct {
	place string
	hit   privacytest.Hit
}

func (l *leaks) add(place string, hits []privacytest.Hit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, hit := range hits {
		l.list = append(l.list, leak{place, hit})
	}
}

// mostShown bounds how many finds of one place are told: a leaking column gives
// thousands.
const mostShown = 3

// report fails the test for every place with a find, without repeating values.
func (l *leaks) report(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[string][]string{}
	for _, one := range l.list {
		found[one.place] = append(found[one.place], one.hit.String())
	}
	for _, place := range slices.Sorted(maps.Keys(found)) {
		hits := found[place]
		t.Errorf("%s: %d finds, such as\n\t%s", place, len(hits), strings.Join(hits[:min(mostShown, len(hits))], "\n\t"))
	}
}

// in says whether a canary of this kind was found in a place that begins so.
func (l *leaks) in(place string, kind privacytest.Kind) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.list, func(found leak) bool {
		return strings.HasPrefix(found.place, place) && found.hit.Kind == kind
	})
}

// newCanaryWatch makes a study whose commands log all they can.
func newCanaryWatch(t *testing.T, c *campaign.Campaign, more ...privacytest.Canary) *canaryWatch {
	t.Helper()
	w := &canaryWatch{testStudy: newStudy(t, c, c.Sites()), campaign: c, listen: freeAddress(t), leaks: &leaks{}}
	w.write("doxtrail.yaml", "watchlist: watchlist.yaml\ndata: data\nkeys: keys\nlog_level: debug\nlisten: "+w.listen+"\n"+
		"collector_archive:\n  inbox: broken\n  inbox_poll: 100ms\n")
	err := os.Mkdir(w.path("broken"), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if w.scanner, err = privacytest.NewScanner(append(canaries(c), more...)); err != nil {
		t.Fatal(err)
	}
	return w
}

// canaries are the campaign's, as the scanner takes them. Whole texts are cut:
// what stands in one place of a text stands for all of it, the sentences are
// canaries of their own, and the scanner stays fast.
func canaries(c *campaign.Campaign) []privacytest.Canary {
	const textRunes = 20
	var all []privacytest.Canary
	for i, canary := range c.Canaries() {
		value := canary.Value
		if runes := []rune(value); canary.Kind == campaign.CanaryText && len(runes) > textRunes {
			value = string(runes[:textRunes])
		}
		all = append(all, privacytest.Canary{Kind: privacytest.Kind(canary.Kind), Index: i, Value: value})
	}
	return all
}

// freeAddress finds a port that nobody serves at.
func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// on is the same watch for a subtest.
func (w *canaryWatch) on(t *testing.T) *canaryWatch {
	study := *w.testStudy
	study.t = t
	other := *w
	other.testStudy = &study
	return &other
}

// see notes the traces in what a command printed.
func (w *canaryWatch) see(what string, r result) result {
	w.leaks.add("stdout of "+what, w.scanner.ScanString(r.stdout))
	w.leaks.add("stderr of "+what, w.scanner.ScanString(r.stderr))
	return r
}

// call runs a command and looks at what it printed; what names the command
// without its arguments, which may hold a canary.
func (w *canaryWatch) call(what string, args ...string) result {
	w.t.Helper()
	return w.see(what, w.run(args...))
}

// succeed is call for a command that must end with 0.
func (w *canaryWatch) succeed(what string, args ...string) string {
	w.t.Helper()
	r := w.call(what, args...)
	if r.code != 0 {
		w.t.Fatalf("%s: exit %d\n%s", what, r.code, r.stderr)
	}
	return r.stdout
}

// fail is call for a command that must not end with 0.
func (w *canaryWatch) fail(what string, args ...string) {
	w.t.Helper()
	if r := w.call(what, args...); r.code == 0 {
		w.t.Errorf("%s: exit 0, want a failure", what)
	}
}

// sources are what the user put into the study's folder: they say what they
// say. Everything else there was written by doxtrail.
func sources() []string {
	return []string{"archives", "broken", "watchlist.yaml", "doxtrail.yaml", "api_hash", "x-token"}
}

// sweep looks at every byte and name in the study's folder: data, keys,
// temporary files, home folder and whatever else a command left.
func (w *canaryWatch) sweep(when string) {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if slices.Contains(sources(), name) {
			continue
		}
		w.leaks.add(when+": name in the study's folder", w.scanner.ScanString(name))
		if !entry.IsDir() {
			w.sweepFile(when, name)
			continue
		}
		hits, err := w.scanner.ScanTree(w.path(name))
		if err != nil {
			w.t.Fatal(err)
		}
		w.leaks.add(when+": "+name, hits)
	}
}

func (w *canaryWatch) sweepFile(when, name string) {
	w.t.Helper()
	file, err := os.Open(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	hits, err := w.scanner.Scan(file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.leaks.add(when+": "+name, hits)
}

// feed starts a command that reads from a pipe.
func (w *canaryWatch) feed(args ...string) (cmd *exec.Cmd, stdin *os.File, ended func() result) {
	w.t.Helper()
	read, stdin, err := os.Pipe()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), commandTimeout)
	cmd = w.command(ctx, args...)
	var stdout, stderr syncBuffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = read, &stdout, &stderr
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	_ = read.Close()
	return cmd, stdin, func() result {
		defer cancel()
		_ = cmd.Wait() // its state tells
		_ = stdin.Close()
		return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
}

// archive finds the first written archive by the end of its name.
func (w *canaryWatch) archive(suffix string) string {
	w.t.Helper()
	var found string
	err := filepath.WalkDir(w.path("archives"), func(path string, _ os.DirEntry, err error) error {
		if found == "" && strings.HasSuffix(path, suffix) {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		w.t.Fatal(fmt.Errorf("no archive ends in %q: %w", suffix, err))
	}
	return found
}
