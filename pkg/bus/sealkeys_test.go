package bus_test

import (
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus/bustest"
	"github.com/doxtrail/doxtrail/pkg/privacy"
)

func TestAKeyIsKeptAndAskedForAgain(t *testing.T) {
	server := bustest.New(t)
	s := server.Conn.NewSealKeys()
	s.Wait = 100 * time.Millisecond
	current := func(want privacy.PublicKey, why string) {
		t.Helper()
		key, err := s.Current(within(t))
		if err != nil || key.ID() != want.ID() {
			t.Errorf("%s: key %s, error %v, want %s", why, key.ID(), err, want.ID())
		}
	}
	keys, err := server.Conn.PublicKeys(within(t))
	if err != nil {
		t.Fatal(err)
	}
	first, second := server.Raw.PublicKey(), server.Failed.PublicKey()
	if err := keys.PutRaw(within(t), first); err != nil {
		t.Fatal(err)
	}
	current(first, "the first time")
	if err := keys.PutRaw(within(t), second); err != nil {
		t.Fatal(err)
	}
	current(first, "while it is fresh")
	s.Age(false)
	current(second, "after a rotation")

	server.Stop()
	defer server.Start()
	s.Age(false)
	current(second, "during an outage")
	s.Age(true)
	if _, err := s.Current(within(t)); err == nil {
		t.Error("a key was used that may be destroyed")
	}
}
