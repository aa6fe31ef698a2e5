package main

import "syscall"

// prSetDumpable is PR_SET_DUMPABLE of prctl(2).
const prSetDumpable = 4

// disableCoreDumps forbids core files for this process: a core holds the text
// that was in memory. The limit does not bind a program that the kernel pipes
// cores to, so the process is marked as not to be dumped as well. Both are
// precautions; where they are refused, the process goes on.
func disableCoreDumps() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
}
