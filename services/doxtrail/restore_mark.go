package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// restoringName is a file in the data folder that stands from before the first
// row of a backup is restored until after the last. While it is there the folder
// may hold half a study, and no command but `restore` opens it.
const restoringName = "restoring.json"

// markRestoring sets the mark; that of a restore that was cut off may be there.
func markRestoring(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", bare(err))
	}
	text, err := json.Marshal(struct {
		StartedAt time.Time `json:"started_at"`
	}{time.Now().UTC()})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, restoringName), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("mark the data folder: %w", bare(err))
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("mark the data folder: %w", bare(err))
	}
	return syncDir(dir)
}

// unmarkRestoring takes the mark away: the study is whole.
func unmarkRestoring(dir string) error {
	if err := os.Remove(filepath.Join(dir, restoringName)); err != nil {
		return fmt.Errorf("unmark the data folder: %w", bare(err))
	}
	return syncDir(dir)
}

// errHalfRestored is what other commands say of a marked folder.
var errHalfRestored = wrongUse(errors.New("a backup is being restored into this data folder, or that was cut off and left half a study: run the same `doxtrail restore` again, it goes on to the end"))

// refuseHalfRestored refuses a marked folder.
func refuseHalfRestored(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, restoringName)); err == nil {
		return errHalfRestored
	}
	return nil
}

// bare takes the path off an error: where a study lies is nobody's business.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var paths *os.LinkError
	if errors.As(err, &paths) {
		return paths.Err
	}
	return err
}
