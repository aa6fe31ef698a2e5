package gateway

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// BenchmarkInsert sends batches of 50,000 rows of every type, and
// BenchmarkSelect reads such rows back.
func BenchmarkInsert(b *testing.B) {
	s := newServer(b)
	c := s.client(b)
	if err := c.Exec(b.Context(), createRows); err != nil {
		b.Fatal(err)
	}
	rows := sampleRows(50_000)
	for b.Loop() {
		sendRows(b, c, rows)
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkSelect(b *testing.B) {
	s := newServer(b)
	c := s.client(b)
	if err := c.Exec(b.Context(), createRows); err != nil {
		b.Fatal(err)
	}
	sendRows(b, c, sampleRows(200_000))
	for b.Loop() {
		rows, err := c.Query(clickhouse.Context(b.Context()), "SELECT id, hash, word, at, version FROM rows")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Close(); err != nil || n != 200_000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(200_000*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func sendRows(b *testing.B, c driver.Conn, rows []row) {
	b.Helper()
	batch, err := c.PrepareBatch(b.Context(), "INSERT INTO rows")
	if err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		if err := batch.AppendStruct(&rows[i]); err != nil {
			b.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		b.Fatal(err)
	}
}
