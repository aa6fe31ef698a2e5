// Package judge decides from the parsed form of a statement whether a reader
// who may see some databases only may have it run.
//
// The parsed form is what ClickHouse's EXPLAIN AST gives. Rules.AST goes
// through it line by line and lets through what it knows: nodes, functions and
// tables that are on a list. Everything else is refused, so what a newer engine
// brings is refused until a person has looked at it.
//
// Limits: EXPLAIN AST does not show everything. What it hides (the functions of
// APPLY, the words of SHOW) is counted here and must be judged by the caller;
// SETTINGS inside of a query are always refused. The definition of a view is
// not looked into: a view may read what its reader may not.
package judge
