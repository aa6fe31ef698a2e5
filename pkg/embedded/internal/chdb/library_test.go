package chdb

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindLibrary(t *testing.T) {
	dir := t.TempDir()
	library := filepath.Join(dir, "libchdb.so")
	other := filepath.Join(dir, "other.so")
	for _, path := range []string{library, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pinned := filepath.Join(dir, "tree", pinnedLibrary)
	deep := filepath.Join(dir, "tree", "pkg", "deep")
	for _, path := range []string{filepath.Dir(pinned), deep} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(pinned, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, configured, variable, working, want string }{
		{"the configuration wins", library, other, deep, library},
		{"then the environment", "", other, deep, other},
		{"then the pinned copy above the working folder", "", "", deep, pinned},
		{"a configured file that is not there", dir + "/none.so", other, deep, ""},
		{"a variable that names a folder", "", dir, deep, ""},
		{"nothing anywhere", "", "", dir, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(tt.working)
			t.Setenv(LibraryVariable, tt.variable)
			got, err := FindLibrary(tt.configured)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), dir) {
				t.Errorf("the error holds a path: %v", err)
			}
		})
	}
	t.Run("the error says what to type", func(t *testing.T) {
		t.Chdir(dir)
		t.Setenv(LibraryVariable, "")
		if _, err := FindLibrary(""); !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "make deps") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAFileThatIsNoLibraryIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Library: path}); err == nil {
		t.Error("got no error")
	}
}
