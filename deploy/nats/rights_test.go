// Package nats tests nats.conf, the configuration of the NATS server of a
// deployment: every user tries what each may and what none may.
package nats

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/doxtrail/doxtrail/pkg/embedded/embeddedtest"
	"github.com/doxtrail/doxtrail/services/provisioner"
)

func connect(t *testing.T, url, name, seed string) *nats.Conn {
	t.Helper()
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(url, nats.Name(name), nats.Nkey(key, pair.Sign), nats.NoReconnect(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // LastError is looked at
	if err != nil {
		t.Fatalf("%s cannot connect: %v", name, err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// allowed tells whether the server let a user do something with a subject that
// it has just done: a refusal, which names both, is answered before the flush.
func allowed(t *testing.T, nc *nats.Conn, what, subject string) bool {
	t.Helper()
	if err := nc.FlushTimeout(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	err := nc.LastError()
	if err != nil && !errors.Is(err, nats.ErrPermissionViolation) {
		t.Fatal(err)
	}
	return err == nil || !strings.Contains(err.Error(), what+` to "`+subject+`"`)
}

// start makes a key for each user, as deploy/secrets does, starts a server from
// nats.conf and connects all.
func start(t *testing.T) (*embeddedtest.NATS, map[string]*nats.Conn) {
	t.Helper()
	dir := t.TempDir()
	conf, err := os.ReadFile("nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	var keys strings.Builder
	seeds := map[string]string{}
	for _, name := range users {
		pair, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		public, err := pair.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		seed, err := pair.Seed()
		if err != nil {
			t.Fatal(err)
		}
		seeds[name] = string(seed)
		keys.WriteString(strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_NKEY: " + public + "\n")
	}
	for file, text := range map[string]string{"nats.conf": string(conf), "keys.conf": keys.String()} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := embeddedtest.StartNATS(t, filepath.Join(dir, "nats.conf"))
	all := map[string]*nats.Conn{}
	for _, name := range users {
		all[name] = connect(t, server.URL, name, seeds[name])
	}
	return server, all
}

func TestEachUserMayDoItsOwnAndNothingElse(t *testing.T) {
	_, all := start(t)
	for name, nc := range all {
		for subject, may := range publishing {
			if err := nc.Publish(subject, nil); err != nil {
				t.Fatal(err)
			}
			got := allowed(t, nc, "Publish", subject)
			if want := slices.Contains(may, name); got != want {
				t.Errorf("%s publishes on %s: allowed %t, want %t", name, subject, got, want)
			}
		}
		for subject, may := range hearing {
			if _, err := nc.SubscribeSync(subject); err != nil {
				t.Fatal(err)
			}
			got := allowed(t, nc, "Subscription", subject)
			if want := slices.Contains(may, name); got != want {
				t.Errorf("%s subscribes to %s: allowed %t, want %t", name, subject, got, want)
			}
		}
	}
}

// A user's right that no line above speaks of is a right that nobody thought of.
func TestEveryRightIsTried(t *testing.T) {
	server, _ := start(t)
	for _, u := range server.Options.Nkeys {
		if u.Permissions == nil || u.Permissions.Publish == nil || u.Permissions.Subscribe == nil {
			t.Fatalf("user %s may do everything", u.Nkey)
		}
		for _, right := range u.Permissions.Publish.Allow {
			if !strings.Contains(right, "INFO") && !tries(publishing, right) {
				t.Errorf("no test tries the right to publish on %s", right)
			}
		}
		for _, right := range u.Permissions.Subscribe.Allow {
			if !tries(hearing, right) {
				t.Errorf("no test tries the right to subscribe to %s", right)
			}
		}
	}
	if got := len(server.Options.Nkeys); got != len(users) {
		t.Errorf("%d users, want %d", got, len(users))
	}
}

// tries tells whether one of the subjects falls under a right.
func tries(subjects map[string][]string, right string) bool {
	for subject := range subjects {
		if covers(strings.Split(right, "."), strings.Split(subject, ".")) {
			return true
		}
	}
	return false
}

func covers(right, subject []string) bool {
	for i, token := range right {
		switch {
		case token == ">":
			return len(subject) > i
		case i >= len(subject), token != "*" && token != subject[i]:
			return false
		}
	}
	return len(right) == len(subject)
}

func TestStrangersAreTurnedAway(t *testing.T) {
	server, _ := start(t)
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	for what, option := range map[string]nats.Option{
		"no key": nats.Name("nobody"), "a key that nobody knows": nats.Nkey(key, pair.Sign),
		"a token": nats.Token("token"), "a password": nats.UserInfo("normaliser", ""),
	} {
		if nc, err := nats.Connect(server.URL, option); err == nil {
			nc.Close()
			t.Errorf("with %s one gets in", what)
		}
	}
}

func TestTheServerKeepsWhatItConfirmed(t *testing.T) {
	server, _ := start(t)
	o := server.Options
	if !o.JetStream || !o.SyncAlways {
		t.Error("what is confirmed is not surely on the disk")
	}
	if need := provisioner.Defaults().StoreBytes(); o.JetStreamMaxStore < need {
		t.Errorf("max_file_store is %d, the streams need %d", o.JetStreamMaxStore, need)
	}
	if o.JetStreamMaxMemory <= 0 {
		t.Error("streams in memory have no limit")
	}
	const payload = 1<<20 + 64<<10 // what the embedded server takes
	if o.MaxPayload != payload {
		t.Errorf("max_payload is %d, want %d", o.MaxPayload, payload)
	}
	if o.HTTPHost != "127.0.0.1" {
		t.Errorf("the monitor listens on %q", o.HTTPHost)
	}
	if o.Trace || o.Debug || o.TraceVerbose {
		t.Error("the log shows what is sent")
	}
	if o.MQTT.Port != 0 || o.Websocket.Port != 0 || o.LeafNode.Port != 0 || o.Gateway.Port != 0 || o.ProfPort != 0 {
		t.Error("a listener is open that nothing uses")
	}
}
