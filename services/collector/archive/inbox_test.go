package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inbox is a configuration that looks often.
func inbox(dir string) Config {
	cfg := Defaults()
	cfg.Inbox, cfg.InboxPoll = dir, 10*time.Millisecond
	return cfg
}

// watch runs the collector until the returned function is called.
func (r *rig) watch() (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.collector.Run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		if err := await(r.t, "the collector", done); err != nil {
			r.t.Errorf("run: %v", err)
		}
	}
	r.t.Cleanup(stop)
	return stop
}

// awaitImports waits until so many import records are on RAW, no more.
func (o *reader) awaitImports(n int) {
	o.t.Helper()
	eventually(o.t, "the file is imported", func() bool { return len(o.ledger()) >= n })
	if got := len(o.ledger()); got != n {
		o.t.Fatalf("%d imports, want %d", got, n)
	}
}

// drop puts a file into the inbox at once, whole.
func drop(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(write(t, t.TempDir(), "whole", content), path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheInboxImportsAFileOnce(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, inbox(dir))
	raw := r.read()
	stop := r.watch()

	first := drop(t, dir, "a-person-of-our-invention.json", channelExport(7, message(1, "a")))
	raw.awaitImports(1)
	// A file that comes later in order is imported after the first was looked
	// at again.
	drop(t, dir, "b/second.json", channelExport(8, message(1, "a")))
	raw.awaitImports(2)
	stop()

	r.restart(inbox(dir))
	stop = r.watch()
	drop(t, dir, "c-third.json", channelExport(9, message(1, "a")))
	raw.awaitImports(3)
	if err := os.Rename(first, filepath.Join(dir, "b-renamed-person.json")); err != nil {
		t.Fatal(err)
	}
	drop(t, dir, "d-fourth.json", channelExport(10, message(1, "a")))
	raw.awaitImports(4)
	// A file whose content changed is another file.
	drop(t, dir, "c-third.json", channelExport(9, message(1, "a"), message(2, "b")))
	raw.awaitImports(5)
	stop()
	r.wantNoPath(Summary{}, dir, first, "b-renamed-person.json", "c-third.json", "d-fourth.json", "second.json")
}

func TestTheInboxPassesOverWhatIsNoArchive(t *testing.T) {
	dir := t.TempDir()
	drop(t, dir, "a-film-of-somebody.mp4", "\x00\x00\x00\x18ftypmp42")
	broken := channelExport(7, message(1, "a"), message(2, "b"))
	drop(t, dir, "b-broken.json", broken[:len(broken)-30])
	r := newRig(t, inbox(dir))
	raw := r.read()
	stop := r.watch()
	eventually(t, "the broken file is read", func() bool { return strings.Contains(r.log.String(), "incomplete") })
	drop(t, dir, "c-whole.json", channelExport(8, message(1, "a")))
	raw.awaitImports(2)
	stop()
	if got := r.metric("doxtrail_collector_archive_files_total", "unreadable"); got != 0 {
		t.Errorf("%v files count as unreadable", got)
	}
	if lines := strings.Count(r.log.String(), "\n"); lines != 2 {
		t.Errorf("%d lines are logged, want one a file that was read: nothing is tried again and again", lines)
	}
	r.wantNoPath(Summary{}, "a-film-of-somebody.mp4", "b-broken.json", "c-whole.json")
}

func TestTheInboxGoesOnAfterAnOutage(t *testing.T) {
	dir := t.TempDir()
	r := withoutKey(t)
	cfg := inbox(dir)
	r.restart(cfg)
	r.collector.keys.Wait = 20 * time.Millisecond
	raw := r.read()
	r.watch()
	name := "somebody-invented.json"
	drop(t, dir, name, channelExport(7, message(1, "a")))
	eventually(t, "the import failed twice", func() bool { return strings.Count(r.log.String(), "tried again") >= 2 })
	keys, err := r.bus.Conn.PublicKeys(r.within())
	if err == nil {
		err = keys.PutRaw(r.within(), r.bus.Raw.PublicKey())
	}
	if err != nil {
		t.Fatal(err)
	}
	raw.awaitImports(1)
	r.wantNoPath(Summary{}, name)
}

func TestAFileIsSettledWhenTwoLooksAgree(t *testing.T) {
	dir := t.TempDir()
	look := func() map[string]fileState {
		t.Helper()
		states, err := inboxStates(dir)
		if err != nil {
			t.Fatal(err)
		}
		return states
	}
	var states map[string]fileState
	next := func(what string, want ...string) {
		t.Helper()
		now := look()
		got := compare(states, now)
		for i := range got {
			got[i] = filepath.Base(got[i])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		states = now
	}
	next("empty")
	growing := write(t, dir, "growing", "1")
	write(t, dir, "sub/still", "1")
	next("both are new")
	write(t, dir, "growing", "12")
	next("one has grown", "still")
	next("and settled", "growing", "still")
	for path, state := range states {
		state.done = true
		states[path] = state
	}
	next("both are done")
	if err := os.Chtimes(growing, time.Time{}, time.UnixMilli(1_600_000_000_000)); err != nil {
		t.Fatal(err)
	}
	next("one was written again, to the same size")
	next("and is settled", "growing")
	if err := os.Symlink(growing, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(growing); err != nil {
		t.Fatal(err)
	}
	next("one is gone, and links are not followed")
	if len(states) != 1 {
		t.Errorf("%d files are known, want 1", len(states))
	}
}

func TestAnInboxThatCannotBeReadIsNotNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "inbox-of-somebody")
	if _, err := inboxStates(dir); err == nil || strings.Contains(err.Error(), "somebody") {
		t.Errorf("error %v, want one without the path", err)
	}
	if got := pathless(&fs.PathError{Op: "open", Path: dir, Err: fs.ErrPermission}); got != "permission denied" {
		t.Errorf("text %q", got)
	}
	if got := pathless(errors.New(dir)); got != "cannot be read" {
		t.Errorf("text %q", got)
	}
	r := newRig(t, inbox(dir))
	raw := r.read()
	stop := r.watch()
	eventually(t, "the fault is logged", func() bool { return strings.Contains(r.log.String(), "inbox cannot be read") })
	drop(t, dir, "late.json", channelExport(7, message(1, "a")))
	raw.awaitImports(1)
	stop()
	r.wantNoPath(Summary{}, dir)
}

func TestWithoutAnInboxRunOnlyWaits(t *testing.T) {
	r := newRig(t, Defaults())
	ctx, cancel := context.WithCancel(r.within())
	cancel()
	if err := r.collector.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := Config{Zone: "Nowhere/Invented"}.Validate()
	for _, key := range []string{"inbox_poll", "zone"} {
		if err == nil || !strings.Contains(err.Error(), key+":") {
			t.Errorf("error %v does not name %s", err, key)
		}
	}
	if zone, err := (Config{Zone: "Asia/Hong_Kong"}).location(); err != nil || zone == nil {
		t.Errorf("zone %v, error %v", zone, err)
	}
}
