package archive

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestADataFolderInsideAFolderIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "archives", "result.json"), export("in the archives"))
	for name, files := range map[string][]string{
		"running": {"lock", "secrets/token", "run.json", "nats/jetstream/x/streams/RAW/1.blk"},
		"stopped": {"lock", "study.json", "clickhouse/data.bin"},
		"damaged": {"nats/jetstream/x/streams/RAW/1.blk"},
	} {
		for _, file := range files {
			write(t, filepath.Join(dir, name, filepath.FromSlash(file)), []byte("no archive"))
		}
		if seen, _ := visit(t, []string{filepath.Join(dir, name)}, ""); !slices.Equal(seen, []string{string(ClassUnknownFormat)}) {
			t.Errorf("%s, named itself: %q", name, seen)
		}
	}
	write(t, filepath.Join(dir, "z", "lock"), export("beside a file called lock"))
	if err := os.MkdirAll(filepath.Join(dir, "z", "nats"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{"in the archives", "beside a file called lock"}
	if seen, _ := visit(t, []string{dir}, ""); !slices.Equal(seen, want) {
		t.Errorf("seen %q, want %q", seen, want)
	}
}
