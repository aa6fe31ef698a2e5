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
