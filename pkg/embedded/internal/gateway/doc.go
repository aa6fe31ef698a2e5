// Package gateway serves the HTTP interface of ClickHouse for the engine that
// runs in this process, so that clickhouse-go, curl and @clickhouse/client work
// on it as they do on a server.
//
// New makes an http.Handler from an engine's pool and two accounts. Statements
// come in the query parameter, the body or both; results go out as they are
// made where the format allows it.
//
// Limits: no sessions, no external tables, one statement a request. A result of a
// format that cannot be cut into chunks (Parquet, Arrow, Pretty, XML), or with
// totals or extremes, is built whole in memory first; a limited account has half
// a gigabyte of rows for it. A streamed result as JSON does not say how many rows
// there were before its LIMIT (rows_before_limit_at_least).
package gateway
