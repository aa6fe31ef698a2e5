package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// packed is a text in blocks of ten bytes or so.
func packed(t testing.TB, text string, method string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newPacker(&out, url.Values{"compress": {"1"}, "network_compression_method": {method}})
	for len(text) > 0 {
		n := min(10, len(text))
		if _, err := io.WriteString(w, text[:n]); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	return out.Bytes()
}

func TestBlocksThatBreakOffAreNoEnd(t *testing.T) {
	const text = "a text of several blocks, of which a part may be missing"
	for _, method := range []string{"", "ZSTD"} {
		whole := packed(t, text, method)
		if got, err := io.ReadAll(newUnpacker(iotest.OneByteReader(bytes.NewReader(whole)))); err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
		for n := 1; n < len(whole); n++ {
			got, err := io.ReadAll(newUnpacker(bytes.NewReader(whole[:n])))
			if err == nil && len(got)%10 != 0 || err == nil && !strings.HasPrefix(text, string(got)) {
				t.Errorf("the first %d bytes: got %q, %v", n, got, err)
			}
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the first %d bytes: %v", n, err)
			}
		}
		damaged := bytes.Clone(whole)
		damaged[len(damaged)-1] ^= 1
		if _, err := io.ReadAll(newUnpacker(bytes.NewReader(damaged))); !errors.Is(err, errDamagedBlock) {
			t.Errorf("a damaged block: %v", err)
		}
	}
}

func FuzzUnpacker(f *testing.F) {
	f.Add(packed(f, "two blocks of rows", ""))
	f.Add(packed(f, "two blocks of rows", "ZSTD"))
	f.Fuzz(func(t *testing.T, body []byte) {
		// Only what ends with a whole block, and has no other bytes, is good.
		_, err := io.ReadAll(newUnpacker(bytes.NewReader(body)))
		if short := len(body) - 1; err == nil && short > 0 {
			if _, err := io.ReadAll(newUnpacker(bytes.NewReader(body[:short]))); err == nil {
				t.Error("a body without its last byte is as good")
			}
		}
	})
}

func TestBlocksOfCurl(t *testing.T) {
	s := newServer(t)
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, method := range []string{"LZ4", "ZSTD"} {
		a := s.do(t, "service", "s3cret", "SELECT number FROM numbers(300000) FORMAT TSV", "compress=1", "network_compression_method="+method)
		got, err := io.ReadAll(newUnpacker(strings.NewReader(a.body)))
		if a.status != http.StatusOK || err != nil || bytes.Count(got, []byte("\n")) != 300_000 || len(a.body) >= len(got) {
			t.Errorf("%s: got %d, %d bytes, %v", method, a.status, len(got), err)
		}
		rows := packed(t, strings.Repeat("7\n", 1000), method)
		for _, body := range []string{string(rows), string(rows[:len(rows)-3]), "7\n7\n"} {
			a = s.do(t, "service", "s3cret", body, "decompress=1", "query=INSERT INTO "+s.database+".t FORMAT TSV")
			if good := len(body) == len(rows); good != (a.status == http.StatusOK) {
				t.Errorf("%s: %d of %d bytes: got %d %s", method, len(body), len(rows), a.status, a.body)
			}
		}
	}
	if got := s.ask(t, "SELECT count() FROM "+s.database+".t"); got != "2000" {
		t.Errorf("got %s rows, want 2000", got)
	}
	if a := s.do(t, "service", "s3cret", "SELECT * FROM nowhere", "compress=1"); !strings.HasPrefix(a.body, "Code: 60.") {
		t.Errorf("an error: got %q", a.body)
	}
}

func TestBlocksOfClickhouseGo(t *testing.T) {
	s := newServer(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, "CREATE TABLE "+s.database+".t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	for _, method := range []clickhouse.CompressionMethod{
		clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP,
	} {
		conn, err := clickhouse.Open(&clickhouse.Options{
			Protocol: clickhouse.HTTP, Addr: []string{u.Host}, Compression: &clickhouse.Compression{Method: method},
			Auth: clickhouse.Auth{Database: s.database, Username: "service", Password: "s3cret"},
		})
		if err != nil {
			t.Fatal(err)
		}
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			if err := batch.Append(uint64(i), "text"); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Errorf("%v: %v", method, err)
		}
		rows, err := conn.Query(t.Context(), "SELECT number, toString(number) FROM numbers(200000)")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := errors.Join(rows.Err(), rows.Close()); n != 200_000 || err != nil {
			t.Errorf("%v: got %d rows, %v", method, n, err)
		}
		var e *clickhouse.Exception
		if rows, err = conn.Query(t.Context(), "SELECT number, throwIf(number = 2900000) FROM numbers(3000000)"); err == nil {
			for rows.Next() {
			}
			err = errors.Join(rows.Err(), rows.Close())
		}
		if !errors.As(err, &e) || e.Code != 395 {
			t.Errorf("%v: an error after rows: got %v", method, err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := s.ask(t, "SELECT count() FROM "+s.database+".t"); got != "3000" {
		t.Errorf("got %s rows, want 3000", got)
	}
}
