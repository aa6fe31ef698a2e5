package bustest

import "go.uber.org/goleak"

// Leaks says which goroutines of a server that was stopped are no leak: its store
// writes what it knows of its streams once more behind Shutdown, which takes as long as
// the disk does, and its clock goes on as long. Others of a server that was left running
// are still seen. And one of the client: a publisher that is closed as soon as it was made
// takes away the channel that its watcher (nats.go 1.55, resetPendingAcksOnReconnect) has
// not yet looked at, which then waits for ever.
func Leaks() []goleak.Option {
	const server = "github.com/nats-io/nats-server/v2/server"
	return []goleak.Option{
		goleak.IgnoreAnyFunction(server + ".(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreAnyFunction(server + "/ats.Register.func1"),
		goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"),
	}
}
