package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// typist types the next answer when it sees a question; a secret one when the
// terminal has stopped to show what is typed.
type typist struct {
	to      *os.File
	answers []string
}

func (p *typist) Write(shown []byte) (int, error) {
	if string(shown) == "\n" || len(p.answers) == 0 {
		return len(shown), nil
	}
	answer := p.answers[0] + "\n"
	if p.answers = p.answers[1:]; len(p.answers) > 0 {
		_, err := p.to.WriteString(answer)
		return len(shown), err
	}
	go func() {
		for {
			state, err := unix.IoctlGetTermios(int(p.to.Fd()), unix.TCGETS)
			if err != nil || state.Lflag&unix.ECHO == 0 {
				_, _ = p.to.WriteString(answer) // who waits for it in vain says so
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return len(shown), nil
}

// TestATerminalIsAskedForAllThree types what a login asks for: what reads the
// number and the code must leave the password to what reads it silently.
func TestATerminalIsAskedForAllThree(t *testing.T) {
	outside, inside := terminal(t)
	fd, err := unix.Open(inside.Name(), unix.O_RDWR|unix.O_NOCTTY, 0) // it blocks, as standard input does
	if err != nil {
		t.Fatal(err)
	}
	input := os.NewFile(uintptr(fd), "terminal")
	t.Cleanup(func() { _ = inside.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	answers := []string{"+10000000000", "12345", "correct horse"}
	cmd := &cobra.Command{}
	cmd.SetIn(input)
	cmd.SetErr(&typist{outside, answers})
	ask := asker(ctx, cmd)
	for i, want := range answers {
		got, err := ask("?", i == 2)
		if err != nil || got != want {
			t.Fatalf("answer %d has %d letters, not %d: %v", i, len(got), len(want), err)
		}
	}
}
