package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// terminal opens a pseudo-terminal: what a program writes to the second end
// comes out of the first.
func terminal(t *testing.T) (outside, inside *os.File) {
	t.Helper()
	outside, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = outside.Close() })
	if err := unix.IoctlSetPointerInt(int(outside.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(outside.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	inside, err = os.OpenFile(filepath.Join("/dev/pts", strconv.Itoa(number)), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return outside, inside
}

// TestATerminalShowsProgressAndNoNoise runs an import as a person sees it: the
// engine logs to a terminal what it keeps to itself elsewhere, and the bar is
// drawn there only.
func TestATerminalShowsProgressAndNoNoise(t *testing.T) {
	c := campaign.New(5, campaign.Size{Posts: 1500, Channels: 12, Accounts: 60, Cards: 14})
	s := newStudy(t, c, c.Sites())
	load, err := os.Create(s.path("load.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := campaign.Load(load, campaign.TelegramDesktop, 60_000, 5); err != nil {
		t.Fatal(err)
	}
	if err := load.Close(); err != nil {
		t.Fatal(err)
	}
	outside, inside := terminal(t)
	cmd := s.command(t.Context(), "import", "load.json")
	cmd.Stdout, cmd.Stderr = inside, inside
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = inside.Close()
	shown, err := io.ReadAll(outside)
	if err != nil && !errors.Is(err, syscall.EIO) { // how a terminal says that nobody writes any more
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("import: %v", err)
	}
	text := string(shown)
	for _, want := range []string{"file 1", "%", "read 1 file: 60,000 records"} {
		if !strings.Contains(text, want) {
			t.Errorf("the terminal does not show %q", want)
		}
	}
	if strings.Contains(text, "Fatal") || strings.Contains(text, "ThreadStatus") {
		t.Errorf("the terminal shows the engine's log:\n%.500s", text)
	}
}
