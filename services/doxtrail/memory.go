package main

import (
	"os"
	"runtime/debug"
)

const (
	// memoryBudget is what the Go part of the process may take before the
	// collector works harder, in bytes. An import keeps some 150 MiB alive,
	// whatever the size of the archive; ClickHouse's own memory comes on top.
	memoryBudget = 208 << 20
	// memoryGrowth lets the heap grow to the budget before it is collected, in
	// per cent of what is alive: below the budget, memory is cheaper than time.
	memoryGrowth = 400
)

// budgetMemory makes the process as large with an archive of years as with one
// of a day. Go's own variables are for machines with more or less of it.
func budgetMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryBudget)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(memoryGrowth)
	}
}
