package audit_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/audit"
)

func newLog(t *testing.T) (log *audit.Log, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), audit.FileName)
	return audit.Open(path), path
}

func appended(t *testing.T, log *audit.Log, reasons ...string) {
	t.Helper()
	for _, reason := range reasons {
		if err := log.Append(audit.Entry{Action: "locate", Reason: reason, Counts: map[string]int64{"locators": 1}}); err != nil {
			t.Fatal(err)
		}
	}
}

func reasons(t *testing.T, log *audit.Log) (list []string) {
	t.Helper()
	entries, err := log.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.At.IsZero() || e.Who == "" || e.Counts["locators"] != 1 {
			t.Errorf("an entry lacks something: %+v", e)
		}
		list = append(list, e.Reason)
	}
	return list
}

func TestEntriesAreReadInTheirOrder(t *testing.T) {
	log, path := newLog(t)
	if head, err := log.Head(); head != "" || err != nil {
		t.Errorf("the head of no log is %q, %v", head, err)
	}
	appended(t, log, "first", "second")
	appended(t, audit.Open(path), "third")
	if diff := cmp.Diff([]string{"first", "second", "third"}, reasons(t, log)); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
}

func TestWithoutAReasonNothingIsWritten(t *testing.T) {
	log, path := newLog(t)
	if err := log.Append(audit.Entry{Action: "locate", Reason: " "}); !errors.Is(err, audit.ErrNoReason) {
		t.Errorf("got %v", err)
	}
	if err := log.Append(audit.Entry{Action: "locate", Reason: strings.Repeat("why ", 200)}); err == nil {
		t.Error("a reason of any length is taken")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file was made")
	}
}

func TestAReasonHoldsNoNumberOfAPerson(t *testing.T) {
	log, path := newLog(t)
	appended(t, log, "asked by the person at 9123 4567 about https://harbour-leaks.example/card/wong-siu-ming")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"9123", "4567", "wong"} {
		if bytes.Contains(content, []byte(value)) {
			t.Errorf("the log holds %q", value)
		}
	}
}

func TestEveryChangeOfALineShows(t *testing.T) {
	log, path := newLog(t)
	appended(t, log, "first", "second", "third")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	for what, changed := range map[string][]byte{
		"a word":             bytes.Replace(content, []byte("second"), []byte("Second"), 1),
		"a line taken out":   bytes.Join([][]byte{lines[0], lines[2]}, nil),
		"the first is gone":  bytes.Join(lines[1:], nil),
		"two change places":  bytes.Join([][]byte{lines[1], lines[0], lines[2]}, nil),
		"a line put in":      bytes.Join([][]byte{lines[0], lines[1], lines[1], lines[2]}, nil),
		"something else":     append([]byte("{}\n{}\n"), content...),
		"a line without end": append(bytes.Repeat([]byte("x"), 1<<20), content...),
	} {
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := log.Read(); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%s: read gives %v", what, err)
		}
		if err := log.Append(audit.Entry{Action: "locate", Reason: "more"}); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%s: append gives %v", what, err)
		}
	}
}

// A process that is killed leaves a line without its end.
func TestALineThatWasCutOffIsNone(t *testing.T) {
	log, path := newLog(t)
	appended(t, log, "first")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(`{"action":"loc`)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	appended(t, log, "second")
	if diff := cmp.Diff([]string{"first", "second"}, reasons(t, log)); diff != "" {
		t.Error(diff)
	}
}

func TestManyMayAppendAtOnce(t *testing.T) {
	_, path := newLog(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			log := audit.Open(path)
			for range 5 {
				if err := log.Append(audit.Entry{Action: "locate", Reason: "worker " + strconv.Itoa(i), Counts: map[string]int64{"locators": 1}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := len(reasons(t, audit.Open(path))); n != 40 {
		t.Errorf("%d entries of 40", n)
	}
}

// Of many who ask at once no more are let through than one after the other.
func TestWhoAsksAtOnceIsCounted(t *testing.T) {
	log, path := newLog(t)
	const most = 3
	full := errors.New("full")
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			err := audit.Open(path).AppendIf(audit.Entry{Action: "lookup", Reason: "why", Counts: map[string]int64{"locators": 1}}, func(before []audit.Entry) error {
				if len(before) >= most {
					return full
				}
				return nil
			})
			if err != nil && !errors.Is(err, full) {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	if n := len(reasons(t, log)); n != most {
		t.Errorf("%d were let through, want %d", n, most)
	}
}
