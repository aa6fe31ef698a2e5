package main

import (
	"fmt"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/campaign"
)

// A researcher's statement must not read what lies beside the tables: archives
// and the key ring are files, and ClickHouse has functions that read files.
func TestResearchersReadNoFiles(t *testing.T) {
	w := newCanaryWatch(t, campaign.New(7, canarySize()))
	// ClickHouse may repeat the statement, so the path in it is a harmless one.
	w.write("plain.json", string(contentOf(t, w.archive("result.json"))))
	stop := w.up()
	for _, statement := range []string{
		"SELECT file('%s')", "SELECT length(file('%s'))", "EXPLAIN SELECT file('%s')", "WITH file('%s') AS f SELECT f",
		"SELECT * FROM file('%s', 'LineAsString')", "DESCRIBE file('%s')", "SELECT 1 INTO OUTFILE '%s' TRUNCATE",
	} {
		w.fail(fmt.Sprintf(statement, "..."), "sql", fmt.Sprintf(statement, w.path("plain.json")))
	}
	w.see("up", stop())
	w.leaks.report(t)
}
