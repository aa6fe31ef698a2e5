package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/doxtrail/doxtrail/pkg/privacy"
)

// crashName is what the program is called where it filters what another copy of it
// prints when that dies.
const crashName = "doxtrail-crash"

// lowest holds the file of the error output as the process was given it: without
// it the collector of garbage would close what is put in its place.
var lowest = os.Stderr //nolint:gochecknoglobals // it has to live as long as the process

// ownProgram is the file of this program, also after another has taken its place.
const ownProgram = "/proc/self/exe"

// filterCrash has everything that is printed to this process's error output past the
// program itself, by the runtime when it dies and by libraries, go through
// [privacy.FilterTrace]: the text of a panic quotes what a library was given, and
// error output is kept in journals. A process that dies cannot do that itself, and a
// panic in a library's goroutine cannot be recovered; so another process reads it,
// which ends when this one does. What the program prints itself goes to os.Stderr,
// which is the real one.
//
// Where no other process can be had, a crash prints nothing. It ends the program where
// not even that can be brought about: too few files may be open.
func filterCrash() {
	if os.Getpid() == 1 {
		os.Exit(asFirst())
	}
	err := redirectCrash()
	if err != nil {
		fmt.Fprintln(os.Stderr, "doxtrail: keep the text of a crash from the error output: more files must be allowed to be open (ulimit -n)")
		os.Exit(exitFailed)
	}
}

func redirectCrash() error {
	shown, err := unix.FcntlInt(lowest.Fd(), unix.F_DUPFD_CLOEXEC, unix.Stderr+1)
	if err != nil {
		return err
	}
	stderr := os.NewFile(uintptr(shown), "/dev/stderr")
	to, err := startCrashFilter(stderr)
	if err != nil {
		to, err = nowhere()
	}
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()
	if err := unix.Dup3(int(to.Fd()), int(lowest.Fd()), 0); err != nil {
		return err
	}
	os.Stderr = stderr
	return nil
}

// nowhere is a pipe without a reader. Without any file there, the next one that is
// opened would take the place of the error output, and a text would go into it.
func nowhere() (to *os.File, err error) {
	from, to, err := os.Pipe()
	if err == nil {
		_ = from.Close()
	}
	return to, err
}

// asFirst runs the program below this process, which is the first of a container: with
// the first all others are killed, so one that dies would take the process with it that
// shows where. It passes signals on, and ends when nobody is left, with the program's
// exit code.
func asFirst() (code int) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals)
	cmd := &exec.Cmd{Path: ownProgram, Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "doxtrail: start below the first process of a container: another process must be allowed, and /proc be there")
		return exitFailed
	}
	go func() {
		for s := range signals {
			if s != syscall.SIGCHLD && s != syscall.SIGURG && s != syscall.SIGPIPE { // those are this process's own
				_ = cmd.Process.Signal(s) // it may be gone
			}
		}
	}()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return code // there are no children any more
		case pid == cmd.Process.Pid && status.Signaled(): //nolint:misspell // so it is called
			code = 128 + int(status.Signal()) // as a shell says it
		case pid == cmd.Process.Pid:
			code = status.ExitStatus()
		}
	}
}

// startCrashFilter starts the other process and returns what it reads from. It is in
// a group of its own, so that Ctrl-C does not end it before it is needed, and has no
// error output: nobody filters what it would print if it died itself.
func startCrashFilter(shown *os.File) (to *os.File, err error) {
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	cmd := &exec.Cmd{
		Path: ownProgram, Args: []string{crashName}, Env: []string{"GOMAXPROCS=1"}, Dir: "/",
		Stdin: from, Stdout: shown, SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := cmd.Start(); err != nil {
		_ = to.Close()
		return nil, err
	}
	return to, cmd.Process.Release()
}

// crashFilter is the other process. It ends when nobody can write any more, and by
// no signal that is meant for all processes of a service.
func crashFilter() {
	_ = os.WriteFile("/proc/self/comm", []byte(crashName), 0) // for who looks for it with ps: it would be exe
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGTTOU, syscall.SIGPIPE)
	if privacy.FilterTrace(os.Stdout, os.Stdin, privacy.ProgramNames(ownProgram)) != nil {
		_, _ = io.Copy(io.Discard, os.Stdin) // whoever dies must not wait for a reader
	}
}
