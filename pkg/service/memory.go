package service

import (
	"os"
	"runtime/debug"
)

const (
	// memoryBudget is what the Go part of the process may take before the
	// collector works harder, in bytes. An import keeps some 120 MiB alive,
	// whatever the size of the archive; ClickHouse's own memory comes on top.
	// With 184 MiB an import costs a tenth more CPU time, with 256 MiB a
	// twentieth less (measured on 2 GB of posts).
	memoryBudget = 224 << 20
	// memoryGrowth lets the heap grow to the budget before it is collected, in
	// per cent of what is alive: below the budget, memory is cheaper than time.
	memoryGrowth = 400
)

// BudgetMemory makes the process as large with an archive of years as with one
// of a day. Go's own variables, GOMEMLIMIT and GOGC, go before it: they are for
// machines with more memory or less.
func BudgetMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryBudget)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(memoryGrowth)
	}
}
