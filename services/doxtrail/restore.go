package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func newRestore(opts *options) *cobra.Command {
	var files backupFiles
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "restore --data-file FILE | --keys-file FILE",
		Short: "Bring back what `backup` wrote; nothing that was erased comes back",
		Long: `Brings back the data, the key ring or both. Into an empty data folder it makes the
study anew; into a study of the same ring it merges: of two readings of one thing
the newer stands, decisions are taken over and none is taken back, and what was
erased, here or in the backup, is not there afterwards.

Both files are read through before anything is changed. A restore that is cut off
is finished by running it again; until then no other command opens the folder.
With a backup of the data from before an erasure and no later one, nothing knows
of the erasure: make a new backup after it, and destroy older ones.`,
		Args: args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := files.check(); err != nil {
				return err
			}
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			done, err := restore(cmd, cfg, files)
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
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// restored is what a restore came to. Rows were in the file; those that the
// study had newer, and those that were erased, are among them.
type restored struct {
	Ring string `json:"ring"`
	Data bool   `json:"data"`
	Keys bool   `json:"keys"` // false also where the ring was there already
	Rows uint64 `json:"rows"`
}

func (r restored) print(w io.Writer) error {
	if r.Keys {
		fmt.Fprintf(w, "keys: ring %s\n", r.Ring)
	}
	if r.Data {
		fmt.Fprintf(w, "data: %s rows\n", grouped(r.Rows))
	}
	if !r.Keys && !r.Data {
		fmt.Fprintln(w, "the ring is there already")
	}
	return nil
}

// restore checks everything, then brings back the keys, then the data.
func restore(cmd *cobra.Command, cfg *Config, files backupFiles) (done restored, err error) {
	if err := apart(cfg.Data, cfg.Keys); cfg.embedded() && err != nil {
		return done, err
	}
	var backup *privacy.RingBackup
	if files.keys != "" {
		if backup, err = openKeysFile(cmd, files); err != nil {
			return done, err
		}
	}
	ring, err := presentRing(cfg.Keys, backup)
	if err != nil {
		return done, err
	}
	var data *dataReader
	if files.data != "" {
		if data, err = openDataFile(files.data); err != nil {
			return done, err
		}
		defer func() { err = errors.Join(err, data.close()) }()
		if err := fits(cfg, data, ring, backup); err != nil {
			return done, err
		}
	}
	if ring == nil {
		if ring, err = backup.Restore(cfg.Keys); err != nil {
			return done, plain(err)
		}
		done.Keys = true
	}
	done.Ring = ring.ID()
	if data == nil {
		return done, nil
	}
	done.Data, done.Rows = true, data.manifest.rows()
	return done, restoreData(cmd, cfg, data)
}

func openKeysFile(cmd *cobra.Command, files backupFiles) (*privacy.RingBackup, error) {
	file, err := os.Open(files.keys)
	if err != nil {
		return nil, wrongUse(errors.New("--keys-file cannot be opened"))
	}
	defer func() { _ = file.Close() }()
	secret, err := passphrase(cmd, files.passphrase, false)
	if err != nil {
		return nil, err
	}
	backup, err := privacy.ReadBackup(file, secret)
	return backup, plain(err)
}

// presentRing opens the ring that is there, nil where the backup's takes its
// place. A ring is never replaced by another.
func presentRing(dir string, backup *privacy.RingBackup) (*privacy.Ring, error) {
	if !ringIsHere(dir) {
		if backup == nil {
			return nil, wrongUse(errors.New("there is no key ring here: restore it too, with --keys-file, or name it with --keys"))
		}
		return nil, nil //nolint:nilnil // the backup's takes its place
	}
	ring, err := privacy.OpenRing(dir)
	if err != nil {
		return nil, plain(err)
	}
	if backup != nil && backup.ID() != ring.ID() {
		return nil, wrongUse(fmt.Errorf("--keys holds ring %s, and the keys file is of ring %s: name another folder with --keys", ring.ID(), backup.ID()))
	}
	return ring, nil
}

// fits refuses data of another ring than that which is or will be there, or
// into a study of another.
func fits(cfg *Config, data *dataReader, ring *privacy.Ring, backup *privacy.RingBackup) error {
	var id string
	var key *privacy.StateKey
	var err error
	if ring != nil {
		id, key = ring.ID(), ring.StateKey()
	} else if key, err = backup.StateKey(); err == nil {
		id = backup.ID()
	}
	if err != nil {
		return plain(err)
	}
	if data.manifest.Ring != id {
		return wrongUse(fmt.Errorf("the data file is of a study with key ring %s, but the ring here is %s; nothing was changed", data.manifest.Ring, id))
	}
	if err := data.checkSeal(key); err != nil {
		return err
	}
	if !cfg.embedded() {
		return nil
	}
	return otherStudy(cfg.Data, id)
}

// otherStudy refuses a data folder that belongs to another ring.
func otherStudy(dir, ring string) error {
	if noted, err := studyRing(dir); err != nil || noted == "" {
		return err // bindStudy would note it, which is for later
	}
	return bindStudy(dir, ring)
}

// restoreData brings the rows back, marked for as long as it lasts. The mark goes
// too where it ends before the first row, unless it is that of an earlier restore.
func restoreData(cmd *cobra.Command, cfg *Config, data *dataReader) (err error) {
	s, err := newSession(cfg, cmd.ErrOrStderr(), slog.LevelWarn)
	if err != nil {
		return err
	}
	s.restoring = true
	var merging bool
	if cfg.embedded() {
		merging = refuseHalfRestored(cfg.Data) != nil
		var mark io.Closer
		if mark, err = markRestoring(cfg.Data); err != nil {
			return err
		}
		defer func() { _ = mark.Close() }()
		defer func() {
			if err != nil && !merging {
				err = errors.Join(err, unmarkRestoring(cfg.Data))
			}
		}()
	}
	return s.run(cmd, func(ctx context.Context, s *session) error {
		if err := s.restoreRows(ctx, data, &merging); err != nil {
			return err
		}
		if err := s.restoreState(ctx, data); err != nil {
			return err
		}
		if !cfg.embedded() {
			return nil
		}
		return unmarkRestoring(cfg.Data)
	})
}
