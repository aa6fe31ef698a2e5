package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/doxtrail/doxtrail/pkg/bus"
)

// contents are what the tables hold, but for what is said of looks and imports, which a
// second import adds to.
func (s *testStudy) contents() string {
	s.t.Helper()
	var sums []string
	for _, kind := range []string{"posts", "links", "shares", "channels", "observations", "locators", "decisions"} {
		columns := "*"
		if kind == "locators" {
			columns = "target_key, kind, part_key" // they are sealed anew each time
		}
		sums = append(sums, fmt.Sprintf("SELECT '%[1]s' AS kind, count() AS n, sum(sipHash64(toString(tuple(%[2]s)))) AS sum FROM doxtrail.%[1]s FINAL", kind, columns))
	}
	return s.must("sql", "--operator", "--format", "jsonl", "SELECT * FROM ("+strings.Join(sums, " UNION ALL ")+") ORDER BY kind")
}

// heldRecord is one record on RECORDS.
type heldRecord struct {
	of   bus.Subject
	data []byte
}

func (s *testStudy) recordsNow(conn *bus.Conn) (all []heldRecord) {
	s.t.Helper()
	_, err := conn.SiftRecords(s.t.Context(), bus.Sift{
		Kinds: []bus.Kind{bus.KindPosts, bus.KindLinks, bus.KindShares, bus.KindChannels, bus.KindObservations, bus.KindLocators},
		Picks: func(of bus.Subject, record []byte) bool {
			all = append(all, heldRecord{of, bytes.Clone(record)})
			return false
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// replay puts records on RECORDS again and waits until they were dealt with.
func (s *testStudy) replay(conn *bus.Conn, records []heldRecord) {
	s.t.Helper()
	p, err := conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		s.t.Fatal(err)
	}
	last := map[bus.Lane]uint64{}
	b := bus.NewBuilder(bus.StageRecords)
	for i, r := range records {
		if err := b.AddEncoded(r.data); err != nil {
			s.t.Fatal(err)
		}
		if i+1 < len(records) && records[i+1].of == r.of && !b.Full() {
			continue
		}
		m, err := b.Records(r.of)
		if err != nil {
			s.t.Fatal(err)
		}
		receipt, err := p.Publish(s.t.Context(), m)
		if err == nil {
			last[r.of.Lane], err = receipt.Wait(s.t.Context())
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), commandTimeout)
	defer cancel()
	for lane, sequence := range last {
		if err := conn.Await(ctx, bus.DurableOf(bus.StreamRecords, lane), sequence); err != nil {
			s.t.Fatal(err)
		}
	}
}

// importAnew imports all archives as if nobody had looked at them: what coverage
// says was read is not read again.
func (s *testStudy) importAnew() {
	s.t.Helper()
	s.clickhouse("TRUNCATE TABLE doxtrail.coverage")
	s.importAll("archives")
}
