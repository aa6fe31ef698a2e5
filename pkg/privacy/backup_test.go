package privacy_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const passphrase = "four invented test words"

// backedUp makes a ring with a RAW key and backs it up.
func backedUp(t *testing.T) (ring *privacy.Ring, dir string, backup []byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "keys")
	ring, err := privacy.CreateRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.CurrentRawKey(time.Now()); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ring.WriteBackup(&b, passphrase, time.Now()); err != nil {
		t.Fatal(err)
	}
	return ring, dir, b.Bytes()
}

func TestARingComesBackFromItsBackupWithoutRAWKeys(t *testing.T) {
	ring, _, backup := backedUp(t)
	opened, err := privacy.ReadBackup(bytes.NewReader(backup), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if opened.ID() != ring.ID() {
		t.Errorf("the backup is of ring %s, not %s", opened.ID(), ring.ID())
	}
	dir := filepath.Join(t.TempDir(), "keys")
	restored, err := opened.Restore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if restored.ID() != ring.ID() || !restored.CreatedAt().Equal(ring.CreatedAt()) {
		t.Error("the restored ring is another")
	}
	const twitter = doxtrailv1.Platform_PLATFORM_TWITTER
	if ring.Keyer().Post(twitter, "", "12") != restored.Keyer().Post(twitter, "", "12") {
		t.Error("the restored ring makes other keys")
	}
	sealed, err := ring.SealState("test", []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := restored.OpenState("test", sealed); err != nil || string(state) != "state" {
		t.Errorf("the restored ring opens state: %q, %v", state, err)
	}
	sameKey(t, "failed", ring.FailedKey, restored.FailedKey)
	sameKey(t, "custodian", ring.CustodianKey, restored.CustodianKey)
	if keys, err := restored.RawKeys(); err != nil || len(keys) != 0 {
		t.Errorf("the backup brought back %d RAW keys, %v", len(keys), err)
	}
	if _, err := restored.CurrentRawKey(time.Now()); err != nil {
		t.Errorf("the restored ring makes no RAW key: %v", err)
	}
	if _, err := opened.Restore(dir); !errors.Is(err, privacy.ErrRingExists) {
		t.Errorf("restored over a ring: %v", err)
	}
}

func sameKey(t *testing.T, what string, a, b func() (privacy.PrivateKey, error)) {
	t.Helper()
	x, errX := a()
	y, errY := b()
	if err := errors.Join(errX, errY); err != nil {
		t.Fatal(err)
	}
	if x.ID() != y.ID() {
		t.Errorf("the restored ring has another %s key", what)
	}
}

func TestABackupTellsNothingWithoutItsPassphrase(t *testing.T) {
	_, dir, backup := backedUp(t)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for line := range strings.Lines(string(content)) {
			_, secret, _ := strings.Cut(line, `"secret": "`)
			if secret = strings.TrimRight(secret, "\",\n"); secret != "" && bytes.Contains(backup, []byte(secret)) {
				t.Error("a secret can be read in the backup")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := privacy.ReadBackup(bytes.NewReader(backup), passphrase+"?"); !errors.Is(err, privacy.ErrPassphrase) {
		t.Errorf("another passphrase: got %v", err)
	}
	if _, err := privacy.ReadBackup(bytes.NewReader(backup), ""); !errors.Is(err, privacy.ErrPassphrase) {
		t.Errorf("no passphrase: got %v", err)
	}
	for what, damaged := range map[string][]byte{
		"cut short":       backup[:len(backup)/2],
		"one bit flipped": flipped(backup, len(backup)-120),
		"something else":  []byte("{}"),
		"empty":           nil,
	} {
		if _, err := privacy.ReadBackup(bytes.NewReader(damaged), passphrase); err == nil || errors.Is(err, privacy.ErrPassphrase) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func TestAShortPassphraseIsRefused(t *testing.T) {
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ring.WriteBackup(&b, "short", time.Now()); err == nil || b.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, b.Len())
	}
}
