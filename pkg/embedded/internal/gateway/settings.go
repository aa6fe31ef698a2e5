package gateway

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// ignored are parameters that mean something to a server and nothing here, or
// that are read elsewhere.
func ignored(name string) bool {
	switch name {
	case "query", "database", "default_format", "query_id", "user", "password", "quota_key", "role", "stacktrace",
		"client_protocol_version", "compress", "decompress", "buffer_size", "wait_end_of_query", "session_id", "session_timeout", "session_check",
		"enable_http_compression", "http_zlib_compression_level", "network_compression_method", "network_zstd_compression_level",
		"send_progress_in_http_headers", "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close",
		"http_write_exception_in_output_format", "http_response_buffer_size", "http_wait_end_of_query", "log_comment", "log_queries":
		return true
	}
	return strings.HasPrefix(name, "param_")
}

// settings gives the settings of one request: the account's own, then those of
// the URL that the account may set.
func (g *Gateway) settings(a *Account, query url.Values, readOnlyMethod bool) ([]chdb.Setting, error) {
	database := query.Get("database")
	if database == "" {
		database = a.Database
	}
	var all []chdb.Setting
	if database != "" {
		all = append(all, chdb.Setting{Name: "database", Value: database})
	}
	all = append(all, a.Settings...)
	if a.Limited {
		all = append(all, guards(a)...)
	}
	names := make([]string, 0, len(query))
	for name := range query {
		if !ignored(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		value := query[name][len(query[name])-1]
		if !g.known[name] {
			return nil, errUnknownSetting(name)
		}
		if a.Limited {
			allowed, err := limited(a, name, value)
			if err != nil {
				return nil, err
			}
			if !allowed {
				continue
			}
		}
		all = append(all, chdb.Setting{Name: name, Value: value})
	}
	if readOnlyMethod && !a.Limited && query.Get("readonly") == "" {
		// ClickHouse: a GET changes no data, but may have its settings.
		all = append(all, chdb.Setting{Name: "readonly", Value: "2"})
	}
	return all, nil
}

// guards are settings of every limited account, which it cannot change. A single
// call of a function is not ended by a limit of time, so that rows and arrays
// are kept small; what does not fit the memory may not fill the disk.
func guards(a *Account) []chdb.Setting {
	return []chdb.Setting{
		{Name: "additional_table_filters", Value: confined(a.Databases)},
		{Name: "function_range_max_elements_in_block", Value: "10000000"},
		{Name: "max_temporary_data_on_disk_size_for_query", Value: "4294967296"},
	}
}

// confined is the value of additional_table_filters with which the lists of
// databases, tables and columns hold what a limited account may read, and the
// engine's own: tools look there for what they can offer.
func confined(databases []string) string {
	condition := func(column string) string {
		any := []string{column + " = 'system'"}
		for _, name := range databases {
			any = append(any, column+" = '"+name+"'", "startsWith("+column+", '"+name+"_')")
		}
		return "'" + strings.ReplaceAll(strings.Join(any, " OR "), "'", `\'`) + "'"
	}
	return "{'system.databases': " + condition("name") + ", 'system.tables': " + condition("database") + ", 'system.columns': " + condition("database") + "}"
}

func errUnknownSetting(name string) *chdb.Exception {
	return chdb.NewException(chdb.CodeUnknownSetting, "UNKNOWN_SETTING",
		"Setting "+name+" is neither a builtin setting nor started with the prefix 'SQL_' registered for user-defined settings")
}

// reachesOut tells which settings of formats name a file or an address, or show
// secrets: Template reads the file that format_template_row names.
func reachesOut(name string) bool {
	for _, part := range []string{"schema", "template", "file", "path", "url", "secret"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// limited judges a setting asked for by a limited account. readonly is left as
// it is: clients send 1 and 2 out of habit.
func limited(a *Account, name, value string) (allowed bool, err error) {
	if name == "readonly" {
		return false, nil
	}
	for _, s := range a.Settings {
		if s.Name != name {
			continue
		}
		limit, err := strconv.ParseFloat(s.Value, 64)
		asked, askedErr := strconv.ParseFloat(value, 64)
		// The engine keeps microseconds and rounds: a shorter time would be 0,
		// which is no limit.
		const least = 0.001
		if err != nil || askedErr != nil || asked < least || asked > limit {
			return false, chdb.NewException(chdb.CodeConstraintViolation, "SETTING_CONSTRAINT_VIOLATION",
				fmt.Sprintf("Setting %s shouldn't be greater than %s", name, s.Value))
		}
		return true, nil
	}
	for _, prefix := range []string{"output_format_", "input_format_", "format_", "date_time_", "max_block_size"} {
		if strings.HasPrefix(name, prefix) && !reachesOut(name) {
			return true, nil
		}
	}
	switch name {
	case "final", "max_result_bytes", "limit", "offset", "extremes", "join_use_nulls", "async_insert", "wait_for_async_insert",
		"wait_end_of_query", "insert_deduplicate":
		return true, nil
	}
	return false, chdb.NewException(chdb.CodeReadOnly, "READONLY", "Cannot modify '"+name+"' setting in readonly mode")
}
