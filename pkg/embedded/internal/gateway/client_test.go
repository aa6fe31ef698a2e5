package gateway

import (
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// row has a column of every type the tables of doxtrail use, and some more.
type row struct {
	ID        uuid.UUID         `ch:"id"`
	Hash      string            `ch:"hash"`
	Word      string            `ch:"word"`
	MaybeWord *string           `ch:"maybe_word"`
	At        time.Time         `ch:"at"`
	MaybeAt   *time.Time        `ch:"maybe_at"`
	Day       time.Time         `ch:"day"`
	Maybe     *int64            `ch:"maybe"`
	MaybeID   *uuid.UUID        `ch:"maybe_id"`
	IDs       []uuid.UUID       `ch:"ids"`
	Words     []string          `ch:"words"`
	Version   *big.Int          `ch:"version"`
	Kind      string            `ch:"kind"`
	Grid      [][]uint32        `ch:"grid"`
	Flag      bool              `ch:"flag"`
	Ratio     float64           `ch:"ratio"`
	Text      string            `ch:"text"`
	PartNames []string          `ch:"parts.name"`
	PartSizes []uint64          `ch:"parts.size"`
	Pairs     map[string]uint64 `ch:"pairs"`
}

const createRows = `CREATE TABLE rows (
	id UUID, hash FixedString(32), word LowCardinality(String), maybe_word LowCardinality(Nullable(String)),
	at DateTime64(3, 'UTC'), maybe_at Nullable(DateTime64(3, 'UTC')), day Date,
	maybe Nullable(Int64), maybe_id Nullable(UUID), ids Array(UUID), words Array(LowCardinality(String)),
	version UInt128, kind Enum8('post' = 1, 'share' = 2), grid Array(Array(UInt32)), flag Bool, ratio Float64, text String,
	parts Nested(name LowCardinality(String), size UInt64), pairs Map(LowCardinality(String), UInt64)
) ENGINE = MergeTree ORDER BY id`

func sampleRows(n int) []row {
	rows := make([]row, n)
	for i := range rows {
		at := time.UnixMilli(1_561_900_000_123 + int64(i)).UTC()
		word, number, id := fmt.Sprintf("w%d", i%7), int64(-i), uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, i))
		r := row{
			ID: id, Hash: strings.Repeat(string(rune('a'+i%26)), 32), Word: word, At: at, Day: at.Truncate(24 * time.Hour),
			IDs: []uuid.UUID{}, Words: []string{}, Version: new(big.Int).Lsh(big.NewInt(int64(i)+1), 100), Kind: "post",
			Grid: [][]uint32{}, Ratio: float64(i) / 3, Text: strings.Repeat("文", i%5), PartNames: []string{}, PartSizes: []uint64{},
			Pairs: map[string]uint64{},
		}
		if i%2 == 1 {
			r.MaybeWord, r.MaybeAt, r.Maybe, r.MaybeID = &word, &at, &number, &id
			r.IDs, r.Words, r.Grid = []uuid.UUID{id, id}, []string{word, "", word}, [][]uint32{{1, 2}, {}, {uint32(i)}}
			r.Kind, r.Flag, r.PartNames, r.PartSizes, r.Pairs = "share", true, []string{"a", "b"}, []uint64{1, 2}, map[string]uint64{word: 1}
		}
		rows[i] = r
	}
	return rows
}

func compareBig(a, b *big.Int) bool { return a.Cmp(b) == 0 }

func TestEveryTypeGoesInAndComesBack(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	if err := c.Exec(t.Context(), createRows); err != nil {
		t.Fatal(err)
	}
	want := sampleRows(1000)
	batch, err := c.PrepareBatch(t.Context(), "INSERT INTO rows")
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if err := batch.AppendStruct(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	// Small blocks, so that there are several of them.
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 300}))
	rows, err := c.Query(ctx, "SELECT * FROM rows ORDER BY at")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []row
	for rows.Next() {
		var r row
		if err := rows.ScanStruct(&r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want, cmp.Comparer(compareBig)); diff != "" {
		t.Errorf("(-got +want)\n%.3000s", diff)
	}
}

