package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
	"github.com/doxtrail/doxtrail/pkg/embedded/internal/gateway"
)

// Names of the accounts of the embedded ClickHouse.
const (
	ServiceUser = "doxtrail"
	// ResearcherUser reads the database of views and nothing else: every
	// statement is judged by its parsed form before it is run.
	ResearcherUser = "researcher"
	// OperatorUser is judged like the researcher and has the same limits, but
	// reads the tables too. Its password is that of the service: it is a way
	// for those who have that one to ask without doing harm.
	OperatorUser = "operator"
)

// tableDatabase is where the tables are that an operator may read.
const tableDatabase = "doxtrail"

// LibraryVariable is the environment variable that names libchdb.so when the
// configuration does not.
const LibraryVariable = chdb.LibraryVariable

// ErrNoLibrary is what FindLibrary gives when the engine is nowhere to be had;
// its text says what to type.
var ErrNoLibrary = chdb.ErrNoLibrary

// FindLibrary gives the path of libchdb.so: the configured one, else that of
// DOXTRAIL_LIBCHDB, else the copy that `make deps` installs, looked for upwards
// from the folder of the executable and from the working folder.
func FindLibrary(configured string) (string, error) { return chdb.FindLibrary(configured) }

// ClickHouseConfig says how to run the embedded ClickHouse. Its zero value is
// one in memory with random passwords.
type ClickHouseConfig struct {
	// Library is the path of libchdb.so. Empty: see FindLibrary.
	Library string
	// Dir holds the data. Empty: a temporary folder that goes with the engine.
	Dir string
	// Listen is the address of the HTTP interface, on loopback. Empty:
	// 127.0.0.1 and a free port.
	Listen string
	// Password and ResearcherPassword of the two accounts. Empty: random.
	Password, ResearcherPassword string
	// ResearcherDatabase is where the researcher's names without a database
	// are looked up. Empty: research. It need not exist yet.
	ResearcherDatabase string
	// ResearcherMemory in bytes, ResearcherTime and ResearcherRows limit one
	// statement of the researcher. Zero: 2 GiB, one minute, 10 million rows.
	ResearcherMemory uint64
	ResearcherTime   time.Duration
	ResearcherRows   uint64
	// Connections and ResearcherConnections are how many statements of each
	// account may run at once; more wait. Zero: 32 and 8.
	Connections, ResearcherConnections int
	// Log takes what the server has to say of itself. Nil: nothing is logged.
	// No text of a statement is ever given to it.
	Log *slog.Logger
}

