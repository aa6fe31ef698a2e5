package provisioner

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
)

// tableOf is a table or view as ClickHouse describes it.
type tableOf struct {
	Name  string `ch:"name"`
	Query string `ch:"create_table_query"`
	Rows  uint64 `ch:"row_count"`
}

func tables(t *testing.T, db *store.Store) (out []tableOf) {
	t.Helper()
	err := db.SelectTables(within(t), &out, `SELECT name, create_table_query, toUInt64(ifNull(total_rows, 0)) AS row_count
		FROM system.tables WHERE database IN ({tables:String}, {research:String}) ORDER BY database, name`,
		map[string]string{"tables": db.Tables(), "research": db.Research()})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProvisioningTwiceChangesNothing(t *testing.T) {
	s := newStudy(t)
	s.write(harbour)
	db := storetest.Open(t, storetest.Config(t)) // nothing in it yet
	p := s.provisioner(s.file, db)
	state := func() (all []any) {
		raw, records := s.stream(bus.StreamRaw), s.stream(bus.StreamRecords)
		bucket, err := s.server.Conn.Watchlist(within(t))
		if err != nil {
			t.Fatal(err)
		}
		published, err := bucket.Load(within(t))
		if err != nil {
			t.Fatal(err)
		}
		return append(all, tables(t, db), raw.MaxBytes, records.MaxBytes, published.Generation, published.Sealed)
	}
	if err := p.Provision(within(t)); err != nil {
		t.Fatal(err)
	}
	first := state()
	if first[1] != int64(64<<20) || first[3] != uint64(1) || len(first[0].([]tableOf)) == 0 {
		t.Errorf("RAW may take %v bytes, generation %v, want 64 MiB and 1, and tables", first[1], first[3])
	}
	if err := p.Provision(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.provisioner(s.file, db).Provision(within(t)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(state(), first); diff != "" {
		t.Errorf("state after the third time (-got +want)\n%s", diff)
	}
}

func TestRunFollowsTheFile(t *testing.T) {
	s := newStudy(t)
	s.write(harbour)
	p := s.provisioner(s.file, storetest.New(t))
	stop := p.run(t)
	generation := func(want uint64) func() bool {
		return func() bool { return p.metric(t, "watchlist_generation") == float64(want) }
	}
	faults := func(want float64) func() bool {
		return func() bool { return p.metric(t, "watchlist_faults_total") == want }
	}
	eventually(t, "the first list is in force", generation(1))

	s.write(pier)
	eventually(t, "a changed file is taken over", generation(2))

	s.write(faulty)
	eventually(t, "a faulty file is reported", faults(1))
	if list := p.inForce(t); list.Generation != 2 || !listed(list.Families, "pier-cards") {
		t.Error("a faulty file changed the list in force")
	}

	if err := os.Remove(s.file); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a missing file is reported", faults(2))
	if list := p.inForce(t); list.Generation != 2 || !listed(list.Families, "pier-cards") {
		t.Error("a missing file changed the list in force")
	}

	s.write(harbour + "\n")
	eventually(t, "the mended file is taken over", generation(3))
	if got := p.metric(t, "watchlist_faults_total"); got != 2 {
		t.Errorf("%v faults were reported, want one for each state of the file", got)
	}
	stop()
}

func TestRunThatCannotProvisionSaysSo(t *testing.T) {
	s := newStudy(t)
	s.write(faulty)
	p := s.provisioner(s.file, storetest.New(t))
	err := p.Run(within(t))
	if err == nil {
		t.Fatal("a faulty first list is taken")
	}
	if strings.Contains(err.Error(), "harbour") || strings.Contains(err.Error(), s.file) {
		t.Errorf("the error repeats the list or names the file: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Run(ended); err != nil {
		t.Errorf("told to stop while it starts, it returns %v", err)
	}
}

func TestTheDefaultsAreValid(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
	if got, want := Defaults().StoreBytes(), int64(12<<30); got != want {
		t.Errorf("streams and buckets take %d bytes, want %d", got, want)
	}
}

func TestEveryFaultOfAConfigurationIsNamed(t *testing.T) {
	err := Config{Replicas: 2}.Validate()
	if err == nil {
		t.Fatal("the configuration is valid")
	}
	for _, key := range []string{"watchlist_poll", "replicas", "raw_max_bytes", "records_max_bytes"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the fault of %s is not named: %v", key, err)
		}
	}
}
