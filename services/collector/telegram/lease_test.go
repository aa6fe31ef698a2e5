package telegram

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// onAnotherMachine gives the same account, with a copy of the session of its own.
func (r *rig) onAnotherMachine() *rig {
	r.t.Helper()
	other := *r
	other.cfg.SessionFile = filepath.Join(r.t.TempDir(), "telegram.session")
	session, err := os.ReadFile(r.cfg.SessionFile)
	if err == nil {
		err = os.WriteFile(other.cfg.SessionFile, session, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return &other
}

func TestOfTwoMachinesOneUsesTheSession(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.deps.Lease = true
	c := r.harbour(3)
	other := r.onAnotherMachine()
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.count(c) == 3 })
	other.start()
	t.Cleanup(func() { other.stop() })
	other.state(StateHeld)
	r.arrives(c, "while another waits")
	if err := r.collector.Ready(); err != nil {
		t.Errorf("the first is disturbed: %v", err)
	}
	r.stop()
	other.state(StateCollecting)
	other.arrives(c, "at the other machine")
	other.stop()

	// One that is gone without a word keeps the others out for a term.
	bucket, err := r.bus.Conn.Bucket(r.within(), "LEASES")
	if err != nil {
		t.Fatal(err)
	}
	if err := bucket.Change(r.within(), Name+"."+r.cfg.Account, func([]byte) ([]byte, error) { return []byte("gone"), nil }); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.state(StateHeld)
	r.state(StateCollecting)
	r.arrives(c, "after its term")
	if n := r.fake.Simultaneous(); n != 0 {
		t.Errorf("the session was used %d times from two places", n)
	}
}
