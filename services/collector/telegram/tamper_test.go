package telegram

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gotd/td/tgerr"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// Somebody who can write to NATS changes what the collector keeps there, or
// somebody who can write to its folder changes the session.

// kept reads all values of a bucket under the collector's keys.
func (r *rig) kept(bucket string) (b *bus.Bucket, values map[string][]byte) {
	r.t.Helper()
	b, err := r.bus.Conn.Bucket(r.within(), bucket)
	if err != nil {
		r.t.Fatal(err)
	}
	keys, err := b.Keys(r.within(), Name)
	if err != nil {
		r.t.Fatal(err)
	}
	values = map[string][]byte{}
	for _, key := range keys {
		if values[key], _, err = b.Load(r.within(), key); err != nil {
			r.t.Fatal(err)
		}
	}
	return b, values
}

// put writes a value over whatever is there.
func (r *rig) put(b *bus.Bucket, key string, value []byte) {
	r.t.Helper()
	if err := b.Change(r.within(), key, func([]byte) ([]byte, error) { return value, nil }); err != nil {
		r.t.Fatal(err)
	}
}

// A byte is changed in each of them in turn. Nothing of it is taken over, status
// can still be asked and says so, and with the old value all goes on.
func TestAChangedCursorIsNotTakenOver(t *testing.T) {
	r, c := followed(t)
	r.eventually("a report is kept", func() bool {
		report, found, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		return err == nil && found && len(report.Channels) == 1
	})
	r.stop()
	b, values := r.kept(bus.BucketCursors)
	if len(values) < 6 {
		t.Fatalf("only %d cursors", len(values))
	}
	said := 0
	for key, value := range values {
		changed := slices.Clone(value)
		changed[len(changed)/2] ^= 1
		r.put(b, key, changed)
		before := time.Now()
		r.start()
		r.eventually("a new report is kept", func() bool {
			report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
			if err != nil || report.At.Before(before) {
				return false
			}
			if strings.Contains(report.Why, "open cursor") || len(report.Channels) == 1 && strings.Contains(report.Channels[0].Why, "open cursor") {
				said++
				return true
			}
			return len(report.Channels) == 1 && report.Channels[0].State == string(channelFollowed)
		})
		r.stop()
		r.put(b, key, value)
	}
	if said < len(values)-2 {
		t.Errorf("%d changed cursors were said of %d", said, len(values))
	}
	r.start()
	r.arrives(c, "with the old values")
}

// A value under the key of another is not taken over either.
func TestCursorsThatAreSwappedAreNotTakenOver(t *testing.T) {
	r, _ := followed(t)
	r.stop()
	b, values := r.kept(bus.BucketCursors)
	var before string
	for key := range values {
		if before != "" {
			r.put(b, key, values[before])
		}
		before = key
	}
	r.start()
	r.eventually("status says so", func() bool {
		report, _, err := ReadReport(r.within(), r.bus.Conn, r.deps.Key, r.cfg)
		return err == nil && len(report.Channels) == 1 && strings.Contains(report.Channels[0].Why, "open cursor")
	})
}

// Values of yesterday make the collector read again, and it doubles nothing.
func TestCursorsOfYesterdayLoseNothing(t *testing.T) {
	r, c := followed(t)
	r.stop()
	b, old := r.kept(bus.BucketCursors)
	r.start()
	last := c.Post(text("the sixth"))
	c.EditText(2, "edited")
	c.Delete(3)
	r.eventually("the changes are on RAW", func() bool { return r.raw.post(c, last) != nil && r.raw.seen(c, 3, stateGone) == 1 })
	r.stop()
	for key, value := range old {
		r.put(b, key, value)
	}
	r.start()
	r.arrives(c, "after the values of yesterday")
	if n := r.raw.seen(c, 3, stateGone); n < 1 {
		t.Errorf("the deletion was told %d times", n)
	}
	if n := r.raw.count(c); n != 7 {
		t.Errorf("%d posts on RAW", n)
	}
}

// While it runs, whoever writes a cursor stops this process for a while: that is
// what a second collector would look like.
func TestACursorThatIsWrittenMeanwhileIsLeftAlone(t *testing.T) {
	r, c := followed(t)
	b, values := r.kept(bus.BucketCursors)
	for key, value := range values {
		r.put(b, key, append(value, 0))
		r.put(b, key, value)
	}
	c.Post(text("meanwhile"))
	r.arrives(c, "afterwards")
}

func TestABudgetThatIsNoneIsSaid(t *testing.T) {
	r, c := followed(t)
	r.stop()
	b, values := r.kept(bus.BucketBudgets)
	for key := range values {
		r.put(b, key, []byte("no budget"))
	}
	r.start()
	r.state(StateTrouble)
	r.eventually("ready says which bucket it is", func() bool {
		err := r.collector.Ready()
		return err != nil && strings.Contains(err.Error(), "BUDGETS")
	})
	for key, value := range values {
		r.put(b, key, value)
	}
	r.arrives(c, "when it can be read again")
}

// A lease that somebody made up keeps the collector out for a term, and one that is
// overwritten ends its work until the other is silent.
func TestALeaseThatIsMadeUpPasses(t *testing.T) {
	r := newRig(t, fake.Options{})
	r.deps.Lease = true
	c := r.harbour(3)
	b, _ := r.kept(bus.BucketLeases)
	r.put(b, Name+"."+r.cfg.Account, []byte(strings.Repeat("x", 10_000)))
	r.start()
	r.state(StateHeld)
	r.arrives(c, "after a term")
	r.put(b, Name+"."+r.cfg.Account, []byte("somebody"))
	r.state(StateHeld)
	r.arrives(c, "after another term")
}

// A session of another study does not open, and half of one does not either.
func TestASessionOfAnotherRingIsNotUsed(t *testing.T) {
	r, c := followed(t)
	r.stop()
	own, err := os.ReadFile(r.cfg.SessionFile)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	other := &sessionFile{path: r.cfg.SessionFile, key: ring.StateKey()}
	if err := other.begin([]byte(`{"Version":1,"Data":{"AuthKey":"AAAA"}}`)); err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(r.cfg.SessionFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{foreign, own[:len(own)/2], nil, []byte(`{"Version":1}`)} {
		if err := os.WriteFile(r.cfg.SessionFile, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.state(StateLogin)
		r.stop()
	}
	if err := os.WriteFile(r.cfg.SessionFile, own, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.arrives(c, "with the own session")
}

// What a server calls an error stands in metrics, log and status: only what looks
// like Telegram's own names of errors does.
func TestAnErrorsNameIsNoText(t *testing.T) {
	for name, want := range map[string]string{
		"CHANNEL_PRIVATE": "CHANNEL_PRIVATE", "FLOOD_WAIT_3": "FLOOD_WAIT", "2FA_CONFIRM_WAIT_5": "2FA_CONFIRM_WAIT",
		"Timedout": "Timedout", "no channel @harbour_watch": "other", "陳大文": "other", "": "other",
		strings.Repeat("A", 65): "other",
	} {
		if got := class(tgerr.New(400, name)); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
