package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func open(t *testing.T, dir string) *Servers {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTwoProcessesShareAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	holder := startChild(t, dir)
	if got := holder.line(t); got != "holder" {
		t.Fatalf("the first process: got %q, want holder", got)
	}
	s := open(t, dir)
	if s.Holder() {
		t.Fatal("the second process is a holder too")
	}
	if got, err := ask(t.Context(), s, "SELECT 40 + 2"); got != "42" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	nc, err := nats.Connect(s.NATS().URL, nats.Token(s.NATS().Token))
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()

	holder.say(t, "linger")
	third := startChild(t, dir)
	if got := third.line(t); got != "attached" {
		t.Errorf("the third process: got %q, want attached", got)
	}
	third.say(t, "ask SELECT 7")
	if got := third.line(t); got != `"7" <nil>` {
		t.Errorf("the third process: got %s", got)
	}
	if err := third.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := third.Wait(); err != nil {
		t.Errorf("the third process: %v", err)
	}
	closeAll(t, s.Close)
	if got := holder.line(t); got != "lingered <nil>" {
		t.Errorf("the holder: got %q", got)
	}
	if err := holder.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := holder.Wait(); err != nil {
		t.Errorf("the holder: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "run.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("run.json after the end: %v", err)
	}
}

func TestAKilledHolderIsReplaced(t *testing.T) {
	dir := t.TempDir()
	holder := startChild(t, dir)
	if got := holder.line(t); got != "holder" {
		t.Fatalf("got %q, want holder", got)
	}
	for _, sql := range []string{
		"CREATE DATABASE d", "CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1",
		"INSERT INTO d.t SELECT number FROM numbers(1000)",
	} {
		holder.say(t, "ask "+sql)
		if got := holder.line(t); got != `"" <nil>` {
			t.Fatalf("%s: got %s", sql, got)
		}
	}
	attached := open(t, dir)
	other := startChild(t, dir)
	if got := other.line(t); got != "attached" {
		t.Fatalf("got %q, want attached", got)
	}
	other.say(t, "gone")
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-attached.Gone():
	case <-time.After(20 * time.Second):
		t.Fatal("the end of the holder was not noticed")
	}
	if got := other.line(t); got != "gone" {
		t.Errorf("another process: got %q", got)
	}
	closeAll(t, attached.Close)

	if _, err := os.Stat(filepath.Join(dir, "run.json")); err != nil {
		t.Fatalf("the killed holder's run.json: %v", err)
	}
	s := open(t, dir)
	if !s.Holder() {
		t.Fatal("nobody holds the folder and it was not taken")
	}
	if got, err := ask(t.Context(), s, "SELECT count(), sum(a) FROM d.t"); got != "1000\t499500" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	closeAll(t, s.Close)
}

// Everyone who opens the folder is served, whoever comes and goes meanwhile.
func TestNobodyFallsBetweenTwoHolders(t *testing.T) {
	dir := t.TempDir()
	var holders atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, 100)
	for i := range 6 {
		wg.Go(func() {
			for range 4 {
				held, err := visit(t.Context(), dir, i)
				if err != nil {
					failures <- err
					return
				}
				if held {
					holders.Add(1)
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	if holders.Load() == 0 {
		t.Error("there was no holder")
	}
	t.Logf("%d of 24 were holders", holders.Load())
}

func visit(ctx context.Context, dir string, i int) (held bool, err error) {
	s, err := Open(ctx, Config{Dir: dir})
	if err != nil {
		return false, err
	}
	want := fmt.Sprint(i)
	got, err := ask(ctx, s, "SELECT "+want)
	if err == nil && got != want {
		err = fmt.Errorf("got %q, want %q", got, want)
	}
	select {
	case <-s.Gone():
		err = errors.Join(err, errors.New("the holder left before those who were attached"))
	default:
	}
	return s.Holder(), errors.Join(err, s.Linger(ctx), s.Close(ctx))
}

func TestLingerEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	other := startChild(t, dir)
	if got := other.line(t); got != "attached" {
		t.Fatalf("got %q, want attached", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Linger(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	other.say(t, "gone")
	closeAll(t, s.Close, s.Close)
	if got := other.line(t); got != "gone" {
		t.Errorf("the attached process: got %q", got)
	}
	select {
	case <-s.Gone():
	default:
		t.Error("the servers are closed and not gone")
	}
}

func TestAHolderThatDoesNotAnswerIsAnError(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.TryLock(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Config{Dir: dir, Patience: 100 * time.Millisecond})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	if err != nil && strings.Contains(err.Error(), dir) {
		t.Errorf("the error holds a path: %v", err)
	}
	if err := f.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestAFailedStartLeavesTheFolderFree(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), Config{Dir: dir, ClickHouse: ClickHouseConfig{Library: "none.so"}}); err == nil {
		t.Fatal("started without a library")
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.TryLock(); err != nil {
		t.Error(err)
	}
	if err := f.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestResearchersMayReadOnly(t *testing.T) {
	ch, err := StartClickHouse(t.Context(), ClickHouseConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, ch.Close)
	e := ch.Endpoint()
	service := func(sql string) error {
		_, err := askAs(t.Context(), e.URL, e.User, e.Password, sql)
		return err
	}
	researcher := func(sql string) error {
		_, err := askAs(t.Context(), e.URL, e.ResearcherUser, e.ResearcherPassword, sql)
		return err
	}
	if err := service("CREATE DATABASE research"); err != nil {
		t.Fatal(err)
	}
	if err := researcher("SELECT 1"); err != nil {
		t.Error(err)
	}
	for _, sql := range []string{"CREATE TABLE t (a Int8) ENGINE = Memory", "SELECT * FROM url('http://127.0.0.1:1/', CSV)", "file('/etc/hostname')"} {
		if researcher(sql) == nil {
			t.Errorf("%s: was run", sql)
		}
	}
	if e.Password == e.ResearcherPassword || len(e.Password) < 20 {
		t.Error("the passwords are not random")
	}
}

func TestEmbeddedServersListenOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.test:0"} {
		if ch, err := StartClickHouse(t.Context(), ClickHouseConfig{Listen: address}); err == nil {
			closeAll(t, ch.Close)
			t.Errorf("%s: started", address)
		}
	}
}
