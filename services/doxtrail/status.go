package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
)

func newStatus(opts *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how far behind each part is, what failed, and how much disk is left",
		Args:  args(noArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := opts.load()
			if err != nil {
				return err
			}
			return withSession(cmd, cfg, func(ctx context.Context, s *session) error {
				st, err := s.status(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(st)
				}
				return st.print(cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return cmd
}

// status is what `doxtrail status` shows. Times are UTC; an absent time means
// that there is none.
type status struct {
	Attached bool            `json:"attached"`
	Streams  []streamStatus  `json:"streams"`
	Readers  []readerStatus  `json:"readers"`
	Failed   uint64          `json:"failed_records"`
	OldestAt *time.Time      `json:"oldest_raw_at,omitempty"`
	Channels []channelStatus `json:"channels"`
	DiskFree uint64          `json:"disk_free_bytes"`

	// OldestAge is the age of OldestAt in seconds; 0 if there is none.
	OldestAge     float64    `json:"oldest_raw_seconds"`
	FailedRetried uint64     `json:"failed_retried"`
	FailedDropped uint64     `json:"failed_dropped"`
	Gaps          []bus.Gap  `json:"gaps"`
	AuditedAt     *time.Time `json:"records_audited_at,omitempty"`
	// DiskFloor is the free space under which nothing more is taken in.
	DiskFloor uint64 `json:"disk_floor_bytes"`
	DiskLow   bool   `json:"disk_low"`
	// Collectors are the live ones of Telegram, as they last said.
	Collectors []telegramcollector.Report `json:"collectors"`
	// TwitterCollectors are those of X.
	TwitterCollectors []twittercollector.Report `json:"twitter_collectors"`
	// Troubles is what somebody has to see to.
	Troubles []trouble `json:"troubles"`
}

type streamStatus struct {
	Stream   string `json:"stream"`
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
	MaxBytes int64  `json:"max_bytes"`
}

type readerStatus struct {
	Durable    string `json:"durable"`
	Pending    uint64 `json:"pending"`
	AckPending int    `json:"ack_pending"`
}

// channelStatus is the last success of one platform's channels.
type channelStatus struct {
	Platform string     `json:"platform"`
	Channels uint64     `json:"channels"`
	LastAt   *time.Time `json:"last_looked_at,omitempty"`
	LastPost *time.Time `json:"last_post_at,omitempty"`
}

func (s *session) status(ctx context.Context) (status, error) {
	h, err := s.health(ctx)
	if err != nil {
		return status{}, err
	}
	lag := h.lag
	st := status{
		Attached: !s.parts.servers.holder(), Failed: lag.Failed,
		Streams: []streamStatus{}, Readers: []readerStatus{}, Channels: []channelStatus{}, Collectors: []telegramcollector.Report{},
		TwitterCollectors: []twittercollector.Report{},
		FailedRetried:     h.failed.Retried, FailedDropped: h.failed.Dropped,
		Gaps: append([]bus.Gap{}, h.gaps...), Troubles: h.troubles(),
	}
	if !h.auditedAt.IsZero() {
		st.AuditedAt = &h.auditedAt
	}
	for _, l := range lag.Streams {
		st.Streams = append(st.Streams, streamStatus{l.Stream, l.Messages, l.Bytes, l.MaxBytes})
	}
	if at, age := h.oldestRaw(); !at.IsZero() {
		st.OldestAt, st.OldestAge = &at, age.Seconds()
	}
	for _, d := range lag.Durables {
		st.Readers = append(st.Readers, readerStatus{string(d.Durable), d.Pending, d.AckPending})
	}
	if err := s.channelStatus(ctx, &st); err != nil {
		return status{}, err
	}
	if err := s.collectorStatus(ctx, &st); err != nil {
		return status{}, err
	}
	st.addDisk(s.parts.disk)
	return st, nil
}

// addDisk notes how much room is left where the embedded servers write.
func (st *status) addDisk(disk *service.Disk) {
	if disk == nil {
		return
	}
	st.DiskFree, st.DiskFloor, st.DiskLow = disk.Room()
	if st.DiskLow {
		st.Troubles = append(st.Troubles, trouble{"disk", lowDiskText(st.DiskFree, st.DiskFloor), "make room; what waits goes on by itself"})
	}
}

// lowDiskText says how little room there is.
func lowDiskText(free, needed uint64) string {
	return fmt.Sprintf("the disk is nearly full; %s MiB free, %s MiB needed: nothing more is taken in", grouped(free>>20), grouped(needed>>20))
}

func (s *session) channelStatus(ctx context.Context, st *status) error {
	const sql = `SELECT toString(platform) AS platform_name, uniqExact(channel_key) AS channels,
		max(looked_at) AS last_looked_at, max(to_at) AS last_post_at
		FROM coverage WHERE state = 'complete' GROUP BY platform_name ORDER BY platform_name`
	var rows []struct {
		Platform string     `ch:"platform_name"`
		Channels uint64     `ch:"channels"`
		LookedAt *time.Time `ch:"last_looked_at"`
		PostAt   *time.Time `ch:"last_post_at"`
	}
	if err := s.reader.Select(ctx, &rows, sql, nil); err != nil {
		return err
	}
	for _, r := range rows {
		st.Channels = append(st.Channels, channelStatus{r.Platform, r.Channels, r.LookedAt, r.PostAt})
	}
	return nil
}

func (st status) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range st.Streams {
		fmt.Fprintf(tw, "stream\t%s\t%s messages\t%s MiB\n", l.Stream, grouped(l.Messages), grouped(l.Bytes>>20))
	}
	for _, r := range st.Readers {
		fmt.Fprintf(tw, "reader\t%s\t%s pending\t%d in hand\n", r.Durable, grouped(r.Pending), r.AckPending)
	}
	for _, c := range st.Channels {
		fmt.Fprintf(tw, "channels\t%s\t%s\tlast post %s\n", c.Platform, grouped(c.Channels), stamp(c.LastPost))
	}
	for _, c := range st.Collectors {
		printCollector(tw, c)
	}
	for _, c := range st.TwitterCollectors {
		printTwitter(tw, c)
	}
	fmt.Fprintf(tw, "failed\t%s\trecords\n", grouped(st.Failed))
	fmt.Fprintf(tw, "oldest raw\t%s\n", stamp(st.OldestAt))
	if st.DiskFloor > 0 {
		fmt.Fprintf(tw, "disk free\t%s GiB\t%s MiB must stay free\n", grouped(st.DiskFree>>30), grouped(st.DiskFloor>>20))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, t := range st.Troubles {
		if _, err := fmt.Fprintf(w, "TROUBLE  %s: %s\n         %s\n", t.Check, t.Found, t.Mend); err != nil {
			return err
		}
	}
	return nil
}

func stamp(t *time.Time) string {
	if t == nil {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}
