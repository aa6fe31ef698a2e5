package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/doxtrail/doxtrail/pkg/service"
)

// crashes are the ways in which a process that holds a text dies, or nearly. What the
// text says must not be printed.
func crashes() map[string]func(text string) {
	return map[string]func(string){
		"a command": func(text string) { panic(text) },
		"an error": func(text string) {
			panic(fmt.Errorf("read a page: %w", errors.New(text)))
		},
		"a goroutine": func(text string) {
			var group errgroup.Group
			group.Go(func() error { panic(errors.New(text)) })
			_ = group.Wait()
		},
		"a goroutine of a library": func(text string) {
			go func() { panic([]string{text}[0]) }()
			select {}
		},
		"a file": func(text string) { // which must not have taken the place of the error output
			_, _ = os.Create(openedFile)
			panic(text)
		},
		"a second panic": func(text string) {
			defer func() { panic(text) }()
			panic("x")
		},
		"a library's own log": func(text string) {
			log.New(os.NewFile(2, ""), "", 0).Print("http: panic serving: ", text)
			panic("x")
		},
		"a service": func(text string) {
			logger := service.NewLogger(os.Stderr, slog.LevelDebug)
			fmt.Fprintln(os.Stderr, service.Run(context.Background(), logger, 0, panicking(text)))
			os.Exit(exitFailed)
		},
	}
}

// openedFile is what a dying process opened.
const openedFile = "opened"

// panicking is a service that panics with a text.
type panicking string

func (panicking) Name() string                { return "panicking" }
func (p panicking) Run(context.Context) error { panic(string(p)) }

// crashVariable names, in the environment of this test's own binary, how it is to die:
// as doxtrail would, with "first " before it as in a container, or with "bare " before it
// without what protects doxtrail.
const crashVariable = "DOXTRAIL_TEST_CRASH"

// crash dies with the text on standard input in its hands.
func crash(how string) {
	if below, first := strings.CutPrefix(how, "first "); first { // it gets the children of the dead, as the first process does
		if err := errors.Join(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), os.Setenv(crashVariable, below)); err != nil {
			panic(err)
		}
		os.Exit(asFirst())
	}
	how, bare := strings.CutPrefix(how, "bare ")
	if !bare {
		disableCoreDumps()
		filterCrash()
		silenceLibraries()
		runtime.GC() // which closes what nobody holds any more
		runtime.GC()
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	if how == memoryImage {
		err := writeMemory(string(text))
		if err != nil {
			panic(err)
		}
		os.Exit(exitDone)
	}
	crashes()[how](string(text))
}

// memoryImage has the process write its memory to standard output, as a core file has
// it: not every machine lets a test have one.
const memoryImage = "a memory image"

// writeMemory writes the private memory that can be written to.
func writeMemory(text string) error {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return err
	}
	memory, err := os.Open("/proc/self/mem")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var rights string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") || to-from > 128<<20 {
			continue
		}
		_, _ = io.Copy(os.Stdout, io.NewSectionReader(memory, from, to-from)) // parts are not there
	}
	if text == "" {
		return errors.New("there was no text to hold")
	}
	return nil
}

// crashes has processes die with a text in their hands, and looks at what they print.
func (w *canaryWatch) crashes(text string) {
	w.t.Helper()
	for _, how := range slices.Sorted(maps.Keys(crashes())) {
		for _, level := range []string{"single", "crash"} {
			r := w.crash(how, level, text)
			w.see("panic: "+how, r)
			if r.code == exitDone || !strings.Contains(r.stderr, "canary_crash_test.go:") {
				w.t.Errorf("%s: exit %d, and its stack does not say where:\n%s", how, r.code, r.stderr)
			}
		}
	}
}

// crash runs this test's own binary until it dies, with as large a core file allowed
// as may be.
func (w *canaryWatch) crash(how, level, text string) result {
	w.t.Helper()
	executable, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), commandTimeout)
	defer cancel()
	cmd := coresAllowed(ctx, executable)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), crashVariable+"="+how, "GOTRACEBACK="+level)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &stdout, &stderr
	_ = cmd.Run() // the code tells
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// coresAllowed prepares a program as a user has it whose shell allows core files.
func coresAllowed(ctx context.Context, program string, args ...string) *exec.Cmd {
	script := `ulimit -S -c "$(ulimit -H -c)" && exec "$0" "$@"`
	return exec.CommandContext(ctx, "sh", append([]string{"-c", script, program}, args...)...)
}

// dumped ends commands that hold a text with the signals that make cores, where cores
// are allowed, and looks at what is left.
func (w *canaryWatch) dumped(text string, args ...string) {
	w.t.Helper()
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV} {
		what := args[0] + " ended by " + signal.String()
		ctx, cancel := context.WithTimeout(w.t.Context(), commandTimeout)
		defer cancel()
		plain := w.command(ctx, args...)
		cmd := coresAllowed(ctx, plain.Path, plain.Args[1:]...)
		cmd.Dir, cmd.Env = plain.Dir, append(plain.Env, "GOTRACEBACK=crash")
		read, write, err := os.Pipe()
		if err != nil {
			w.t.Fatal(err)
		}
		var stdout, stderr syncBuffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = read, &stdout, &stderr
		if err := cmd.Start(); err != nil {
			w.t.Fatal(err)
		}
		_ = read.Close()
		if _, err := write.WriteString(text); err != nil {
			w.t.Fatal(err)
		}
		w.eventually("the command reads its input", func() bool {
			n, err := unix.IoctlGetInt(int(write.Fd()), unix.TIOCINQ)
			return err != nil || n == 0
		})
		_ = cmd.Process.Signal(signal)
		if err := cmd.Wait(); err == nil {
			w.t.Errorf("%s: exit 0", what)
		}
		_ = write.Close()
		w.see(what, result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()})
		// A thread of the engine may take the signal, and has no stack to show.
		if !strings.Contains(stderr.String(), "they may quote what was read") {
			w.t.Errorf("%s: the trace did not go through the filter:\n%s", what, &stderr)
		}
		w.sweep(what)
	}
}
