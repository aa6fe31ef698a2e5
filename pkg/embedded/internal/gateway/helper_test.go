package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/doxtrail/doxtrail/pkg/embedded/internal/chdb"
)

// One engine serves all tests of the package: a process has no more than one.
var shared = sync.OnceValues(func() (*chdb.Engine, error) {
	path, err := chdb.FindLibrary("")
	if err != nil {
		return nil, err
	}
	return chdb.Open(chdb.Config{Library: path})
})

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if e, err := shared(); err == nil {
			if err := e.Close(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
		os.Exit(code)
	}))
}

// server is a gateway on a loopback port with a database of its own.
type server struct {
	*httptest.Server
	gateway  *Gateway
	database string
}

func newServer(t testing.TB) *server {
	t.Helper()
	engine, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{database: "d" + strings.ReplaceAll(uuid.NewString(), "-", "")}
	accounts := []Account{
		{Name: "service", Password: "s3cret"},
		{
			Name: "reader", Password: "r3ad", Database: s.database, Databases: []string{s.database}, Limited: true,
			Settings: []chdb.Setting{{Name: "readonly", Value: "1"}, {Name: "max_execution_time", Value: "60"}, {Name: "max_result_rows", Value: "1000"}},
		},
	}
	for i := range accounts {
		accounts[i].Pool = chdb.NewPool(engine, 8)
	}
	if s.gateway, err = New(t.Context(), Config{Accounts: accounts}); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(s.gateway)
	t.Cleanup(func() {
		if !t.Failed() {
			s.ask(t, "DROP DATABASE "+s.database+" SYNC")
		}
		s.Close()
		for _, a := range accounts {
			a.Pool.Close()
		}
	})
	s.ask(t, "CREATE DATABASE "+s.database)
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
}

// do sends a statement as the body. Options are parameters of the URL.
func (s *server) do(t testing.TB, user, password, body string, options ...string) answer {
	t.Helper()
	query := url.Values{}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		query.Add(name, value)
	}
	// Not t.Context(): it has ended when a test cleans up.
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, s.URL+"/?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	return s.send(t, req)
}

func (s *server) send(t testing.TB, req *http.Request) answer {
	t.Helper()
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data), err}
}

// ask runs a statement of the service that must go well.
func (s *server) ask(t testing.TB, sql string, options ...string) string {
	t.Helper()
	a := s.do(t, "service", "s3cret", sql, options...)
	if a.status != http.StatusOK || a.err != nil {
		t.Fatalf("%s: %d %s %v", sql, a.status, a.body, a.err)
	}
	return strings.TrimSuffix(a.body, "\n")
}

// client is clickhouse-go as the store uses it.
func (s *server) client(t testing.TB) driver.Conn {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(&clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{u.Host},
		Auth: clickhouse.Auth{Database: s.database, Username: "service", Password: "s3cret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// wholeDocument is a result as the engine gives it in one piece.
func wholeDocument(t *testing.T, sql, format string) string {
	t.Helper()
	engine, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	c, err := engine.Connect(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var document string
	if _, err := c.Query(t.Context(), chdb.Statement{SQL: sql, Format: format}, func(result []byte) error {
		document = string(result)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return document
}
