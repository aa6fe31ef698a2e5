package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/doxtrail/doxtrail/pkg/service"
)

const (
	// auditWait bounds the reading of RECORDS, monitorWait the question to one
	// NATS server's monitoring page.
	auditWait   = 5 * time.Minute
	monitorWait = 5 * time.Second
	// manyParts of one table slow ClickHouse down.
	manyParts = 500
)

// streams checks that NATS keeps what it confirms, and what it lost.
func (d *diagnosis) streams(ctx context.Context, s *session) {
	d.add("NATS streams are kept on the disk", "set the stream's persist mode back to default", s.conn.CheckPersistence(ctx))
	if !s.cfg.embedded() {
		d.syncs(ctx, s.cfg.NATS.MonitorURL)
	}
	bounded, cancel := context.WithTimeout(ctx, auditWait)
	_, err := s.conn.AuditRecords(bounded)
	cancel()
	d.add("RECORDS can be read through", "try again; if it fails each time, look at the NATS server's log", err)
	h, err := s.health(ctx)
	d.add("NATS streams", "run the provisioner", err)
	if err != nil {
		return
	}
	for _, t := range h.troubles() {
		d.add(t.Check, t.Mend, errors.New(t.Found))
	}
	if s.parts.disk != nil {
		if free, floor, low := s.parts.disk.Room(); low {
			d.add("room on the disk", "make room; what waits goes on by itself", errors.New(lowDiskText(free, floor)))
		}
	}
}

// syncs checks that NATS confirms a message when it is on the disk. A server
// whose monitoring pages stay on its own host cannot be asked from here, which
// is no fault of it.
func (d *diagnosis) syncs(ctx context.Context, urls string) {
	const check = "NATS syncs every message"
	if urls == "" {
		d.Findings = append(d.Findings, finding{Check: check, OK: true, Found: "not asked: nats.monitor_url is not set"})
		return
	}
	d.add(check, "set `sync_interval: always` in the jetstream block of every NATS server", syncsAlways(ctx, urls))
}

// tables checks that ClickHouse keeps what it confirms and keeps up with merges.
func (d *diagnosis) tables(ctx context.Context, s *session) {
	n, err := s.store.Unsynced(ctx)
	if err == nil && n > 0 {
		err = fmt.Errorf("%s without fsync", plural(int(n), "table"))
	}
	d.add("ClickHouse syncs every insert", "ALTER TABLE ... MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1", err)
	parts, err := s.store.MostParts(ctx)
	if err == nil && parts > manyParts {
		err = fmt.Errorf("a table has %s parts", grouped(parts))
	}
	d.add("ClickHouse merges keep up", "see that the disk is not full and leave it time", err)
}

// syncsAlways asks the monitoring pages of NATS servers whether they sync every
// message before they confirm it; a client's connection cannot be asked.
func syncsAlways(ctx context.Context, urls string) error {
	ctx, cancel := context.WithTimeout(ctx, monitorWait)
	defer cancel()
	for i, url := range strings.Split(urls, ",") {
		always, err := syncAlways(ctx, strings.TrimSpace(url))
		if err != nil {
			return fmt.Errorf("server %d: %w", i+1, err)
		}
		if !always {
			return fmt.Errorf("server %d syncs every few minutes: what it confirmed is lost when the power fails", i+1)
		}
	}
	return nil
}

func syncAlways(ctx context.Context, url string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/jsz", http.NoBody)
	if err != nil {
		return false, errors.New("its monitoring address is no URL")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, errors.New("its monitoring page does not answer")
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	var page struct {
		Config struct {
			SyncAlways bool `json:"sync_always"`
		} `json:"config"`
	}
	const pageLimit = 1 << 20
	if response.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(response.Body, pageLimit)).Decode(&page) != nil {
		return false, errors.New("its monitoring page says nothing of JetStream")
	}
	return page.Config.SyncAlways, nil
}

// acknowledge notes that an operator knows what the streams lost.
func (s *session) acknowledge(ctx context.Context, w io.Writer) error {
	gaps, err := s.conn.AcknowledgeGaps(ctx)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		fmt.Fprintln(w, "acknowledged: "+gapText(g))
	}
	if len(gaps) == 0 {
		_, err = fmt.Fprintln(w, "nothing is lost that was not acknowledged")
		return err
	}
	s.log.Warn("lost messages acknowledged", service.KeyCount, len(gaps))
	return nil
}
