package privacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testRing(t testing.TB) (*Ring, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	ring, err := CreateRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	return ring, dir
}

func TestARingOpensAsItWasCreated(t *testing.T) {
	created, dir := testRing(t)
	opened, err := OpenRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if opened.ID() != created.ID() || len(opened.ID()) != 16 || opened.CreatedAt().IsZero() {
		t.Errorf("id is %q, want %q", opened.ID(), created.ID())
	}
	if opened.Keyer().Host("a.example") != created.Keyer().Host("a.example") {
		t.Error("keys differ after opening again")
	}
	failed, err := created.FailedKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := opened.FailedKey()
	if err != nil || again.ID() != failed.ID() {
		t.Errorf("failed key differs after opening again: %v", err)
	}
	custodian, err := opened.CustodianKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := opened.CustodianPublicKey()
	if err != nil || public.ID() != custodian.ID() {
		t.Errorf("halves of the custodian's key differ: %v", err)
	}
	if custodian.ID() == failed.ID() {
		t.Error("two roles have one key")
	}
}

func TestTwoRingsShareNothing(t *testing.T) {
	first, _ := testRing(t)
	second, _ := testRing(t)
	if first.ID() == second.ID() || first.Keyer().Host("a.example") == second.Keyer().Host("a.example") {
		t.Error("two rings make the same keys")
	}
}

func TestTheIDTellsNothingOfTheKeys(t *testing.T) {
	ring, dir := testRing(t)
	for _, name := range []string{pseudonymFileName, stateFileName} {
		var file keyFile
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file.Secret, ring.ID()) {
			t.Errorf("%s holds the ring's id in its secret", name)
		}
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	ring, dir := testRing(t)
	if _, err := ring.CurrentRawKey(time.Now()); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		seen++
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", entry.Name(), info.Mode().Perm(), want)
		}
		if strings.HasPrefix(entry.Name(), newPrefix) || entry.Name() == unfinishedName {
			t.Errorf("%s was left behind", entry.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != 10 {
		t.Errorf("ring has %d files and folders, want 10", seen)
	}
}

func TestAWrongModeSaysWhatToType(t *testing.T) {
	for name, test := range map[string]struct {
		path string
		mode fs.FileMode
		want string
	}{
		"folder":           {"", 0o755, "type chmod 700 '"},
		"folder of raw":    {rawFolderName, 0o750, "type chmod 700 '"},
		"pseudonym file":   {pseudonymFileName, 0o644, "type chmod 600 '"},
		"state file":       {stateFileName, 0o640, "type chmod 600 '"},
		"description file": {ringFileName, 0o604, "type chmod 600 '"},
	} {
		t.Run(name, func(t *testing.T) {
			_, dir := testRing(t)
			path := filepath.Join(dir, test.path)
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			ring, err := OpenRing(dir)
			if err == nil {
				_, err = ring.RawKeys()
			}
			if err == nil || !strings.Contains(err.Error(), test.want+path+"'") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRing(dir); err == nil || !strings.Contains(err.Error(), "type chmod 700 '") {
		t.Errorf("creating in an open folder: error is %v", err)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	ring, dir := testRing(t)
	if _, err := CreateRing(dir); !errors.Is(err, ErrRingExists) {
		t.Errorf("creating again: error is %v, want ErrRingExists", err)
	}
	// Even where the description is gone: the secret may be all that is left.
	if err := os.Remove(filepath.Join(dir, ringFileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRing(dir); !errors.Is(err, ErrRingExists) {
		t.Errorf("creating without description: error is %v, want ErrRingExists", err)
	}
	_, root, err := readKey(rolePseudonym, filepath.Join(dir, pseudonymFileName))
	if err != nil || !bytes.Equal(root, ring.root) {
		t.Errorf("the secret was touched: %v", err)
	}
	if _, err := OpenRing(dir); err == nil {
		t.Error("a ring without description was opened")
	}
}

func TestAnInterruptedCreationIsBegunAgain(t *testing.T) {
	_, dir := testRing(t)
	if err := os.Remove(filepath.Join(dir, ringFileName)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{unfinishedName, newPrefix + "123"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenRing(dir); err == nil {
		t.Error("half a ring was opened")
	}
	ring, err := CreateRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, newPrefix+"123")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file of the interrupted creation is still there")
	}
	if opened, err := OpenRing(dir); err != nil || opened.ID() != ring.ID() {
		t.Errorf("the new ring does not open: %v", err)
	}
}

func TestAMarkThatACrashLeftNeverCostsTheRing(t *testing.T) {
	ring, dir := testRing(t)
	if err := os.WriteFile(filepath.Join(dir, unfinishedName), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRing(dir); !errors.Is(err, ErrRingExists) {
		t.Errorf("creating again: error is %v, want ErrRingExists", err)
	}
	if _, err := OpenRing(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, ringFileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRing(dir); !errors.Is(err, ErrRingExists) {
		t.Errorf("creating without description: error is %v, want ErrRingExists", err)
	}
	if _, root, err := readKey(rolePseudonym, filepath.Join(dir, pseudonymFileName)); err != nil || !bytes.Equal(root, ring.root) {
		t.Errorf("the secret was touched: %v", err)
	}
}

func TestFilesThatDoNotBelongTogetherAreRefused(t *testing.T) {
	_, dir := testRing(t)
	_, otherDir := testRing(t)
	other, err := os.ReadFile(filepath.Join(otherDir, pseudonymFileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pseudonymFileName), other, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRing(dir); err == nil || !strings.Contains(err.Error(), "another ring") {
		t.Errorf("error is %v, want one about another ring", err)
	}
}

func TestErrorsNameTheRoleAndNeverTheContent(t *testing.T) {
	_, dir := testRing(t)
	for name, content := range map[string]string{
		"no JSON":      "s3cretvalue",
		"unknown key":  `{"version":1,"s3cretvalue":1}`,
		"wrong type":   `{"version":"s3cretvalue"}`,
		"wrong role":   `{"version":1,"role":"s3cretvalue","id":"s3cretvalue"}`,
		"wrong secret": `{"version":1,"role":"pseudonym","id":"x","created_at":"2026-01-01T00:00:00Z","secret":"s3cretvalue"}`,
		"wrong time":   `{"version":1,"created_at":"s3cretvalue"}`,
		"two values":   `{} "s3cretvalue"`,
		"too large":    `{"version":1,"role":"` + strings.Repeat("s3cretvalue", 1000) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, pseudonymFileName), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenRing(dir)
			if err == nil {
				t.Fatal("a broken file was read")
			}
			if !strings.Contains(err.Error(), rolePseudonym) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error is %q, want one that names the role alone", err)
			}
		})
	}
}

func FuzzRingFiles(f *testing.F) {
	f.Add([]byte(`{"version":1,"role":"raw","id":"a","created_at":"2026-01-01T00:00:00Z","secret":"` + strings.Repeat("0a", 32) + `"}`))
	f.Add([]byte(`{"version":1,"id":"a","created_at":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if file, err := parseRingFile(data); err == nil && (file.ID == "" || file.Version != ringVersion) {
			t.Error("an incomplete description was accepted")
		}
		for _, role := range []string{roleRaw, rolePseudonym} {
			file, key, err := parseKeyFile(role, data)
			switch {
			case err == nil && (file.Role != role || len(key) != 32):
				t.Error("an incomplete key file was accepted")
			case err != nil && len(err.Error()) > 120:
				t.Error("an error may hold content")
			}
		}
	})
}
