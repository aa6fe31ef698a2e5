package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script is a study whose binary is a shell script.
func script(t *testing.T, lines string) study {
	t.Helper()
	dir := t.TempDir()
	s := study{binary: filepath.Join(dir, "doxtrail"), dir: dir, log: filepath.Join(dir, "up.log")}
	if err := os.WriteFile(s.binary, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestUpIsEndedAndItsExitCodeCounts(t *testing.T) {
	for code, want := range map[string]error{"0": nil, "3": errEnding} {
		s := script(t, "trap 'exit "+code+"' INT; echo doxtrail is up >&2; while :; do sleep 0.02; done")
		up, err := s.up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := up.stop(); !errors.Is(err, want) {
			t.Errorf("ended with %s: %v", code, err)
		}
		if err := up.cmd.Process.Signal(os.Interrupt); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("it runs still: %v", err)
		}
	}
}

func TestUpThatEndsByItselfIsToldWithItsLog(t *testing.T) {
	_, err := script(t, "echo the ring is missing >&2; exit 2").up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the ring is missing") {
		t.Errorf("got %v", err)
	}
}

func TestACommandThatFailsIsToldWithItsSentence(t *testing.T) {
	_, err := script(t, "echo doxtrail: no such query >&2; exit 2").call(t.Context(), "", "query", "nothing")
	if err == nil || !strings.Contains(err.Error(), "doxtrail query") || !strings.Contains(err.Error(), "no such query") {
		t.Errorf("got %v", err)
	}
}

func TestFailedRecordsAreAFault(t *testing.T) {
	for answer, ok := range map[string]bool{`{"failed_records":0}`: true, `{"failed_records":2}`: false, `?`: false} {
		if err := script(t, "echo '"+answer+"'").healthy(t.Context()); (err == nil) != ok {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
