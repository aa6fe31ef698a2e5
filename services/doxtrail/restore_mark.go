package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// restoringName is a file in the data folder that stands from before the first
// row of a backup is restored until after the last. While it is there the folder
// may hold half a study, and no command but `restore` opens it.
const restoringName = "restoring.json"

// errRestoring is what a second restore is told: both would stage in one place.
var errRestoring = wrongUse(errors.New("another restore into this data folder is running: wait until it has ended"))

// markRestoring sets the mark, which is closed when the restore ends; that of one
// that was cut off may be there. Nobody else can set it meanwhile.
func markRestoring(dir string) (mark io.Closer, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", bare(err))
	}
	text, err := json.Marshal(struct {
		StartedAt time.Time `json:"started_at"`
	}{time.Now().UTC()})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, restoringName)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("mark the data folder: %w", bare(err))
	}
	if !lockAlone(file, path) {
		_ = file.Close()
		return nil, errRestoring
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = file.Write(append(text, '\n'))
	}
	if err := errors.Join(err, file.Sync(), syncDir(dir)); err != nil {
		return nil, errors.Join(fmt.Errorf("mark the data folder: %w", bare(err)), file.Close())
	}
	return file, nil
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
