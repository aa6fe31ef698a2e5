package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Who filters what others print when they die is known by its name, prints nothing of
// what it holds when it dies itself, and is no reason for the others to die.
func TestTheFilterOfCrashesDiesSilently(t *testing.T) {
	t.Parallel()
	w := &canaryWatch{testStudy: &testStudy{t: t, dir: t.TempDir()}}
	cmd, stdin, ended := w.feed("kinds")
	var filter int
	w.eventually("the filter runs under its name", func() bool {
		filter = childOf(t, cmd.Process.Pid, crashName)
		return filter != 0
	})
	if err := syscall.Kill(filter, syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	w.eventually("the filter is dead", func() bool { return childOf(t, cmd.Process.Pid, "") == 0 })
	if _, err := stdin.WriteString("a text\n"); err != nil {
		t.Fatal(err)
	}
	_ = stdin.Close()
	r := ended()
	if r.code != exitDone || strings.Count(r.stdout, "\n") != 1 || strings.Contains(r.stderr, "goroutine") || strings.Contains(r.stderr, "rsp ") {
		t.Errorf("exit %d with %q, and the filter printed\n%s", r.code, r.stdout, r.stderr)
	}
}

// However few files may be open, a crash does not say what was read, nor does a file.
func TestACrashSaysNothingWhereNoFilterCanBeHad(t *testing.T) {
	t.Parallel()
	const text = "a text that is 99912345"
	for files := 3; files <= 12; files++ {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n "$1" && exec "$0"`, os.Args[0], fmt.Sprint(files))
		cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), crashVariable+"=a file")
		cmd.Stdin = strings.NewReader(text)
		printed, err := cmd.CombinedOutput()
		opened, _ := os.ReadFile(filepath.Join(cmd.Dir, openedFile)) // it may have died before
		printed = append(printed, opened...)
		if err == nil {
			t.Errorf("with %d files it lives", files)
		}
		if strings.Contains(string(printed), "99912345") {
			t.Errorf("with %d files it says:\n%s", files, printed)
		}
	}
}

// The first process of a container ends when all is said, and as the program did.
func TestTheFirstProcessWaitsForWhatACrashSays(t *testing.T) {
	t.Parallel()
	for how, code := range map[string]int{"first a command": 2, "first a service": exitFailed, "first " + memoryImage: exitDone} {
		said, err := os.Create(filepath.Join(t.TempDir(), "said"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashVariable+"="+how, "GOTRACEBACK=all")
		cmd.Stdin, cmd.Stderr = strings.NewReader("a text"), said // a file: nobody waits until it is closed
		_ = cmd.Run()                                             // the code tells
		text := string(contentOf(t, said.Name()))
		if cmd.ProcessState.ExitCode() != code || (code != exitDone) != strings.Contains(text, "canary_crash_test.go:") {
			t.Errorf("%s: exit %d, want %d; it said\n%s", how, cmd.ProcessState.ExitCode(), code, text)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashVariable+"=first a command")
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &testStudy{t: t}
	w.eventually("the program runs", func() bool { return childOf(t, cmd.Process.Pid, "") != 0 })
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	_ = stdin.Close()
	if got := cmd.ProcessState.ExitCode(); got != 128+int(syscall.SIGTERM) {
		t.Errorf("after SIGTERM: exit %d", got)
	}
}

// childOf finds a process that another started and that is called so, or any if name is
// empty. One that is dead and not yet waited for is none.
func childOf(t *testing.T, parent int, name string) (pid int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, stat := range stats {
		b, _ := os.ReadFile(stat) // it may be gone
		var of int
		var called, state string
		if _, err := fmt.Sscanf(string(b), "%d %s %s %d", &pid, &called, &state, &of); err == nil && of == parent && state != "Z" &&
			(name == "" || called == "("+name+")") {
			return pid
		}
	}
	return 0
}
