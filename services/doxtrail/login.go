package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
)

// loginLimit bounds a login: codes expire, and so does patience.
const loginLimit = 10 * time.Minute

func newLogin(opts *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log a collector's account in",
		Args:  args(noArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "telegram",
		Short: "Log the Telegram account in; asks for number, code and password",
		Long: `Asks for the account's number, the code that Telegram sends and, where the account
has one, its password, and keeps the session: sealed with a key of the ring, in
collector_telegram.session_file. The collector itself never logs in and never
asks. Without a terminal the answers are read from standard input, a line each.

Use a number of the organisation that has been in use for months, with two-step
verification and nothing personal on it: fresh accounts that only read are banned
within minutes. Stop the collector before; a session that is used twice at once is
ended by Telegram.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return loginTelegram(cmd, cfg)
		},
	})
	return cmd
}

func loginTelegram(cmd *cobra.Command, cfg *Config) error {
	if !cfg.CollectorTelegram.HasAccount() {
		return wrongUse(errNoAccount)
	}
	key, err := loginKey(cfg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), loginLimit)
	defer cancel()
	done, err := telegramcollector.Login(ctx, cfg.CollectorTelegram, key, asker(ctx, cmd))
	switch {
	case err != nil && cmd.Context().Err() == nil:
		return plain(err) // its sentences hold nothing that was typed
	case err != nil:
		return err
	case !done:
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "logged in already; nothing was changed")
	default:
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "logged in; the collector goes on by itself: doxtrail up")
	}
	return err
}

// loginKey opens the key that seals sessions. On one machine the data folder is
// made for it, and bound to the ring.
func loginKey(cfg *Config) (*privacy.StateKey, error) {
	if cfg.embedded() {
		if err := apart(cfg.Data, cfg.Keys); err != nil {
			return nil, err
		}
	}
	ring, err := openRing(cfg)
	if err != nil {
		return nil, plain(err)
	}
	if cfg.embedded() {
		if _, err := embedded.OpenFolder(cfg.Data); err != nil {
			return nil, err
		}
		if err := bindStudy(cfg.Data, ring.ID()); err != nil {
			return nil, err
		}
	}
	return (&parts{cfg: cfg, ring: ring}).stateKey()
}

// longestAnswer bounds what is read of one answer.
const longestAnswer = 1 << 10

// errNoAnswer says that there are fewer lines than questions.
var errNoAnswer = errors.New("standard input ended; it takes the number, the code and the password, a line each")

var errLongAnswer = errors.New("that is too long for an answer")

// asker asks the person at the terminal, or reads lines of standard input. Nothing
// of it is ever an argument, which shells and `ps` would show.
func asker(ctx context.Context, cmd *cobra.Command) telegramcollector.Ask {
	if in, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return terminalAsker(ctx, in, cmd.ErrOrStderr())
	}
	lines := bufio.NewReaderSize(interruptible(ctx, cmd.InOrStdin()), longestAnswer)
	return func(question string, _ bool) (string, error) {
		fmt.Fprintln(cmd.ErrOrStderr(), question)
		answer, more, err := lines.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			return "", errNoAnswer
		case err != nil:
			return "", err
		case more:
			return "", errLongAnswer
		}
		return strings.TrimSpace(string(answer)), nil
	}
}

// terminalAsker reads one line at a time and never ahead: who reads ahead would
// take the password away from whoever reads it silently.
func terminalAsker(ctx context.Context, terminal *os.File, to io.Writer) telegramcollector.Ask {
	return func(question string, secret bool) (string, error) {
		fmt.Fprint(to, question)
		if secret {
			answer, err := readSilently(ctx, int(terminal.Fd()))
			fmt.Fprintln(to)
			return answer, err
		}
		type line struct {
			text string
			err  error
		}
		read := make(chan line, 1)
		go func() {
			text := make([]byte, longestAnswer)
			n, err := terminal.Read(text) // a terminal gives a line at a time
			read <- line{string(text[:n]), err}
		}()
		select {
		case l := <-read:
			switch {
			case errors.Is(l.err, io.EOF):
				return "", errNoAnswer
			case l.err == nil && !strings.HasSuffix(l.text, "\n"):
				return "", errLongAnswer
			}
			return strings.TrimSpace(l.text), l.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
