package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// Of many that write one file at once, one is told that it did, and what is there
// is its own.
func TestABackupFileIsWrittenByOne(t *testing.T) {
	t.Parallel()
	const rounds, writers = 300, 4
	for range rounds {
		path := filepath.Join(t.TempDir(), "study.zip")
		var all sync.WaitGroup
		var mu sync.Mutex
		var told []string
		for i := range writers {
			all.Go(func() {
				text := "written by " + strconv.Itoa(i)
				err := newFile(path, func(w io.Writer) error {
					_, err := io.WriteString(w, text)
					return err
				})
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					told = append(told, text)
				}
			})
		}
		all.Wait()
		content, err := os.ReadFile(path)
		if err != nil || len(told) != 1 || string(content) != told[0] {
			t.Fatalf("%q is there, told were %q: %v", content, told, err)
		}
		if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
			t.Fatalf("%d parts are left: %v", len(left), err)
		}
	}
}

// In a folder that others write to, a name may lie in wait for a backup.
func TestABackupIsWrittenIntoNothingThatLayInWait(t *testing.T) {
	t.Parallel()
	for what, prepare := range map[string]func(other, part string) error{
		"a link":        os.Symlink,
		"a second name": os.Link,
	} {
		dir := t.TempDir()
		other, path := filepath.Join(dir, "other"), filepath.Join(dir, "study.zip")
		if err := os.WriteFile(other, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := prepare(other, path+".part"); err != nil {
			t.Fatal(err)
		}
		err := newFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, "rows")
			return err
		})
		if b := contentOf(t, other); err == nil || string(b) != "kept" {
			t.Errorf("%s: the backup ends with %v, and the other file holds %q", what, err, b)
		}
	}
}

// What a killed run left is written over, for this user's eyes only.
func TestABackupIsWrittenOverWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "study.zip")
	if err := os.WriteFile(path+".part", []byte("half of many rows"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := newFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "rows")
		return err
	})
	if err != nil || string(contentOf(t, path)) != "rows" {
		t.Fatalf("the backup ends with %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is %v: %v", info, err)
	}
}
