package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/doxtrail/doxtrail/pkg/audit"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

func newLocate(opts *options) *cobra.Command {
	var reason, custodian string
	var show bool
	cmd := &cobra.Command{
		Use:   "locate --reason TEXT [--custodian DIR] [--print]",
		Short: "Show where posts, channels and pages are, by their keys",
		Long: `Reads keys from standard input, one a line, as 'doxtrail sql' shows them in post_key,
channel_key and path_key, and prints a line of JSON for each locator that it opens. A
page has one for each mirror, a channel one for each of its names.

What it prints names people. It is opened in memory, with the custodian's private key,
and written nowhere; the audit log beside the key ring notes who asked, when, why and
how many, before anything is opened. Where standard output is no terminal, --print says
that you mean it.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.TrimSpace(reason) == "" {
				return wrongUse(audit.ErrNoReason)
			}
			if !show && !onTerminal(cmd.OutOrStdout()) {
				return wrongUse(errors.New("standard output is no terminal, and what is shown names people: say --print if whoever reads it may see that"))
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			if custodian == "" {
				custodian = cfg.Keys
			}
			key, err := custodianKey(custodian)
			if err != nil {
				return err
			}
			keys, err := readKeys(cmd)
			if err != nil {
				return err
			}
			return withTables(cmd, cfg, func(ctx context.Context, s *session) error {
				return s.locate(ctx, cmd, keys, key, reason)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, in a few words that name no person; it goes into the audit log")
	cmd.Flags().StringVar(&custodian, "custodian", "", "`DIR` with custodian.key (default: the key ring)")
	cmd.Flags().BoolVar(&show, "print", false, "print to what is no terminal")
	return cmd
}

// onTerminal says whether what is printed is seen, and not kept.
func onTerminal(w io.Writer) bool {
	if o, ok := w.(*outlet); ok {
		w = o.to
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func custodianKey(dir string) (privacy.PrivateKey, error) {
	key, err := privacy.OpenCustodianKey(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return key, wrongUse(errors.New("there is no custodian.key: name its folder with --custodian"))
	}
	return key, plain(err) // it says what to type about the user's own folder
}

// readKeys reads the keys that are asked about, each once.
func readKeys(cmd *cobra.Command) (keys []privacy.Key, err error) {
	const longestInput = store.MostLocated * 64
	lines := bufio.NewScanner(io.LimitReader(interruptible(cmd.Context(), cmd.InOrStdin()), longestInput))
	if in, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		fmt.Fprintln(cmd.ErrOrStderr(), "keys, one a line; Ctrl-D ends them:")
	}
	asked := map[privacy.Key]bool{}
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		var key privacy.Key
		if key.UnmarshalText([]byte(text)) != nil || key.IsZero() {
			return nil, wrongUse(fmt.Errorf("line %d of standard input is no key as `doxtrail sql` shows them", number))
		}
		if !asked[key] {
			asked[key] = true
			keys = append(keys, key)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, wrongUse(errors.New("a line of standard input is no key as `doxtrail sql` shows them"))
	case err != nil:
		return nil, err
	case len(keys) == 0:
		return nil, wrongUse(errors.New("standard input holds no key; write one a line"))
	case len(keys) > store.MostLocated:
		return nil, wrongUse(fmt.Errorf("at most %s keys are located at once", grouped(store.MostLocated)))
	}
	return keys, nil
}

// locate prints what the custodian may see of some keys. What it cannot show of any is
// the error.
func (s *session) locate(ctx context.Context, cmd *cobra.Command, keys []privacy.Key, custodian privacy.PrivateKey, reason string) error {
	found, err := s.store.SealedLocators(ctx, keys)
	if err != nil {
		return err
	}
	chosen := chooseLocators(keys, found, custodian.ID(), time.Now())
	log := audit.Open(filepath.Join(s.cfg.Keys, audit.FileName))
	counts := map[string]int64{"keys": int64(len(keys)), "locators": int64(len(chosen.open))}
	if err := log.Append(audit.Entry{Action: "locate", Reason: reason, Counts: counts}); err != nil {
		return plain(fmt.Errorf("nothing was opened: %w", err))
	}
	opener := newOpener(custodian)
	out := json.NewEncoder(visible{cmd.OutOrStdout()}) // who is followed chooses names
	out.SetEscapeHTML(false)
	for i := range chosen.open {
		line, err := opener.open(&chosen.open[i])
		if err != nil {
			chosen.fault(chosen.open[i].Target, err.Error())
			continue
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	for _, note := range chosen.notes {
		fmt.Fprintln(cmd.ErrOrStderr(), note)
	}
	if len(chosen.faults) > 0 {
		return plain(errors.New(strings.Join(chosen.faults, "\n")))
	}
	return nil
}

// visible writes whole lines of JSON so that nothing in them does anything to the
// terminal.
type visible struct{ to io.Writer }

func (v visible) Write(line []byte) (int, error) {
	if _, err := v.to.Write(privacy.VisibleJSON(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// chosenLocators are those that can be opened, and what is to say of the others.
type chosenLocators struct {
	open          []store.SealedLocator
	notes, faults []string
}

func (c *chosenLocators) fault(key privacy.Key, text string) {
	c.faults = append(c.faults, key.String()+": "+text)
}

// chooseLocators looks at what was found of each key, in the order of the keys.
func chooseLocators(keys []privacy.Key, found []store.SealedLocator, custodian string, now time.Time) *chosenLocators {
	of := map[privacy.Key][]store.SealedLocator{}
	for _, l := range found {
		of[l.Target] = append(of[l.Target], l)
	}
	c := &chosenLocators{}
	for _, key := range keys {
		if len(of[key]) == 0 {
			c.fault(key, "it has no locator: none was kept, or it has expired, or it was erased")
		}
		said := map[string]bool{}
		for _, l := range of[key] {
			if fault := faultOf(&l, custodian, now); fault == "" {
				c.open = append(c.open, l)
			} else if !said[fault] {
				said[fault] = true
				c.fault(key, fault)
			}
		}
		if len(of[key]) >= store.MostParts {
			c.notes = append(c.notes, fmt.Sprintf("%s: it may have more than the %d that are shown, the newest", key, store.MostParts))
		}
	}
	return c
}

// faultOf says why a locator cannot be opened; "" if it can.
func faultOf(l *store.SealedLocator, custodian string, now time.Time) string {
	switch {
	case l.Expired(now):
		return "its locator has expired"
	case len(l.Wrapped) == 0:
		return "the data key of its locator is not in the tables: it is on its way, or lost; reading the post again seals it anew"
	case l.Custodian != custodian:
		return fmt.Sprintf("its locator is sealed to custodian %s, and the key here is %s: name the folder of that one with --custodian", l.Custodian, custodian)
	}
	return ""
}
