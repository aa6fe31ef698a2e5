package chdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/ebitengine/purego"
)

// LibraryVariable is the environment variable that names the library when the
// configuration does not.
const LibraryVariable = "DOXTRAIL_LIBCHDB"

// ErrNoLibrary is what FindLibrary gives when the engine is nowhere to be had.
var ErrNoLibrary = errors.New("find the ClickHouse library: not installed here: type `make deps` in the source folder, " +
	"or name libchdb.so with embedded.libchdb in the configuration or with " + LibraryVariable)

// pinnedLibrary is where `make deps` puts the library, below the source folder.
const pinnedLibrary = "deploy/embedded/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"

// FindLibrary gives the path of libchdb.so. A configured path wins, then the
// environment, then the pinned copy, looked for upwards from the folder of the
// executable and from the working folder. A path that was named but is not
// there is an error: another engine than the one asked for is worse than none.
func FindLibrary(configured string) (string, error) {
	for _, named := range []struct{ source, path string }{
		{"the configuration", configured},
		{LibraryVariable, os.Getenv(LibraryVariable)},
	} {
		if named.path == "" {
			continue
		}
		if !isFile(named.path) {
			return "", fmt.Errorf("find the ClickHouse library: the file that %s names is not there", named.source)
		}
		return filepath.Abs(named.path)
	}
	var starts []string
	if executable, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(executable); err == nil {
			executable = resolved
		}
		starts = append(starts, filepath.Dir(executable))
	}
	if working, err := os.Getwd(); err == nil {
		starts = append(starts, working)
	}
	for _, start := range starts {
		if path, ok := findUpwards(start); ok {
			return path, nil
		}
	}
	return "", ErrNoLibrary
}

func findUpwards(folder string) (string, bool) {
	for {
		if path := filepath.Join(folder, pinnedLibrary); isFile(path) {
			return path, true
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", false
		}
		folder = parent
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// library holds the C functions in use. chdb_connect gives a pointer to the
// connection; every function but chdb_close_conn takes the connection itself.
type library struct {
	connect      func(argc int32, argv **byte) unsafe.Pointer
	closeConn    func(handle unsafe.Pointer)
	setHandlers  func(enabled int32)
	version      func() string
	query        queryFunc
	streamQuery  queryFunc
	streamInsert queryFunc
	fetch        func(conn, stream unsafe.Pointer) unsafe.Pointer
	cancelQuery  func(conn, stream unsafe.Pointer)
	appendData   func(insert unsafe.Pointer, data *byte, length uintptr) int32
	insertDone   func(insert unsafe.Pointer) unsafe.Pointer
	cancelInsert func(insert unsafe.Pointer)
	insertError  func(insert unsafe.Pointer) string
	freeInsert   func(insert unsafe.Pointer)
	free         func(result unsafe.Pointer)
	buffer       func(result unsafe.Pointer) *byte
	length       func(result unsafe.Pointer) uintptr
	failure      func(result unsafe.Pointer) string
	elapsed      func(result unsafe.Pointer) float64
	resultRows   func(result unsafe.Pointer) uint64
	resultBytes  func(result unsafe.Pointer) uint64
	readRows     func(result unsafe.Pointer) uint64
	readBytes    func(result unsafe.Pointer) uint64
	classify     func(conn unsafe.Pointer, sql *byte, length uintptr, database *byte, databaseLength uintptr, out *analysis) int32
	writtenRows  func(result unsafe.Pointer) uint64
	writtenBytes func(result unsafe.Pointer) uint64
}

type queryFunc func(conn unsafe.Pointer, query *byte, queryLength uintptr, format *byte, formatLength uintptr,
	names **byte, nameLengths *uintptr, values **byte, valueLengths *uintptr, count uintptr) unsafe.Pointer

// analysis is the C struct that chdb_classify_query_n fills.
type analysis struct{ size, statements, _, class uint32 }

// loadLibrary maps the library into the process. It stays there: dlclose of an
// engine with threads of its own is not survivable.
func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse library: %w", err)
	}
	l := &library{}
	for _, symbol := range []struct {
		name   string
		target any
	}{
		{"chdb_connect", &l.connect},
		{"chdb_close_conn", &l.closeConn},
		{"chdb_set_signal_handlers_enabled", &l.setHandlers},
		{"chdb_version", &l.version},
		{"chdb_query_with_params_n", &l.query},
		{"chdb_stream_query_with_params_n", &l.streamQuery},
		{"chdb_stream_insert_with_params_n", &l.streamInsert},
		{"chdb_stream_fetch_result", &l.fetch},
		{"chdb_stream_cancel_query", &l.cancelQuery},
		{"chdb_stream_append", &l.appendData},
		{"chdb_stream_done", &l.insertDone},
		{"chdb_stream_cancel_insert", &l.cancelInsert},
		{"chdb_stream_insert_error", &l.insertError},
		{"chdb_destroy_insert_stream", &l.freeInsert},
		{"chdb_destroy_query_result", &l.free},
		{"chdb_result_buffer", &l.buffer},
		{"chdb_result_length", &l.length},
		{"chdb_result_error", &l.failure},
		{"chdb_result_elapsed", &l.elapsed},
		{"chdb_result_rows_read", &l.resultRows},
		{"chdb_result_bytes_read", &l.resultBytes},
		{"chdb_result_storage_rows_read", &l.readRows},
		{"chdb_result_storage_bytes_read", &l.readBytes},
		{"chdb_result_rows_written", &l.writtenRows},
		{"chdb_result_bytes_written", &l.writtenBytes},
		{"chdb_classify_query_n", &l.classify},
	} {
		address, err := purego.Dlsym(handle, symbol.name)
		if err != nil {
			return nil, fmt.Errorf("load the ClickHouse library: it has no %s, so it is not the pinned version", symbol.name)
		}
		purego.RegisterFunc(symbol.target, address)
	}
	return l, nil
}
