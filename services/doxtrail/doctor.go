package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

func newDoctor(opts *options) *cobra.Command {
	var asJSON, acknowledge bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is missing or wrong here and how to mend it",
		Long: `Checks this machine, the configuration, the key ring, the data folder and both
servers. With --json it also prints where ClickHouse and NATS answer and which
file holds the password, for clients of your own; those addresses hold while
'doxtrail up' runs.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			if acknowledge {
				return withSession(cmd, cfg, func(ctx context.Context, s *session) error { return s.acknowledge(ctx, cmd.OutOrStdout()) })
			}
			d := examine(cmd, cfg)
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(d)
			} else {
				err = d.print(cmd.OutOrStdout())
			}
			if err == nil && !d.OK {
				err = errors.New("doctor found faults")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.Flags().BoolVar(&acknowledge, "acknowledge-gaps", false, "note that what the streams lost is known, and do nothing else")
	return cmd
}

// diagnosis is what `doxtrail doctor` found.
type diagnosis struct {
	OK         bool           `json:"ok"`
	Running    bool           `json:"running"`
	Findings   []finding      `json:"findings"`
	ClickHouse clickhouseInfo `json:"clickhouse"`
	NATS       natsInfo       `json:"nats"`
}

// finding is one check. Mend says what to do; it is empty if all is well.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`
	Mend  string `json:"mend,omitempty"`
}

type clickhouseInfo struct {
	URL          string `json:"url"`
	User         string `json:"user"`
	PasswordFile string `json:"password_file"`
}

type natsInfo struct {
	URL string `json:"url"`
}

// lowDisk is the free space under which doctor warns.
const lowDisk = 5 << 30

// examine runs every check; one that fails does not stop the next.
func examine(cmd *cobra.Command, cfg *Config) *diagnosis {
	d := &diagnosis{OK: true, Findings: []finding{}}
	d.add("configuration", "", cfg.Validate())
	_, err := provisioner.ReadWatchlist(cfg.Watchlist)
	d.add("watch list", "mend the file; every fault is named", err)
	if cfg.embedded() {
		_, err := embedded.FindLibrary(cfg.Embedded.Libchdb)
		d.add("embedded ClickHouse", "type `make deps`, or name libchdb.so in DOXTRAIL_LIBCHDB or embedded.libchdb", err)
		d.add("key ring outside the data folder", "move the ring and name it with --keys", apart(cfg.Data, cfg.Keys))
		d.add("data folder", "type `chmod 700` on it: its files are for you alone", private(cfg.Data))
		d.add("disk", "make room; at least 5 GiB free", freeDisk(cfg.Data))
	}
	err = checkRing(cfg)
	mend := "name the ring's folder with --keys, or restore the ring from its backup"
	if errors.Is(err, privacy.ErrRetired) {
		mend = "there is nothing to mend: `doxtrail sql`, `query`, `explain` and `locate` still answer; a new study has a --data and --keys of its own"
	}
	d.add("key ring", mend, err)
	if !d.OK {
		return d
	}
	err = withSession(cmd, cfg, func(ctx context.Context, s *session) error { return d.servers(ctx, s) })
	d.add("servers", "read the error; `doxtrail up` shows more", err)
	return d
}

// servers checks NATS and ClickHouse from inside a session.
func (d *diagnosis) servers(ctx context.Context, s *session) error {
	if f := s.parts.servers.folder; f != nil {
		d.Running = !f.Holder()
		run, err := embedded.ReadRun(s.cfg.Data)
		if err != nil {
			return err
		}
		d.ClickHouse = clickhouseInfo{run.ClickHouse.URL, run.ClickHouse.ResearcherUser, run.ClickHouse.ResearcherPasswordFile}
		d.NATS = natsInfo{run.NATS.URL}
	} else {
		d.ClickHouse = clickhouseInfo{s.cfg.ClickHouse.URL, s.cfg.ClickHouse.ResearcherUser, s.cfg.ClickHouse.ResearcherPasswordFile}
		d.NATS = natsInfo{s.cfg.NATS.URL}
	}
	d.streams(ctx, s)
	var versions []struct {
		Version string `ch:"version"`
	}
	err := s.reader.Select(ctx, &versions, "SELECT version() AS version", nil)
	name := "ClickHouse"
	if len(versions) == 1 {
		name += " " + versions[0].Version
	}
	d.add(name, "run the provisioner", err)
	d.tables(ctx, s)
	return nil
}

// add notes the outcome of one check.
func (d *diagnosis) add(check, mend string, err error) {
	f := finding{Check: check, OK: err == nil, Found: "ok"}
	if err != nil {
		f.Found, f.Mend = userText(err), mend
		d.OK = false
	}
	d.Findings = append(d.Findings, f)
}

func (d *diagnosis) print(w io.Writer) error {
	for _, f := range d.Findings {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(w, "%s  %s", mark, f.Check)
		if f.Found != "ok" {
			fmt.Fprintf(w, ": %s", f.Found)
		}
		if f.Mend != "" {
			fmt.Fprintf(w, "\n      %s", f.Mend)
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}

// private says whether only the owner can read a folder. One that is not there
// yet is made so.
func private(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("the data folder can be read by others (mode %o)", mode)
	}
	return nil
}

// freeDisk looks at the file system of the nearest existing folder.
func freeDisk(dir string) error {
	free, _, err := service.FreeBytes(dir)
	if err != nil {
		return err
	}
	if free < lowDisk {
		return fmt.Errorf("%s MiB free", grouped(free>>20))
	}
	return nil
}
