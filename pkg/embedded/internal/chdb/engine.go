package chdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Setting is one setting of ClickHouse and its value as text.
type Setting struct{ Name, Value string }

// Config says how to boot the engine.
type Config struct {
	// Library is the path of libchdb.so, as FindLibrary gives it.
	Library string
	// Dir is the folder that holds the data. Empty means a temporary one that
	// goes with the engine.
	Dir string
	// Server are settings of the server as a whole, given once at the boot.
	Server []Setting
}

// Engine is a running ClickHouse. Its methods may be called from several
// goroutines.
type Engine struct {
	lib  *library
	args []string

	boot   sync.Mutex // one connect at a time: signal actions are the process's
	last   atomic.Uint64
	keeper *Conn // open as long as the engine: closing the last one shuts it down
	killer sync.Mutex
	open   chan struct{} // one value a connection but the keeper

	temporary string
}

// Open loads the library and boots the engine.
func Open(cfg Config) (*Engine, error) {
	lib, err := loadLibrary(cfg.Library)
	if err != nil {
		return nil, err
	}
	e := &Engine{lib: lib, open: make(chan struct{}, maxConnections)}
	// Without a path the engine makes a folder of its own in the temporary
	// folder, and leaves it there.
	dir := cfg.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "doxtrail-clickhouse-"); err == nil {
			e.temporary = dir
		}
	} else {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("make the folder of the embedded ClickHouse: %w", err)
	}
	// On a terminal the engine would write its log there, complaints about its
	// own threads among it; nothing of a log of the engine is wanted anywhere.
	e.args = append(e.args, "--path="+dir, "--logger.console=0")
	for _, s := range cfg.Server {
		e.args = append(e.args, "--"+s.Name+"="+s.Value)
	}
	if err := keepSignals(func() { lib.setHandlers(0) }); err != nil {
		return nil, err
	}
	if e.keeper, err = e.connect(nil); err != nil {
		return nil, errors.Join(fmt.Errorf("boot the embedded ClickHouse: %w", err), e.removeTemporary())
	}
	return e, nil
}

// ErrConnect covers every cause: the library gives none.
var ErrConnect = errors.New("connect: refused by the engine: the folder is in use or not writable, a setting has an impossible value, " +
	"or another engine runs in this process")

// maxConnections bounds the connections that are open at once, in use or not.
const maxConnections = 256

// Connect opens a connection with settings of its own, which hold for as long
// as it is open. It takes about 60 microseconds, and 200 more with the setting
// "database": the engine would take the default one for a database that is not
// there, so the database is entered with a statement of its own, which fails.
func (e *Engine) Connect(settings []Setting) (*Conn, error) {
	select {
	case e.open <- struct{}{}:
	default:
		return nil, errTooMany
	}
	database := ""
	settings = slices.DeleteFunc(slices.Clone(settings), func(s Setting) bool {
		if s.Name == "database" {
			database = s.Value
		}
		return s.Name == "database"
	})
	c, err := e.connect(settings)
	if err != nil {
		<-e.open
		return nil, err
	}
	if database == "" {
		return c, nil
	}
	result, err := c.run(e.lib.query, Statement{
		SQL: "USE {database:Identifier}", Format: "Null", Params: []Setting{{"database", database}},
	})
	if err != nil {
		c.Close()
		return nil, err
	}
	e.lib.free(result)
	return c, nil
}

// likeServer takes back what the library sets in another way than a server:
// introspection lets SQL read the process's own memory map, and an implicit
// SELECT makes a statement of any expression, file('...') included. The time
// zone is not to be that of the machine.
func likeServer() []Setting {
	return []Setting{
		{"allow_introspection_functions", "0"},
		{"implicit_select", "0"},
		{"session_timezone", "UTC"},
	}
}

var errTooMany = errors.New("connect: too many connections to the embedded ClickHouse are open")

func (e *Engine) connect(settings []Setting) (*Conn, error) {
	mark := "doxtrail-" + strconv.FormatUint(e.last.Add(1), 10)
	args := append([]string{"clickhouse"}, e.args...)
	for _, s := range slices.Concat(likeServer(), settings) {
		args = append(args, "--"+s.Name+"="+s.Value)
	}
	args = append(args, "--log_comment="+mark)

	texts := make([][]byte, len(args))
	pointers := make([]*byte, len(args)+1)
	for i, arg := range args {
		texts[i] = append([]byte(arg), 0)
		pointers[i] = &texts[i][0]
	}
	e.boot.Lock()
	defer e.boot.Unlock()
	var handle unsafe.Pointer
	err := keepSignals(func() { handle = e.lib.connect(int32(len(args)), &pointers[0]) })
	runtime.KeepAlive(texts)
	if err != nil {
		return nil, err
	}
	if handle == nil {
		return nil, ErrConnect
	}
	return &Conn{engine: e, lib: e.lib, handle: handle, conn: *(*unsafe.Pointer)(handle), mark: mark}, nil
}

// Version is the version of chDB, which is not that of ClickHouse.
func (e *Engine) Version() string { return e.lib.version() }

// Close shuts the engine down, once every other connection is closed; it waits
// for them until ctx ends. After an error the engine still runs, and the end of
// the process will have to end it.
func (e *Engine) Close(ctx context.Context) error {
	e.killer.Lock()
	keeper := e.keeper
	e.keeper = nil
	e.killer.Unlock()
	if keeper == nil {
		return nil
	}
	for range cap(e.open) {
		select {
		case e.open <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("shut the embedded ClickHouse down: a statement does not end: %w", ctx.Err())
		}
	}
	e.lib.closeConn(keeper.handle)
	return e.removeTemporary()
}

// removeTemporary takes away the folder of an engine that was given none.
func (e *Engine) removeTemporary() error {
	if e.temporary == "" {
		return nil
	}
	if err := os.RemoveAll(e.temporary); err != nil {
		return fmt.Errorf("remove the folder of the embedded ClickHouse: %w", err)
	}
	return nil
}

// kill stops the statement that runs on a connection, if there is one.
func (e *Engine) kill(mark string) {
	e.killer.Lock()
	defer e.killer.Unlock()
	if e.keeper == nil {
		return
	}
	result, err := e.keeper.run(e.lib.query, Statement{
		SQL:    "KILL QUERY WHERE Settings['log_comment'] = {mark:String} ASYNC",
		Format: "Null",
		Params: []Setting{{"mark", mark}},
	})
	if err == nil {
		e.lib.free(result)
	}
}
