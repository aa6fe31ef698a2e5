package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFolderIsClosedToOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.TryLock(); err != nil {
		t.Fatal(err)
	}
	if err := f.writeRun(RunInfo{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.secret("password"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "secrets": 0o700, "run.json": 0o600, "lock": 0o600, "secrets/password": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want %v", name, info.Mode().Perm(), err, want)
		}
	}
	if err := f.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestFolderHasOneHolder(t *testing.T) {
	dir := t.TempDir()
	var folders [2]*Folder
	for i := range folders {
		f, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		folders[i] = f
	}
	if err := folders[0].TryLock(); err != nil {
		t.Fatal(err)
	}
	if err := folders[1].TryLock(); !errors.Is(err, ErrHeld) {
		t.Errorf("got %v, want ErrHeld", err)
	}
	if err := folders[0].Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := folders[1].TryLock(); err != nil {
		t.Errorf("after unlock: %v", err)
	}
	if err := folders[1].Unlock(); err != nil {
		t.Error(err)
	}
}

func TestSecretsStay(t *testing.T) {
	f, err := OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, path, err := f.secret("a")
	if err != nil || len(first) < 20 {
		t.Fatalf("got %d characters, %v", len(first), err)
	}
	if again, _, err := f.secret("a"); again != first || err != nil {
		t.Errorf("the second time: got another or %v", err)
	}
	if other, _, _ := f.secret("b"); other == first {
		t.Error("two names have one secret")
	}
	if err := os.WriteFile(path, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, _, err := f.secret("a"); err != nil || again == "" {
		t.Errorf("of an empty file: got %q, %v", again, err)
	}
}

func TestRunFileComesBack(t *testing.T) {
	f, err := OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want := RunInfo{
		PID: 7, Instance: "i", StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		ClickHouse: RunClickHouse{URL: "http://127.0.0.1:1", User: "doxtrail", PasswordFile: "p", ResearcherUser: "researcher", ResearcherPasswordFile: "r"},
		NATS:       RunWithToken{URL: "nats://127.0.0.1:2", TokenFile: "t"}, Attach: RunWithToken{URL: "http://127.0.0.1:3", TokenFile: "a"},
	}
	if err := f.writeRun(want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRun(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	if names, _ := filepath.Glob(filepath.Join(f.dir, ".new-*")); len(names) != 0 {
		t.Errorf("left behind: %d files", len(names))
	}
	for range 2 {
		if err := f.removeRun(); err != nil {
			t.Error(err)
		}
	}
}
