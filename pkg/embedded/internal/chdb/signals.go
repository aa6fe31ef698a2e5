package chdb

import (
	"fmt"
	"syscall"
	"unsafe"
)

// handledSignals are those that some versions of libchdb reset to their default
// actions when they are told to leave signals alone, and again at each connect.
// Go needs its own handlers for them: without the one for SIGSEGV a nil
// dereference ends the process instead of being a panic that can be recovered.
// The pinned version leaves them as they are, which a test holds it to; the
// library that a configuration names may be another.
func handledSignals() [8]syscall.Signal {
	return [8]syscall.Signal{
		syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE,
		syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS, syscall.SIGTSTP,
	}
}

// action is the kernel's struct sigaction, kept as it came. 64 bytes are more
// than any architecture of Linux uses with a mask of 64 signals.
type action [64]byte

// keepSignals runs call and then puts back the signal handlers that were there
// before. The actions belong to the process, so where call does reset them they
// are missing for every thread until it returns.
func keepSignals(call func()) error {
	signals := handledSignals()
	var saved [8]action
	for i, signal := range signals {
		if err := sigaction(signal, nil, &saved[i]); err != nil {
			return fmt.Errorf("save the action of signal %d: %w", signal, err)
		}
	}
	call()
	for i, signal := range signals {
		if err := sigaction(signal, &saved[i], nil); err != nil {
			return fmt.Errorf("restore the action of signal %d: %w", signal, err)
		}
	}
	return nil
}

// sigaction goes to the kernel directly: the one of libc would replace the
// restorer of Go's handlers by its own.
func sigaction(signal syscall.Signal, set, get *action) error {
	const maskBytes = 8
	//nolint:gosec // the kernel reads and writes within the 64 bytes
	_, _, number := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(signal),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), maskBytes, 0, 0)
	if number != 0 {
		return number
	}
	return nil
}
