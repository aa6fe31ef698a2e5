package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// backupFiles are the files of a backup as the flags name them.
type backupFiles struct {
	data, keys, passphrase string
}

func (f *backupFiles) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data-file", "", "`FILE` for the study's rows, sealed locators and watch list")
	cmd.Flags().StringVar(&f.keys, "keys-file", "", "`FILE` for the key ring, locked with a passphrase")
	cmd.Flags().StringVar(&f.passphrase, "passphrase-file", "", "`FILE` whose first line is the passphrase, or - for standard input (default: ask)")
}

func (f *backupFiles) check() error {
	switch {
	case f.data == "" && f.keys == "":
		return wrongUse(errors.New("name --data-file, --keys-file or both"))
	case f.data == f.keys:
		return wrongUse(errors.New("data and keys need a file each: who has both can test the data for names"))
	}
	return nil
}

func newBackup(opts *options) *cobra.Command {
	var files backupFiles
	var wait time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup --data-file FILE | --keys-file FILE",
		Short: "Write the study's data and its keys to two files, to be kept apart",
		Long: `Writes the data, the key ring or both, each to a file of its own. It works while
'doxtrail up' runs and while an import goes on: whatever was read before the
backup began is in it.

The data file holds keyed ids, times and counts, no text and no name; with the
key ring it can be tested for names, so keep the two files in two places. The
keys file is locked with a passphrase (an age file): without it the file is worth
nothing, to you too. RAW keys and failed records are in neither.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := files.check(); err != nil {
				return err
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			done, err := backUp(cmd, cfg, files, wait)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(done)
			}
			return done.print(cmd.OutOrStdout())
		},
	}
	files.bind(cmd)
	cmd.Flags().DurationVar(&wait, "wait", 10*time.Minute, "how long to wait for what is still on its way to the tables")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// backedUp is what a backup came to.
type backedUp struct {
	Ring          string `json:"ring"`
	Data          bool   `json:"data"`
	Keys          bool   `json:"keys"`
	Rows          uint64 `json:"rows"`
	FailedRecords uint64 `json:"failed_records"`
	Waiting       uint64 `json:"waiting"`
}

func (b backedUp) print(w io.Writer) error {
	if b.Data {
		fmt.Fprintf(w, "data: %s rows\n", grouped(b.Rows))
	}
	if b.Keys {
		fmt.Fprintf(w, "keys: ring %s, locked\n", b.Ring)
	}
	if b.FailedRecords > 0 {
		fmt.Fprintf(w, "not in it: %s failed records\n", grouped(b.FailedRecords))
	}
	if b.Waiting > 0 {
		fmt.Fprintf(w, "perhaps not in it: %s messages that came meanwhile\n", grouped(b.Waiting))
	}
	return nil
}

// backUp writes the files. The keys go first: they take a moment, and who
// mistypes the passphrase need not wait for the data.
func backUp(cmd *cobra.Command, cfg *Config, files backupFiles, wait time.Duration) (done backedUp, err error) {
	for _, path := range []string{files.data, files.keys} {
		if path == "" {
			continue
		}
		if cfg.embedded() && inside(cfg.Data, path) || inside(cfg.Keys, path) {
			return done, wrongUse(errors.New("a backup lies neither in the data folder nor beside the keys: it would go with them"))
		}
		if err := absent(path); err != nil {
			return done, err
		}
	}
	ring, err := existingRing(cfg.Keys)
	if err != nil {
		return done, err
	}
	done.Ring = ring.ID()
	if files.keys != "" {
		secret, err := passphrase(cmd, files.passphrase, true)
		if err != nil {
			return done, err
		}
		if err := newFile(files.keys, func(w io.Writer) error { return ring.WriteBackup(w, secret, time.Now()) }); err != nil {
			return done, err
		}
		done.Keys = true
	}
	if files.data == "" {
		return done, nil
	}
	if files.keys != "" && filepath.Dir(files.data) == filepath.Dir(files.keys) {
		fmt.Fprintln(cmd.ErrOrStderr(), "data and keys lie in one folder now: move one of the files to another place, or who finds the folder needs the passphrase only")
	}
	return done, withSession(cmd, cfg, func(ctx context.Context, s *session) error {
		m, err := s.backUpData(ctx, files.data, wait)
		if m != nil {
			done.Data, done.Rows, done.FailedRecords, done.Waiting = true, m.rows(), m.FailedRecords, m.Waiting
		}
		return err
	})
}

// inside says whether path lies in a folder or below it.
func inside(dir, path string) bool { return apart(dir, path) != nil }

// errInFlight is what a backup ends with that would have to leave something out.
var errInFlight = plain(errors.New("what was read is still on its way to the tables, so nothing was written: see `doxtrail status`, or give it more time with --wait"))

// backUpData writes the data file. Where collectors stopped is read first, then
// what they had read becomes rows, then the rows are taken: so that no cursor is
// ahead of the rows.
func (s *session) backUpData(ctx context.Context, path string, wait time.Duration) (*manifest, error) {
	cursors, err := s.cursors(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.drain(ctx, wait); err != nil {
		return nil, err
	}
	m := manifest{Format: dataFormat, Version: version, CreatedAt: time.Now().UTC().Truncate(time.Second), Ring: s.parts.ring.ID()}
	if m.Schema, err = s.store.Schema(ctx); err != nil {
		return nil, err
	}
	err = newFile(path, func(w io.Writer) error {
		d := newDataWriter(w, m)
		if err := s.writeData(ctx, d, cursors); err != nil {
			return err
		}
		m = d.manifest
		return d.close(s.parts.ring.StateKey())
	})
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// drain waits until what was on its way when it was called is rows.
func (s *session) drain(ctx context.Context, wait time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := s.awaitAll(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return errInFlight
	}
	return err
}

// awaitAll waits until all that RAW held when it was called is rows.
func (s *session) awaitAll(ctx context.Context) error {
	lag, err := s.conn.Lag(ctx)
	if err != nil {
		return err
	}
	for _, stream := range lag.Streams {
		if stream.Stream != bus.StreamRaw {
			continue
		}
		for _, lane := range []bus.Lane{bus.LaneLive, bus.LaneArchive} {
			if err := s.conn.AwaitRows(ctx, lane, stream.LastSeq); err != nil {
				return err
			}
		}
	}
	return nil
}

// collectorKeys begins the keys in CURSORS that say where a collector stopped.
// The others are about the messages of these streams, and would be false
// beside any other.
const collectorKeys = "collector-"

// cursors reads where collectors stopped; each has sealed what it wrote.
func (s *session) cursors(ctx context.Context) (map[string][]byte, error) {
	bucket, err := s.conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return nil, err
	}
	keys, err := bucket.Keys(ctx, collectorKeys)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]byte, len(keys))
	for _, key := range keys {
		value, _, err := bucket.Load(ctx, key)
		if errors.Is(err, bus.ErrAbsent) {
			continue // gone meanwhile
		}
		if err != nil {
			return nil, err
		}
		all[key] = value
	}
	return all, nil
}
