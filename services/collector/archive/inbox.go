package archive

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/archive"
	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
)

// ErrNoInbox says that the service has nothing to watch.
var ErrNoInbox = errors.New("watch inbox: collector_archive.inbox is not set; set it, or use `doxtrail import`")

// Run watches the inbox until ctx ends. Without an inbox it only waits, so
// that `up` can always start it.
func (c *Collector) Run(ctx context.Context) error {
	if c.cfg.Inbox == "" {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(c.cfg.InboxPoll)
	defer ticker.Stop()
	before := map[string]fileState{}
	for {
		now, err := inboxStates(c.cfg.Inbox)
		if err != nil {
			c.log.Error("inbox cannot be read, or not all of it", service.Error(err))
		}
		settled := compare(before, now)
		if err := c.importSettled(ctx, settled, now); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // told to stop in the middle of a file; it is read again
			}
			c.log.Error("inbox import ended early; it is tried again", service.Error(err))
		}
		before = now
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// fileState tells whether a file is still being written.
type fileState struct {
	size     int64
	modified time.Time
	// done says that the file was read since it last changed, with whatever
	// result.
	done bool
}

// compare carries over to now which files are done, and lists in order those
// that did not change between the two looks and are not.
func compare(before, now map[string]fileState) (settled []string) {
	for path, state := range now {
		old, known := before[path]
		switch {
		case !known || old.size != state.size || !old.modified.Equal(state.modified):
		case old.done:
			now[path] = old
		default:
			settled = append(settled, path)
		}
	}
	slices.Sort(settled)
	return settled
}

// inboxStates looks at every regular file below dir. What cannot be looked at
// is left out; the error names the first reason, and no path.
func inboxStates(dir string) (map[string]fileState, error) {
	states := map[string]fileState{}
	var first error
	note := func(err error) {
		if first == nil && !errors.Is(err, fs.ErrNotExist) { // gone between two looks
			first = fmt.Errorf("walk inbox: %s", pathless(err))
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == dir:
			return err
		case err != nil:
			note(err)
			return nil
		case d.IsDir() && archive.DataFolder(path):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			note(err)
			return nil
		}
		states[path] = fileState{size: info.Size(), modified: info.ModTime()}
		return nil
	})
	if err != nil { // the inbox itself
		return states, fmt.Errorf("open inbox: %s", pathless(err))
	}
	return states, first
}

// pathless is the text of a file error without the path, which may name a
// person.
func pathless(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return "cannot be read"
}

// importSettled imports files and notes in states that they are done. What was
// imported is known by content, in CURSORS, so that a restart or a renamed file
// costs a hash and nothing more.
func (c *Collector) importSettled(ctx context.Context, paths []string, states map[string]fileState) error {
	for _, path := range paths {
		call := Call{Files: archive.Open([]string{path}, nil), found: true, Skip: func(id [16]byte) bool { return c.imported(ctx, id) }}
		sum, err := c.Import(ctx, call)
		if err != nil {
			return err
		}
		for _, f := range sum.Files {
			if f.Err == nil && f.Result.Complete {
				if err := c.noteImported(ctx, f.ImportID); err != nil {
					return err
				}
			}
		}
		state := states[path]
		state.done = true
		states[path] = state
	}
	return nil
}

func cursorOf(id [16]byte) string { return Name + "." + hex.EncodeToString(id[:]) }

// noteImported puts a file into CURSORS.
func (c *Collector) noteImported(ctx context.Context, id [16]byte) error {
	bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return err
	}
	if _, err := bucket.Store(ctx, cursorOf(id), []byte{1}, 0); err != nil && !errors.Is(err, bus.ErrConflict) {
		return err
	}
	return nil // a conflict means that another process imported it too
}

// imported says whether a file is in CURSORS; when that cannot be asked, the
// file is read again, which does no harm.
func (c *Collector) imported(ctx context.Context, id [16]byte) bool {
	bucket, err := c.deps.Conn.Bucket(ctx, bus.BucketCursors)
	if err != nil {
		return false
	}
	_, _, err = bucket.Load(ctx, cursorOf(id))
	return err == nil
}
