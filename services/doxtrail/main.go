// Command doxtrail tracks how doxxing cards spread.
//
// It is one binary for everything: `doxtrail up` runs all services in one
// process on an embedded NATS and an embedded ClickHouse, `doxtrail run
// SERVICE` runs one of them against servers, and the other commands import
// archives and ask questions. Each command has a file of its own; this package
// holds wiring and nothing else.
//
// Results go to stdout, everything else to stderr. Exit codes: 0 done, 1
// failed, 2 wrong use or configuration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// version is set by the linker; `make build` gives the git description.
var version = "unknown"

// Exit codes, see the package comment.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	disableCoreDumps()
	if os.Args[0] == crashName {
		crashFilter()
		return
	}
	filterCrash()
	silenceLibraries()
	service.BudgetMemory()
	endProfile, err := startProfile()
	if err != nil {
		fmt.Fprintf(os.Stderr, "doxtrail: %v\n", err)
		os.Exit(exitUsage)
	}
	// A reader that goes away (doxtrail query ... | head) must not kill the
	// process that serves the data folder: writing fails, and it stops in order.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err := endProfile(); err != nil {
		fmt.Fprintf(os.Stderr, "doxtrail: %v\n", err)
	}
	os.Exit(code)
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot() //nolint:contextcheck // cobra hands the context to each command
	root.SetArgs(args)
	root.SetIn(stdin)
	out := &outlet{to: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	text, code := ending(root.ExecuteContext(ctx), out)
	if text != "" {
		fmt.Fprintf(stderr, "doxtrail: %s\n", text)
	}
	return code
}

// outlet is what a command prints to, and knows when nobody reads it any more. The
// error alone does not tell: a connection to a server that broke has it too.
type outlet struct {
	to     io.Writer
	closed bool
}

func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	o.closed = o.closed || errors.Is(err, syscall.EPIPE)
	return n, err
}

// ending gives what a user is told at the end of a command, and its exit code.
func ending(err error, out *outlet) (text string, code int) {
	var usage *usageError
	switch {
	case err == nil, out.closed && errors.Is(err, syscall.EPIPE):
		return "", exitDone // who closed the pipe has seen enough
	case errors.As(err, &usage):
		return usage.Error(), exitUsage // what came with it, from closing, is not known to be clean
	default:
		return userText(err), exitFailed
	}
}

// usageError is wrong use or a wrong configuration: exit code 2. Its text is
// what the user typed or wrote, so it is shown as it is.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// wrongUse marks err as wrong use; nil stays nil.
func wrongUse(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// plainError has a text that is known to hold no content, such as ClickHouse's
// answer to the user's own query: it is not scrubbed.
type plainError struct{ err error }

func (e *plainError) Error() string { return e.err.Error() }
func (e *plainError) Unwrap() error { return e.err }

// userText is what a user is shown of an error: scrubbed, because errors of
// libraries quote what they choke on.
func userText(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped; what was not finished is done by running the command again"
	}
	var plain *plainError
	if errors.As(err, &plain) {
		return plain.Error() // what came with it, from closing, is not known to be clean
	}
	return privacy.ScrubError(err)
}

func newRoot() *cobra.Command {
	opts := &options{}
	root := &cobra.Command{
		Use:   "doxtrail",
		Short: "Track how doxxing cards spread, without keeping what they say",
		Long: `doxtrail shows how doxxing cards spread: which card, on which mirror site, was
first posted where, who passed it on, how fast and how far. It keeps no text, no
names and no pictures: what it stores are keyed ids that join and cannot be read,
and, sealed for a custodian, what finds a post again.

Start with:  doxtrail import ARCHIVE...   then:  doxtrail query card_spread`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          args(count(0, 0, "unknown command; `doxtrail import` reads archives")),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUse(fmt.Errorf("%w; see `%s --help`", flagFault(err), cmd.CommandPath()))
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	opts.bind(root.PersistentFlags())
	root.AddCommand(
		newUp(opts),
		newRun(opts),
		newImport(opts),
		newSQL(opts),
		newQuery(opts),
		newBackup(opts),
		newRestore(opts),
		newStatus(opts),
		newDoctor(opts),
		newDeadletters(opts),
		newChannels(opts),
		newKeys(opts),
		newLookup(opts),
		newLogin(opts),
		newCheckConfig(opts),
		newVersion(),
		newKinds(),
		newLinks(opts),
		newLocate(opts),
		newSites(opts),
		newRematch(opts),
		newErase(opts),
		newExplain(opts),
	)
	return root
}

// args wraps an argument check so that its fault is wrong use.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return wrongUse(fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath()))
		}
		return nil
	}
}

// count says otherwise where there are fewer or more arguments. As all checks
// here it never repeats what was typed, as cobra's do: it may be the name of a
// file, and that of a person.
func count(least, most int, otherwise string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) < least || len(given) > most {
			return errors.New(otherwise)
		}
		return nil
	}
}

// noArgs is for commands that take flags only, and for those that only have
// commands below them.
func noArgs(cmd *cobra.Command, given []string) error {
	if cmd.HasSubCommands() {
		return count(0, 0, "unknown command")(cmd, given)
	}
	return count(0, 0, "nothing but flags may follow")(cmd, given)
}
