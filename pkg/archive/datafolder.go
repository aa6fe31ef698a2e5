package archive

import (
	"os"
	"path/filepath"
)

// DataFolder says whether a folder is one in which doxtrail keeps its own
// streams and tables, running or not. Nothing in it is an archive.
func DataFolder(path string) bool {
	has := func(name ...string) bool {
		_, err := os.Lstat(filepath.Join(append([]string{path}, name...)...))
		return err == nil
	}
	return has("nats", "jetstream") || (has("lock") && (has("secrets") || has("run.json") || has("study.json")))
}
