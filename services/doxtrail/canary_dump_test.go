package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/store"
)

// What lies compressed on disk is looked at as its readers see it.

// dump reads every row of every table and view, in text and in bytes, and the
// system tables that quote statements or names. One process serves meanwhile.
// It asks as the services do: no other account may read all of them.
func (w *canaryWatch) dump(when string) {
	db := w.tables()
	tables := strings.Fields(w.succeed("sql --operator", "sql", "--operator", "--format", "tsv",
		`SELECT concat(database, '.', name) AS full_name FROM system.tables
		 WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') ORDER BY database, name`))[1:]
	if len(tables) < 20 {
		w.t.Fatalf("only %d tables and views to look at", len(tables))
	}
	for _, name := range []string{"tables", "columns", "databases", "errors", "processes", "parts", "parts_columns", "merges", "mutations", "settings"} {
		tables = append(tables, "system."+name)
	}
	w.t.Run(when, func(t *testing.T) {
		for _, table := range tables {
			t.Run(table, func(t *testing.T) {
				t.Parallel()
				w := w.on(t)
				for _, format := range []string{"jsonl", "tsv"} {
					var out strings.Builder
					if err := db.Stream(t.Context(), &out, "SELECT * FROM "+table, nil, format); err != nil {
						t.Fatal(err)
					}
					w.leaks.add(when+": table "+table, w.scanner.ScanString(out.String()))
				}
			})
		}
	})
}

// tables connects to the ClickHouse of the folder with the services' account.
func (w *canaryWatch) tables() *store.Store {
	w.t.Helper()
	run, err := embedded.ReadRun(w.path("data"))
	if err != nil {
		w.t.Fatal(err)
	}
	password, err := os.ReadFile(run.ClickHouse.PasswordFile)
	if err != nil {
		w.t.Fatal(err)
	}
	db, err := store.Open(w.t.Context(), store.Config{URL: run.ClickHouse.URL, User: run.ClickHouse.User, Password: strings.TrimSpace(string(password))})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

// questions asks every named query in every text format.
func (w *canaryWatch) questions() {
	queries, err := store.Queries()
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Run("queries", func(t *testing.T) {
		for _, q := range queries {
			t.Run(q.Name, func(t *testing.T) {
				t.Parallel()
				w := w.on(t)
				w.succeed("query --list NAME", "query", "--list", q.Name)
				for _, format := range store.Formats() {
					if format == "parquet" {
						continue // packed: the others show the same rows
					}
					w.succeed("query "+q.Name, "query", "--format", format, q.Name)
				}
			})
		}
	})
}

// pages looks at what `up` serves to monitoring.
func (w *canaryWatch) pages() {
	w.t.Helper()
	for _, page := range []string{"/metrics", "/livez", "/readyz", "/nosuch"} {
		body := pageOf(w.t, "http://"+w.listen+page)
		if page == "/metrics" && !strings.Contains(body, "doxtrail") {
			w.t.Errorf("the metrics page shows no metric of ours:\n%.500s", body)
		}
		w.leaks.add("page "+page, w.scanner.ScanString(body))
	}
}

func pageOf(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// attach connects to the NATS of a folder that another process serves.
func (w *canaryWatch) attach() *bus.Conn {
	w.t.Helper()
	run, err := embedded.ReadRun(w.path("data"))
	if err != nil {
		w.t.Fatal(err)
	}
	token, err := os.ReadFile(run.NATS.TokenFile)
	if err != nil {
		w.t.Fatal(err)
	}
	conn, err := bus.Connect(w.t.Context(), bus.Config{URL: run.NATS.URL, Name: "test", Token: strings.TrimSpace(string(token))})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { closeConn(conn) })
	return conn
}

func closeConn(conn *bus.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	_ = conn.Close(ctx) // the server may be gone
}

// records reads every message that RECORDS has ever held, decoded, after the
// study was stopped. It does so on a copy, from which the readers' places are
// removed, so that reading begins at the first message. It gives the number of records
// of each kind.
func (w *canaryWatch) records(when string) map[bus.Kind]int {
	w.t.Helper()
	dir := w.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.path("data/nats"))); err != nil {
		w.t.Fatal(err)
	}
	places, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "obs"))
	if err != nil || len(places) == 0 {
		w.t.Fatalf("no readers' places in the copy: %v", err)
	}
	for _, place := range places {
		if err := os.RemoveAll(place); err != nil {
			w.t.Fatal(err)
		}
	}
	server, err := embedded.StartNATS(embedded.NATSConfig{Dir: dir})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = server.Close(context.Background()) }()
	conn, err := bus.Connect(w.t.Context(), bus.Config{InProcess: server.InProcess(), Name: "test", Token: server.Token()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer closeConn(conn)
	if _, err := conn.Provision(w.t.Context(), bus.ProvisionConfig{}); err != nil {
		w.t.Fatal(err)
	}
	kinds := w.readRecords(when, conn)
	w.readFailed(when, conn)
	return kinds
}

// readRecords reads until it has seen as many messages as there are, and counts the
// records of each kind.
func (w *canaryWatch) readRecords(when string, conn *bus.Conn) map[bus.Kind]int {
	w.t.Helper()
	lag, err := conn.Lag(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var messages uint64
	for _, stream := range lag.Streams {
		if stream.Stream == bus.StreamRecords {
			messages = stream.Messages
		}
	}
	key, err := privacy.NewPrivateKey(time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	lanes, err := conn.NewLanes(w.t.Context(), bus.StreamRecords, bus.ConsumerConfig{FailedKey: key.PublicKey()})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), commandTimeout)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- lanes.Run(ctx) }()
	seen, kinds := map[uint64]bool{}, map[bus.Kind]int{}
	for d := range lanes.Deliveries() {
		w.leaks.add(fmt.Sprintf("%s: RECORDS, %s", when, d.Subject.Kind), w.scanner.ScanBytes(bytes.Join(d.Records, []byte("\n"))))
		seen[d.Sequence] = true
		kinds[d.Subject.Kind] += len(d.Records)
		if err := d.Settle(ctx); err != nil {
			w.t.Error(err)
		}
		if uint64(len(seen)) == messages {
			cancel() // Run closes the channel
		}
	}
	if err := <-ended; err != nil && ctx.Err() == nil {
		w.t.Error(err)
	}
	if uint64(len(seen)) != messages || kinds[bus.KindPosts] == 0 {
		w.t.Errorf("read %d of %d messages of RECORDS, with %d posts", len(seen), messages, kinds[bus.KindPosts])
	}
	return kinds
}

// readFailed looks at what an operator is shown of FAILED. What is sealed there
// was looked at as bytes on disk.
func (w *canaryWatch) readFailed(when string, conn *bus.Conn) {
	w.t.Helper()
	n := 0
	err := conn.FailedRecords(w.t.Context(), func(f bus.FailedRecord) bool {
		n++
		w.leaks.add(when+": FAILED", w.scanner.ScanString(fmt.Sprintf("%+v %s", f, f.FailedSubject)))
		return true
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("%s: %d records on FAILED", when, n)
}