func TestBatchByColumns(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	if err := c.Exec(t.Context(), "CREATE TABLE columns (a UInt64, b LowCardinality(String)) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	batch, err := c.PrepareBatch(t.Context(), "INSERT INTO columns (a, b)")
	if err != nil {
		t.Fatal(err)
	}
	numbers, words := make([]uint64, 50_000), make([]string, 50_000)
	for i := range numbers {
		numbers[i], words[i] = uint64(i), fmt.Sprint(i%3)
	}
	for i, column := range []any{numbers, words} {
		if err := batch.Column(i).Append(column); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(t, "SELECT count(), sum(a), uniqExact(b) FROM columns", "database="+s.database); got != "50000\t1249975000\t3" {
		t.Errorf("got %q", got)
	}
}

func TestQueriesOfClickhouseGo(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	t.Run("parameters", func(t *testing.T) {
		awkward := "a\\b\tc\nd'; SELECT"
		var text string
		var n uint64
		var at time.Time
		var list []string
		want := time.UnixMilli(1_561_900_000_123).UTC()
		err := c.QueryRow(t.Context(), "SELECT {s:String}, {n:UInt64}, {at:DateTime64(3, 'UTC')}, {l:Array(String)}",
			clickhouse.Named("s", awkward), clickhouse.Named("n", 7), clickhouse.DateNamed("at", want, clickhouse.MilliSeconds),
			clickhouse.Named("l", []string{"x", "y'"})).Scan(&text, &n, &at, &list)
		if err != nil {
			t.Fatal(err)
		}
		if text != awkward || n != 7 || !at.Equal(want) || !cmp.Equal(list, []string{"x", "y'"}) {
			t.Errorf("got %q %d %v %q", text, n, at, list)
		}
	})
	t.Run("no rows", func(t *testing.T) {
		rows, err := c.Query(t.Context(), "SELECT number FROM numbers(10) WHERE number > 100")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if rows.Next() || rows.Err() != nil {
			t.Errorf("got a row or %v", rows.Err())
		}
	})
	t.Run("statements that cannot be streamed", func(t *testing.T) {
		for _, sql := range []string{"SHOW DATABASES", "DESCRIBE TABLE system.one", "EXPLAIN SELECT 1", "EXISTS TABLE system.one"} {
			rows, err := c.Query(t.Context(), sql)
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				continue
			}
			if !rows.Next() {
				t.Errorf("%s: no row", sql)
			}
			if err := rows.Close(); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
	t.Run("ping and version", func(t *testing.T) {
		if err := c.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		v, err := c.ServerVersion()
		if err != nil || v.Version.Major < 26 {
			t.Errorf("got %v, %v", v, err)
		}
	})
}

func TestErrorsOfClickhouseGoHaveCodes(t *testing.T) {
	s := newServer(t)
	c := s.client(t)
	if err := c.Exec(t.Context(), "CREATE TABLE small (a UInt64, CONSTRAINT low CHECK a < 10) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	send := func(values ...uint64) error {
		batch, err := c.PrepareBatch(t.Context(), "INSERT INTO small")
		if err != nil {
			return err
		}
		for _, v := range values {
			if err := batch.Append(v); err != nil {
				return err
			}
		}
		return batch.Send()
	}
	read := func(sql string) error {
		rows, err := c.Query(t.Context(), sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	}
	for _, tt := range []struct {
		name   string
		err    error
		code   int32
		status int // 0: the error came after rows
	}{
		{"exec", c.Exec(t.Context(), "SELEC"), 62, http.StatusBadRequest},
		{"query", read("SELECT * FROM nowhere"), 60, http.StatusNotFound},
		{"insert", send(1, 2, 99), 469, http.StatusInternalServerError},
		{"after rows", read("SELECT number, throwIf(number = 2900000) FROM numbers(3000000)"), 395, 0},
	} {
		var e *clickhouse.Exception
		var h *clickhouse.HTTPError
		if !errors.As(tt.err, &e) || e.Code != tt.code {
			t.Errorf("%s: got %v, want code %d", tt.name, tt.err, tt.code)
		}
		if errors.As(tt.err, &h) != (tt.status != 0) || h != nil && h.StatusCode != tt.status {
			t.Errorf("%s: got %v, want status %d", tt.name, h, tt.status)
		}
	}
	if got := s.ask(t, "SELECT count() FROM "+s.database+".small"); got != "0" {
		t.Errorf("got %s rows of a refused batch, want 0", got)
	}
	if err := send(1, 2); err != nil {
		t.Errorf("a good batch after a bad one: %v", err)
	}
}
