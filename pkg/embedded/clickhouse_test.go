package embedded_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/doxtrail/doxtrail/pkg/embedded"
)

func TestScratch(t *testing.T) {
	ctx := context.Background()
	ch, err := embedded.StartClickHouse(ctx, embedded.ClickHouseConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { t.Log(ch.Close(ctx)) }()
	e := ch.Endpoint()
	u, _ := url.Parse(e.URL)
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{u.Host}, Auth: clickhouse.Auth{Username: e.User, Password: e.Password}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(ctx, "CREATE TABLE t (a UInt64, b LowCardinality(String), c Array(UUID)) ENGINE=MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	b, err := conn.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := b.Append(uint64(i), "x", []string{"417ddc5d-e556-4d27-95dd-a34d84e46a50"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM t WHERE a < {n:UInt64}", clickhouse.Named("n", 10)).Scan(&n); err != nil || n != 10 {
		t.Fatal(err, n)
	}
	t.Logf("%+v", ch.Stats())
}
