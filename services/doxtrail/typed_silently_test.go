package main

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A terminal shows nothing of what is to be erased, and is left as it was.
func TestATerminalDoesNotShowWhatIsToBeErased(t *testing.T) {
	t.Parallel()
	s := newStudy(t, smallCampaign(96), nil)
	outside, inside := terminal(t)
	r := s.begin(inside, "erase", "--post", "--reason", "x")
	stopped := make(chan struct{})
	go func() { r.wait(); close(stopped) }()
	if !r.stderr.await("it is not shown", stopped) {
		t.Fatalf("nothing was asked: %q", r.wait().stderr)
	}
	if _, err := outside.WriteString("nonsense chan-tai-man\n\x04"); err != nil {
		t.Fatal(err)
	}
	if r := r.wait(); r.code != exitUsage || !strings.Contains(r.stderr, "line 1 of standard input: it is no post") {
		t.Errorf("exit %d, %q", r.code, r.stderr)
	}
	state, err := unix.IoctlGetTermios(int(inside.Fd()), unix.TCGETS)
	if err != nil || state.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal shows nothing any more: %v", err)
	}
	if err := inside.Close(); err != nil {
		t.Fatal(err)
	}
	shown, _ := io.ReadAll(outside) // which ends with an error, as terminals do
	if strings.Contains(string(shown), "chan") {
		t.Errorf("the terminal shows %q", shown)
	}
}
