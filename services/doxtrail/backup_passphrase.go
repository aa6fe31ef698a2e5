package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// longestPassphrase bounds what is read of a passphrase file.
const longestPassphrase = 4 << 10

// passphrase reads the passphrase of a keys file: from the first line of a
// file, of standard input ("-"), or from the terminal. It is never an argument,
// which shells and `ps` would show.
func passphrase(cmd *cobra.Command, file string, twice bool) (string, error) {
	if file == "" {
		return promptPassphrase(cmd, twice)
	}
	in := interruptible(cmd.Context(), cmd.InOrStdin())
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", wrongUse(errors.New("--passphrase-file cannot be read"))
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, longestPassphrase)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", wrongUse(errors.New("--passphrase-file cannot be read"))
	}
	return checked(strings.TrimRight(line, "\r\n"))
}

func promptPassphrase(cmd *cobra.Command, twice bool) (string, error) {
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", wrongUse(errors.New("there is no terminal to ask for the passphrase of the keys file: name a file with --passphrase-file, or - for standard input"))
	}
	ask := func(question string) (string, error) {
		fmt.Fprint(cmd.ErrOrStderr(), question)
		text, err := readSilently(cmd.Context(), int(in.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		return text, err
	}
	first, err := ask("passphrase of the keys file: ")
	if err != nil {
		return "", err
	}
	if twice {
		again, err := ask("the same again: ")
		if err != nil {
			return "", err
		}
		if again != first {
			return "", wrongUse(errors.New("the two passphrases differ"))
		}
	}
	return checked(first)
}

// readSilently reads a line that the terminal does not show, or ends with ctx:
// Ctrl-C is a signal here, and ends no read.
func readSilently(ctx context.Context, terminal int) (string, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(terminal)
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		return string(l.text), l.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(terminal, before))
	}
}

func checked(passphrase string) (string, error) {
	return passphrase, wrongUse(privacy.CheckPassphrase(passphrase))
}
