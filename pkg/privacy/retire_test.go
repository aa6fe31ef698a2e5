package privacy

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func TestARetiredRingCannotBeOpened(t *testing.T) {
	ring, dir := testRing(t)
	custodian, err := ring.CustodianKey()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Retire(dir, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRing(dir); !errors.Is(err, ErrRetired) {
			t.Errorf("error is %v, want ErrRetired", err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, pseudonymFileName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the pseudonym secret is still there")
	}
	if _, err := CreateRing(dir); !errors.Is(err, ErrRingExists) {
		t.Errorf("creating over a retired ring: error is %v, want ErrRingExists", err)
	}
	if left, err := OpenCustodianKey(dir); err != nil || left.ID() != custodian.ID() {
		t.Errorf("the custodian's key does not open any more: %v", err)
	}
}

func TestRetiringFinishesWhatACrashLeft(t *testing.T) {
	_, dir := testRing(t)
	secret, err := os.ReadFile(filepath.Join(dir, pseudonymFileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := Retire(dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pseudonymFileName), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Retire(dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, pseudonymFileName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the pseudonym secret is still there")
	}
}

// What keyed ids are and what texts said must not be left to whoever has the folder and
// the data: the watch list that services keep sealed names channels, FAILED and RAW
// hold posts. A hard link shows what a disk has of a file that is gone.
func TestARetiredRingOpensNothingButLocators(t *testing.T) {
	ring, dir := testRing(t)
	raw, err := ring.CurrentRawKey(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	secret := readTestFile(t, filepath.Join(dir, pseudonymFileName))
	if err := os.WriteFile(filepath.Join(dir, newPrefix+"1"), secret, 0o600); err != nil { // as a crash may leave it
		t.Fatal(err)
	}
	links := linked(t, dir, pseudonymFileName, stateFileName, failedFileName, filepath.Join(rawFolderName, raw.ID()+keySuffix), newPrefix+"1")
	if err := Retire(dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, link := range links {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
		if bytes.Trim(readTestFile(t, link), "\x00") != nil {
			t.Errorf("the disk still has what was in %s", name)
		}
	}
	for _, name := range []string{custodianFileName, custodianPubName, ringFileName} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A restore that was cut off wrote secrets which are in use elsewhere.
func TestWhatACutOffRestoreLeftIsOverwritten(t *testing.T) {
	_, dir := testRing(t)
	if err := os.Rename(filepath.Join(dir, ringFileName), filepath.Join(dir, unfinishedName)); err != nil {
		t.Fatal(err)
	}
	links := linked(t, dir, pseudonymFileName, stateFileName, failedFileName, custodianFileName)
	if _, err := CreateRing(dir); err != nil {
		t.Fatal(err)
	}
	for name, link := range links {
		if bytes.Trim(readTestFile(t, link), "\x00") != nil {
			t.Errorf("the disk still has what was in %s", name)
		}
	}
}

// linked makes a second name for each file, by which its bytes are found once the first
// is gone.
func linked(t *testing.T, dir string, names ...string) map[string]string {
	t.Helper()
	links := map[string]string{}
	for i, name := range names {
		links[name] = filepath.Join(t.TempDir(), strconv.Itoa(i))
		if err := os.Link(filepath.Join(dir, name), links[name]); err != nil {
			t.Fatal(err)
		}
	}
	return links
}

func readTestFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheCustodiansPrivateKeyMayBeElsewhere(t *testing.T) {
	_, dir := testRing(t)
	elsewhere := filepath.Join(t.TempDir(), "custodian")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, custodianFileName), filepath.Join(elsewhere, custodianFileName)); err != nil {
		t.Fatal(err)
	}
	ring, err := OpenRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.CustodianKey(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v, want fs.ErrNotExist", err)
	}
	public, err := ring.CustodianPublicKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := OpenCustodianKey(elsewhere)
	if err != nil || key.ID() != public.ID() {
		t.Errorf("the key elsewhere is another: %v", err)
	}
}

func TestStateOpensOnlyUnderItsPurpose(t *testing.T) {
	ring, dir := testRing(t)
	sealed, err := ring.SealState("cursors/telegram", []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := OpenStateKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(string, []byte) ([]byte, error){"ring": ring.OpenState, "state key alone": alone.Open, "part of the ring": ring.StateKey().Open} {
		if opened, err := open("cursors/telegram", sealed); err != nil || string(opened) != "state" {
			t.Errorf("%s: opened %q, %v", name, opened, err)
		}
		if _, err := open("cursors/twitter", sealed); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: opened under another purpose: %v", name, err)
		}
		for _, broken := range [][]byte{nil, sealed[:10], append(bytes.Clone(sealed), 0)} {
			if _, err := open("cursors/telegram", broken); !errors.Is(err, ErrSealed) {
				t.Errorf("%s: %d broken bytes: %v", name, len(broken), err)
			}
		}
	}
}
