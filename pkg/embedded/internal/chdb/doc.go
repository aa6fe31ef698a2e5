// Package chdb runs ClickHouse inside this process, from the shared library of
// the chDB project.
//
// Open loads the library and boots the engine on a folder, or in memory. A
// Pool hands out connections; a Conn runs one statement at a time and gives
// its result whole (Query), in chunks (Stream), or takes rows (Insert).
//
// Limits: one engine, and so one folder, in a process at a time. A statement
// that has begun can be stopped only by the engine itself, so every call takes
// a context and has the statement killed from another connection when the
// context ends; the call then returns once the engine has let go. Closing a
// connection under a running statement can abort the process, which is why
// Engine.Close waits for all of them.
package chdb
