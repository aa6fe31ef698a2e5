// Package gateway serves the HTTP interface of ClickHouse for the engine that
// runs in this process, so that clickhouse-go, curl and @clickhouse/client work
// on it as they do on a server.
//
// New makes an http.Handler from an engine's pool and two accounts. Statements
// come in the query parameter, the body or both; results go out as they are
// made where the format allows it.
//
// Limits: no sessions, no external tables, no compression of responses, one
// statement a request. A format whose document cannot be cut into chunks (JSON,
// Parquet, Pretty) is built whole in the engine's memory first.
package gateway
