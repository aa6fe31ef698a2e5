package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// users reads the accounts of a file of ClickHouse, each with its hash.
func users(t *testing.T, path string) map[string]string {
	t.Helper()
	var file struct {
		Users struct {
			All []struct {
				XMLName xml.Name
				Remove  string `xml:"remove,attr"`
				Hash    string `xml:"password_sha256_hex"`
			} `xml:",any"`
		} `xml:"users"`
	}
	if err := xml.Unmarshal([]byte(text(t, path)), &file); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, u := range file.Users.All {
		if u.Remove == "" {
			all[u.XMLName.Local] = u.Hash
		}
	}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files reads every file below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		all[filepath.Base(p)] = text(t, p)
	}
	return all
}

func TestSecretsAreMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "study")
	var out bytes.Buffer
	if err := makeAll(dir, nil, &out); err != nil {
		t.Fatal(err)
	}
	first := files(t, filepath.Join(dir, "secrets"))
	list := filepath.Join(dir, "watchlist", "watchlist.yaml")
	if err := os.WriteFile(list, []byte("families: [] # mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := makeAll(dir, nil, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, files(t, filepath.Join(dir, "secrets"))); diff != "" {
		t.Errorf("the second run changed secrets (-first +second):\n%s", diff)
	}
	if !strings.Contains(text(t, list), "mine") {
		t.Error("the second run changed the watch list")
	}
	for name, secret := range first {
		if strings.HasSuffix(name, ".seed") || strings.HasSuffix(name, ".password") {
			if strings.Contains(out.String(), strings.TrimSpace(secret)) {
				t.Errorf("%s is printed", name)
			}
		}
	}
}

func TestOnlyTheOwnerReadsSecrets(t *testing.T) {
	dir := t.TempDir()
	if err := makeAll(dir, []string{"r1"}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"secrets", "keys"} {
		info, err := os.Stat(filepath.Join(dir, folder))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, error %v", folder, info.Mode(), err)
		}
	}
	for name := range files(t, filepath.Join(dir, "secrets")) {
		info, err := os.Stat(filepath.Join(dir, "secrets", name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestEveryAccountOfTheServersHasASecret(t *testing.T) {
	dir := t.TempDir()
	if err := makeAll(dir, []string{"r1"}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	configured := users(t, "../clickhouse/users.d/doxtrail.xml")
	made := users(t, filepath.Join(dir, "secrets", "clickhouse-passwords.xml"))
	want := slices.Sorted(maps.Keys(configured))
	want = append(want, "researcher-r1")
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(made))); diff != "" {
		t.Errorf("accounts (-configured +made):\n%s", diff)
	}
	for account, hash := range made {
		password := strings.TrimSpace(text(t, filepath.Join(dir, "secrets", "clickhouse-"+account+".password")))
		sum := sha256.Sum256([]byte(password))
		if hash != hex.EncodeToString(sum[:]) || len(password) < 26 {
			t.Errorf("%s: the hash is not that of its password, or the password is short", account)
		}
	}
	for _, user := range natsUsers() {
		if !strings.Contains(text(t, "../nats/nats.conf"), "$"+variable(user)) {
			t.Errorf("nats.conf has no user %s", user)
		}
	}
	if n := strings.Count(text(t, "../nats/nats.conf"), "nkey: $"); n != len(natsUsers()) {
		t.Errorf("nats.conf has %d users, %d have keys", n, len(natsUsers()))
	}
}

// A secret is replaced by removing its file, a researcher is turned away by it.
func TestARemovedFileIsARemovedSecret(t *testing.T) {
	dir := t.TempDir()
	secrets := filepath.Join(dir, "secrets")
	if err := makeAll(dir, []string{"r1", "r2"}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	before := files(t, secrets)
	for _, name := range []string{"clickhouse-researcher-r1.password", "nats-recorder.seed"} {
		if err := os.Remove(filepath.Join(secrets, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := makeAll(dir, nil, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	after := files(t, secrets)
	all := users(t, filepath.Join(secrets, "clickhouse-passwords.xml"))
	if _, there := all["researcher-r1"]; there || all["researcher-r2"] == "" {
		t.Errorf("researchers are %v", slices.Sorted(maps.Keys(all)))
	}
	if after["nats-recorder.seed"] == before["nats-recorder.seed"] || after["nats-keys.conf"] == before["nats-keys.conf"] {
		t.Error("the key of the recorder is the old one")
	}
	if after["nats-normaliser.seed"] != before["nats-normaliser.seed"] {
		t.Error("the key of the normaliser changed too")
	}
}

func TestBadLabelsAndDamagedSeedsAreNamed(t *testing.T) {
	dir := t.TempDir()
	for _, label := range []string{"", "Chan Invented", "../x", "r1<x>", strings.Repeat("r", 17)} {
		if err := makeAll(dir, []string{label}, new(bytes.Buffer)); err == nil || strings.Contains(err.Error(), "Chan") {
			t.Errorf("label %q: %v", label, err)
		}
	}
	seed := filepath.Join(dir, "secrets", "nats-recorder.seed")
	if err := os.WriteFile(seed, []byte("SUAdamaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := makeAll(dir, nil, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "seed of recorder") || strings.Contains(err.Error(), "SUA") {
		t.Errorf("a damaged seed: %v", err)
	}
}
