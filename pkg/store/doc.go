// Package store is the only door to ClickHouse: its tables, what goes into
// them and what is asked of them.
//
// Writing. [Rows] takes encoded records one by one, checks them and spreads
// them over typed columns; [Store.Insert] writes what has gathered, one block
// a table. A record that can never be stored is refused by [Rows.Append]
// alone, so that it fails alone. The tables replace rows of one key by version,
// and the version comes from the record, so records may be delivered in any
// order and any number of times, by any number of processes: the same rows
// stand at the end.
//
// Reading. [Queries] are the named questions, each a .sql file that also runs
// by itself; [Store.Stream] writes a result in one of ClickHouse's formats,
// [Store.Select] reads one into Go values. Both see the database of views
// only, where aliases are resolved, labels joined, and neither locators nor
// fingerprints exist. [Store.SelectTables] sees the tables.
//
// Backups. [Store.WriteRows] gives a table's rows as text, and a [Staging]
// takes them back beside the study, brings them up to date and merges them. What
// was erased ([Store.EnforceErasures]) does not come back.
//
// [Store.Migrate] brings an empty or older database up to date. Only the
// provisioner calls it.
//
// Limits. Only ClickHouse's HTTP interface is spoken, which the embedded
// ClickHouse and a server both have: one path, and it is the tested one.
// Migrations for a server and for replicas are rendered and compared as text;
// no test here runs them. Errors carry no content of rows; only Stream and
// Select hand on ClickHouse's own text, which may repeat the caller's query.
package store
