package chdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// One engine serves all tests of the package: a process has no more than one.
var shared = sync.OnceValues(func() (*Engine, error) {
	path, err := FindLibrary("")
	if err != nil {
		return nil, err
	}
	return Open(Config{Library: path})
})

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if e, err := shared(); err == nil {
			if err := e.Close(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
		os.Exit(code)
	}))
}

func connect(t *testing.T, settings ...Setting) *Conn {
	t.Helper()
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Connect(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// ask gives the result of a statement as TSV without the last line end.
func ask(t *testing.T, c *Conn, sql string, params ...Setting) string {
	t.Helper()
	var answer string
	_, err := c.Query(t.Context(), Statement{SQL: sql, Format: "TSV", Params: params}, func(result []byte) error {
		answer = strings.TrimSuffix(string(result), "\n")
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, text(err))
	}
	return answer
}

func signalActions(t *testing.T) map[syscall.Signal]action {
	t.Helper()
	all := map[syscall.Signal]action{}
	for _, signal := range handledSignals() {
		var a action
		if err := sigaction(signal, nil, &a); err != nil {
			t.Fatal(err)
		}
		all[signal] = a
	}
	return all
}

func TestSignalHandlersOfGoSurviveTheEngine(t *testing.T) {
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	before := signalActions(t)
	var during map[syscall.Signal]action
	// Not by way of keepSignals: the pinned library is to leave them alone by
	// itself.
	e.lib.setHandlers(0)
	during = signalActions(t)
	c := connect(t)
	ask(t, c, "SELECT count() FROM numbers(1000000)")
	for signal, want := range before {
		if during[signal] != want {
			t.Errorf("signal %d: changed by the library", signal)
		}
		if signalActions(t)[signal] != want {
			t.Errorf("signal %d: changed by a connection", signal)
		}
	}
}

func TestNilDereferencesAreRecoveredBesideABusyEngine(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		c := connect(t)
		wg.Go(func() {
			for ctx.Err() == nil {
				_, _ = c.Query(context.WithoutCancel(ctx), Statement{SQL: "SELECT sum(sipHash64(number)) FROM numbers(3000000)", Format: "TSV"}, nil)
			}
		})
	}
	recovered := 0
	for range 5000 {
		recovered += dereferenceNil()
	}
	stop()
	wg.Wait()
	if recovered != 5000 {
		t.Errorf("got %d panics recovered, want 5000", recovered)
	}
}

func dereferenceNil() (recovered int) {
	defer func() {
		if recover() != nil {
			recovered = 1
		}
	}()
	var p *[4096]int
	return p[len(os.Args)]
}

func TestSettingsHoldForOneConnection(t *testing.T) {
	ask(t, connect(t), "CREATE DATABASE IF NOT EXISTS other")
	a := connect(t, Setting{"max_block_size", "1234"}, Setting{"database", "other"})
	b := connect(t)
	if got, want := ask(t, a, "SELECT getSetting('max_block_size'), currentDatabase(), timezone()"), "1234\tother\tUTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ask(t, b, "SELECT getSetting('max_block_size') = 1234, currentDatabase()"); got != "0\tdefault" {
		t.Errorf("another connection: got %q", got)
	}
}

func TestConnectRefusesWhatItCannotDo(t *testing.T) {
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Connect([]Setting{{"max_threads", "many"}}); err == nil {
		t.Error("an impossible value: no error")
	}
	_, err = e.Connect([]Setting{{"database", "no_such_database"}})
	if code(err) != 81 {
		t.Errorf("a database that is not there: got %v, want code 81", err)
	}
}

func TestAKilledStatementEndsSoon(t *testing.T) {
	const endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)"
	for name, run := range map[string]func(context.Context, *Conn) error{
		"whole": func(ctx context.Context, c *Conn) error {
			_, err := c.Query(ctx, Statement{SQL: endless, Format: "TSV"}, nil)
			return err
		},
		"streamed": func(ctx context.Context, c *Conn) error {
			_, err := c.Stream(ctx, Statement{SQL: endless, Format: "TSV"}, func([]byte) error { return nil })
			return err
		},
		"streamed with rows": func(ctx context.Context, c *Conn) error {
			_, err := c.Stream(ctx, Statement{SQL: "SELECT number FROM numbers(1000000000000)", Format: "TSV"}, func([]byte) error { return nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := run(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want context.DeadlineExceeded", err)
			}
			if got := ask(t, c, "SELECT 1"); got != "1" {
				t.Errorf("the connection after it: got %q", got)
			}
		})
	}
}

func TestPoolWaitsForAConnectionUntilTheContextEnds(t *testing.T) {
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(e, 1)
	defer p.Close()
	err = p.Do(t.Context(), nil, func(*Conn) bool {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.Do(ctx, nil, func(*Conn) bool { return true }); err == nil {
			t.Error("got a second connection of one")
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
	if p.Busy() != 0 || len(p.idle) != 1 {
		t.Errorf("got %d busy and %d idle, want 0 and 1", p.Busy(), len(p.idle))
	}
}

func TestPoolKeepsConnectionsApartBySettings(t *testing.T) {
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(e, 2)
	defer p.Close()
	marks := map[string]int{}
	for range 3 {
		for _, settings := range [][]Setting{nil, {{"readonly", "1"}}} {
			if err := p.Do(t.Context(), settings, func(c *Conn) bool {
				marks[c.mark]++
				if got, want := ask(t, c, "SELECT getSetting('readonly')"), fmt.Sprint(len(settings)); got != want {
					t.Errorf("got readonly=%s, want %s", got, want)
				}
				return true
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(marks) != 2 {
		t.Errorf("got %d connections, want 2", len(marks))
	}
}
