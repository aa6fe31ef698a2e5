package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// typeSilently asks who sits at a terminal, and has the terminal show nothing of what is
// typed or pasted until done is called: screens are looked at, and what they showed is
// kept for scrolling back. Elsewhere it does nothing.
func typeSilently(cmd *cobra.Command, question string) (done func(), err error) {
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return func() {}, nil
	}
	terminal := int(in.Fd())
	before, err := unix.IoctlGetTermios(terminal, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("read from the terminal: %w", err)
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(terminal, unix.TCSETS, &hidden); err != nil {
		return nil, fmt.Errorf("read from the terminal: %w", err)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), question)
	return func() { _ = unix.IoctlSetTermios(terminal, unix.TCSETS, before) }, nil
}
