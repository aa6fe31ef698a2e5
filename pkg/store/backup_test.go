package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

// copied is what a backup holds of a study.
type copied struct {
	schema uint32
	text   map[store.Kind]*bytes.Buffer
	rows   map[store.Kind]uint64
}

func backUp(t *testing.T, s *store.Store) copied {
	t.Helper()
	c := copied{text: map[store.Kind]*bytes.Buffer{}, rows: map[store.Kind]uint64{}}
	var err error
	if c.schema, err = s.Schema(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range store.BackupKinds() {
		c.text[kind] = &bytes.Buffer{}
		if c.rows[kind], err = s.WriteRows(t.Context(), kind, c.text[kind]); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func restore(t *testing.T, s *store.Store, c copied) {
	t.Helper()
	st, err := s.Stage(t.Context(), c.schema)
	if err != nil {
		t.Fatal(err)
	}
	for kind, text := range c.text {
		if err := st.Load(t.Context(), kind, bytes.NewReader(text.Bytes()), c.rows[kind]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(st.Merge(t.Context()), st.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// contents is the number of rows of every table and a hash over all their
// columns.
func contents(t *testing.T, s *store.Store) string {
	t.Helper()
	var b strings.Builder
	for _, kind := range store.Kinds() {
		var rows []struct {
			N uint64 `ch:"n"`
			H uint64 `ch:"h"`
		}
		sql := fmt.Sprintf("SELECT count() AS n, sum(cityHash64(toString(tuple(*, recorded_at)))) AS h FROM %s", kind)
		if err := s.SelectTables(t.Context(), &rows, sql, nil); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %x\n", kind, rows[0].N, rows[0].H)
	}
	return b.String()
}

// fill puts random rows into every table: any bytes in texts, NULLs, arrays.
func fill(t *testing.T, s *store.Store, kind store.Kind, seed int) {
	t.Helper()
	var columns []struct {
		Name string `ch:"name"`
		Type string `ch:"type"`
	}
	err := s.SelectTables(t.Context(), &columns, fmt.Sprintf(
		"SELECT name, type FROM system.columns WHERE database = '%s' AND table = '%s' AND default_kind = ''", s.Tables(), kind), nil)
	if err != nil {
		t.Fatal(err)
	}
	var structure, values []string
	for _, c := range columns {
		value := "`" + c.Name + "`"
		if strings.Contains(c.Type, "DateTime64") { // a random one lies thousands of years away
			c.Type, value = "UInt32", "toDateTime64("+value+", 3, 'UTC')"
		}
		if c.Name == "expires_at" { // what is expired may be gone before it is counted
			value = "toDateTime64('2099-01-01 00:00:00', 3, 'UTC')"
		}
		structure, values = append(structure, "`"+c.Name+"` "+c.Type), append(values, value)
	}
	err = s.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s.%s SELECT %s FROM generateRandom('%s', %d, 20, 3) LIMIT 100",
		s.Tables(), kind, strings.Join(values, ", "), strings.Join(structure, ", "), seed))
	if err != nil {
		t.Fatal(err)
	}
}

func TestABackupHoldsEveryRowOfEveryTable(t *testing.T) {
	from, to := storetest.New(t), storetest.New(t)
	for i, kind := range store.Kinds() {
		fill(t, from, kind, i+1)
	}
	want := contents(t, from)
	backup := backUp(t, from)
	for _, kind := range store.Kinds() {
		if backup.rows[kind] != 100 {
			t.Errorf("%s: %d rows were counted, not 100", kind, backup.rows[kind])
		}
	}
	for range 2 { // a restore that was killed is called again
		restore(t, to, backup)
		if diff := cmp.Diff(want, contents(t, to)); diff != "" {
			t.Fatalf("restored (-study +restored):\n%s", diff)
		}
	}
}

func TestRestoreMergesAndTheHigherVersionStands(t *testing.T) {
	stores := [2]*store.Store{storetest.New(t), storetest.New(t)}
	for i, s := range stores {
		w := &world{t: t, store: s, rows: store.NewRows(), byName: map[string][]byte{}}
		w.post(post{name: "p1", channel: "A", at: "01-01 10:00:00", platform: telegram, audience: int64(5 + i)})
		w.insert()
	}
	// Whichever of the two readings of p1 wins, it wins in both directions.
	backups := [2]copied{backUp(t, stores[0]), backUp(t, stores[1])}
	restore(t, stores[0], backups[1])
	restore(t, stores[1], backups[0])
	if diff := cmp.Diff(contents(t, stores[0]), contents(t, stores[1])); diff != "" {
		t.Errorf("merged in two directions:\n%s", diff)
	}
	if !strings.Contains(contents(t, stores[0]), "posts 1 ") {
		t.Error("two readings of one post are not one row")
	}
}

func TestABackupOfAnOlderSchemaIsBroughtUpToDate(t *testing.T) {
	tables := 17 // the first migrations make the tables, the others views
	old := storetest.Open(t, storetest.Config(t))
	if err := old.MigrateFirst(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	fill(t, old, store.KindPosts, 3)
	backup := backUp(t, old)
	if err := old.Migrate(t.Context()); err != nil { // so that both have the columns of today
		t.Fatal(err)
	}
	want := contents(t, old)
	if backup.schema != uint32(tables) {
		t.Fatalf("schema of the backup: %d", backup.schema)
	}
	to := storetest.New(t)
	restore(t, to, backup)
	if diff := cmp.Diff(want, contents(t, to)); diff != "" {
		t.Errorf("restored (-old, migrated in place +restored):\n%s", diff)
	}
}

func TestStagingRefuses(t *testing.T) {
	s := storetest.New(t)
	latest, err := store.LatestSchema()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stage(t.Context(), latest+1); !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("a newer schema: got %v", err)
	}
	fill(t, s, store.KindPosts, 5)
	before := contents(t, s)
	backup := backUp(t, s)
	posts := backup.text[store.KindPosts].Bytes()
	st, err := s.Stage(t.Context(), latest)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{
		"cut in a row":    posts[:len(posts)/2],
		"another table's": backup.text[store.KindLinks].Bytes(),
		"empty":           nil,
		"a row less":      posts[:bytes.LastIndexByte(posts[:len(posts)-1], '\n')+1],
	} {
		if err := st.Load(t.Context(), store.KindPosts, bytes.NewReader(text), 100); err == nil {
			t.Errorf("%s: loaded", what)
		}
		if err := s.Exec(t.Context(), "TRUNCATE TABLE restore_"+s.Tables()+".posts"); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(t.Context()); err != nil {
		t.Errorf("a staging with failed loads cannot be dropped: %v", err)
	}
	if diff := cmp.Diff(before, contents(t, s)); diff != "" {
		t.Errorf("the study changed:\n%s", diff)
	}
}
