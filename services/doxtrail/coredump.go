package main

import "syscall"

// disableCoreDumps forbids core files for this process: a core holds the text
// that was in memory. It is a precaution; where it is refused, the process
// goes on.
func disableCoreDumps() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
