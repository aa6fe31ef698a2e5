package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/campaign"
	"github.com/doxtrail/doxtrail/pkg/embedded"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// A watch that finds nothing shows something only if it would have found it.
// Each leak here is planted in another place and under another kind, and must
// be found in that place.
func TestThePlantedLeakIsFound(t *testing.T) {
	person := privacytest.New(97, 1).Persons[0]
	c := campaign.New(7, canarySize())
	kinds := map[privacytest.Kind]string{
		"in a row": person.Chinese, "in a view": person.Phone, "in a record": person.Handle,
		"in a data file": person.Address, "in a temporary file": person.Mail, "in the home folder": person.HKID,
		"in a file name": person.FileName, "in a folder name": person.Slug, "beside the data": person.Title,
		"in a message": person.Hashtag, "on stdout": person.AddressEnglish, "on a page": person.Romanised(),
	}
	planted := make([]privacytest.Canary, 0, len(kinds))
	for kind, value := range kinds {
		planted = append(planted, privacytest.Canary{Kind: kind, Value: value})
	}
	w := newCanaryWatch(t, c, planted...)

	stop := w.up()
	w.insert("INSERT INTO doxtrail.imports (import_id, label) VALUES (generateUUIDv4(), '" + person.Chinese + "')")
	w.insert("CREATE VIEW research.planted AS SELECT hex('" + person.Phone + "') AS code")
	w.plantRecord(person.Handle)
	w.plantFile("data/clickhouse/planted", base64.StdEncoding.EncodeToString([]byte("x"+person.Address)))
	w.plantFile("tmp/doxtrail-1/spool", strings.ToUpper(person.Mail))
	w.plantFile("home/.config/history", person.HKID)
	w.plantFile("data/nats/"+person.FileName, "")
	w.plantFile("data/"+url.PathEscape(person.Slug)+"/empty", "")
	w.plantFile("core", "\x00\x01"+person.Title)
	w.call("a message", "sql", "SELECT `"+person.Hashtag+"`")
	w.call("a result", "sql", "SELECT '"+person.AddressEnglish+"'")
	w.leaks.add("page", w.scanner.ScanString("doxtrail_posts_total{channel=\""+strings.ToLower(person.Romanised())+"\"} 1"))
	w.dump("tables")
	w.see("up", stop())
	w.sweep("after the stop")
	w.records("streams")

	for _, want := range []struct {
		kind  privacytest.Kind
		place string
	}{
		{"in a row", "tables: table doxtrail.imports"},
		{"in a row", "tables: table research.imports"},
		{"in a view", "tables: table research.planted"},
		{"in a record", "streams: RECORDS, posts"},
		{"in a data file", "after the stop: data"},
		{"in a temporary file", "after the stop: tmp"},
		{"in the home folder", "after the stop: home"},
		{"in a file name", "after the stop: data"},
		{"in a folder name", "after the stop: data"},
		{"beside the data", "after the stop: core"},
		{"in a message", "stderr of a message"},
		{"on stdout", "stdout of a result"},
		{"on a page", "page"},
	} {
		if !w.leaks.in(want.place, want.kind) {
			t.Errorf("a leak %q was planted and not found at %q", want.kind, want.place)
		}
	}
}

// insert runs a statement of the services' account, as no command can.
func (w *canaryWatch) insert(statement string) {
	w.t.Helper()
	run, err := embedded.ReadRun(w.path("data"))
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, run.ClickHouse.URL, strings.NewReader(statement))
	if err != nil {
		w.t.Fatal(err)
	}
	req.SetBasicAuth(run.ClickHouse.User, strings.TrimSpace(string(contentOf(w.t, run.ClickHouse.PasswordFile))))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("insert: %s: %s %v", resp.Status, body, err)
	}
}

// plantRecord puts a batch with a value in it on RECORDS. The batch is large
// enough to be compressed, so that the value need not lie readable on disk.
func (w *canaryWatch) plantRecord(value string) {
	w.t.Helper()
	b := bus.NewBuilder(bus.StageRecords)
	for i := range int64(100) {
		if err := b.Add(doxtrailv1.Post_builder{PostedAt: &i, Language: &value}.Build()); err != nil {
			w.t.Fatal(err)
		}
	}
	message, err := b.Records(bus.Subject{
		Stage: bus.StageRecords, Lane: bus.LaneArchive, Kind: bus.KindPosts, Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.publish(w.attach(), bus.StageRecords, message)
}

func (w *canaryWatch) plantFile(name, content string) {
	w.t.Helper()
	path := w.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.write(name, content)
}
