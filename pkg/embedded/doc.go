// Package embedded runs the two servers doxtrail needs inside its own process:
// NATS with JetStream, and ClickHouse from the library of the chDB project. It
// is the only door to both.
//
// Open takes a data folder. The first process to do so becomes its holder and
// serves NATS and ClickHouse on loopback ports; a later one attaches to the
// holder and is told where they are. StartNATS and StartClickHouse start one of
// them alone, as tests do.
//
// Researchers ask ClickHouse with an account of their own, whose statements are
// judged by their parsed form: views of one database, functions that are on a
// list, no files.
//
// Limits: Linux, one ClickHouse a process at a time, no users and grants
// inside ClickHouse beyond the accounts of the HTTP interface, and no
// protection against other programs of the same user, who can read the folder
// and the passwords in it.
package embedded