func (c *ClickHouseConfig) setDefaults() {
	setDefault(&c.Listen, "127.0.0.1:0")
	setDefault(&c.Password, rand.Text())
	setDefault(&c.ResearcherPassword, rand.Text())
	setDefault(&c.ResearcherDatabase, "research")
	setDefault(&c.ResearcherMemory, 2<<30)
	setDefault(&c.ResearcherTime, time.Minute)
	setDefault(&c.ResearcherRows, 10_000_000)
	setDefault(&c.Connections, 32)
	setDefault(&c.ResearcherConnections, 8)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// ClickHouseEndpoint is where a ClickHouse answers and as whom to ask it.
type ClickHouseEndpoint struct {
	// URL is http://127.0.0.1:PORT.
	URL string
	// User and Password of the services: everything is allowed.
	User, Password string
	// ResearcherUser and ResearcherPassword of researchers: reading only.
	ResearcherUser, ResearcherPassword string
}

// ClickHouseStats counts what went through the HTTP interface since the start.
type ClickHouseStats = gateway.Stats

// ClickHouse is a running embedded ClickHouse with its HTTP interface.
type ClickHouse struct {
	endpoint ClickHouseEndpoint
	engine   *chdb.Engine
	pools    []*chdb.Pool
	gateway  *gateway.Gateway
	server   *http.Server
	cancel   context.CancelFunc
	served   chan struct{} // closed when the interface has ended
	purged   chan struct{} // closed when purge has ended
}

// StartClickHouse boots the engine and serves its HTTP interface. It runs until
// Close; ctx is for the start alone.
func StartClickHouse(ctx context.Context, cfg ClickHouseConfig) (*ClickHouse, error) {
	cfg.setDefaults()
	path, err := FindLibrary(cfg.Library)
	if err != nil {
		return nil, err
	}
	listener, err := listenLoopback(ctx, cfg.Listen)
	if err != nil {
		return nil, err
	}
	engine, err := chdb.Open(chdb.Config{Library: path, Dir: cfg.Dir})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	c := &ClickHouse{
		endpoint: ClickHouseEndpoint{
			URL:  "http://" + listener.Addr().String(),
			User: ServiceUser, Password: cfg.Password,
			ResearcherUser: ResearcherUser, ResearcherPassword: cfg.ResearcherPassword,
		},
		engine: engine, served: make(chan struct{}), purged: make(chan struct{}),
		pools: []*chdb.Pool{chdb.NewPool(engine, cfg.Connections), chdb.NewPool(engine, cfg.ResearcherConnections)},
	}
	if c.gateway, err = gateway.New(ctx, gateway.Config{Accounts: c.accounts(cfg)}); err != nil {
		c.closePools()
		return nil, errors.Join(err, engine.Close(ctx), listener.Close())
	}
	c.serve(ctx, cfg, listener)
	return c, nil
}

func (c *ClickHouse) accounts(cfg ClickHouseConfig) []gateway.Account {
	reader := gateway.Account{
		Name: ResearcherUser, Password: cfg.ResearcherPassword, Pool: c.pools[1],
		Database: cfg.ResearcherDatabase, Databases: []string{cfg.ResearcherDatabase}, Limited: true,
		Settings: []chdb.Setting{
			{Name: "readonly", Value: "1"},
			{Name: "max_memory_usage", Value: strconv.FormatUint(cfg.ResearcherMemory, 10)},
			{Name: "max_execution_time", Value: strconv.FormatInt(max(1, int64(cfg.ResearcherTime/time.Second)), 10)},
			{Name: "max_result_rows", Value: strconv.FormatUint(cfg.ResearcherRows, 10)},
		},
	}
	operator := reader
	operator.Name, operator.Password = OperatorUser, cfg.Password
	operator.Databases = []string{cfg.ResearcherDatabase, tableDatabase}
	return []gateway.Account{{Name: ServiceUser, Password: cfg.Password, Pool: c.pools[0]}, reader, operator}
}

func (c *ClickHouse) serve(ctx context.Context, cfg ClickHouseConfig, listener net.Listener) {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	c.server = &http.Server{
		Handler:           c.gateway,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 20,
		BaseContext:       func(net.Listener) context.Context { return base },
		// net/http logs the remote address and panics with their stack; its
		// text is not ours to vouch for.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if cfg.Dir == "" { // it is small, and may end with a process that does not close it: nothing must run then
		close(c.purged)
	} else {
		go c.purge(base)
	}
	go func() {
		defer close(c.served)
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			cfg.Log.Error("http interface of the embedded clickhouse ended", "error", err)
		}
	}()
}

// listenLoopback refuses any address that other machines can reach: the
// embedded servers have no encryption on the wire.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen for the embedded clickhouse: the address is not host:port: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("listen for the embedded clickhouse: the address is not a loopback address")
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the embedded clickhouse: %w", err)
	}
	return listener, nil
}

func (c *ClickHouse) closePools() {
	for _, p := range c.pools {
		p.Close()
	}
}

// killTimeout is how long the engine may take to let go of killed statements.
const killTimeout = 10 * time.Second

// Endpoint tells where ClickHouse answers.
func (c *ClickHouse) Endpoint() ClickHouseEndpoint { return c.endpoint }

// Stats gives the counts.
func (c *ClickHouse) Stats() ClickHouseStats { return c.gateway.Stats() }

// Close stops the server: statements that run may finish until ctx ends, the
// rest are killed. The data is on disk when it returns.
func (c *ClickHouse) Close(ctx context.Context) error {
	err := c.server.Shutdown(ctx)
	c.cancel()
	if err != nil {
		err = fmt.Errorf("stop the embedded clickhouse: statements were cut off: %w", err)
		_ = c.server.Close() // the error of Shutdown tells more
	}
	<-c.served
	<-c.purged
	c.closePools()
	// Killing takes the engine a moment that ctx may no longer have.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), killTimeout)
	defer cancel()
	return errors.Join(err, c.engine.Close(last))
}
