package privacy

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
