package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func newStatus(opts *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how far behind each part is, what failed, and how much disk is left",
		Args:  args(cobra.NoArgs),
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
	lag, err := s.conn.Lag(ctx)
	if err != nil {
		return status{}, err
	}
	st := status{
		Attached: !s.parts.servers.holder(), Failed: lag.Failed,
		Streams: []streamStatus{}, Readers: []readerStatus{}, Channels: []channelStatus{},
	}
	for _, l := range lag.Streams {
		st.Streams = append(st.Streams, streamStatus{l.Stream, l.Messages, l.Bytes, l.MaxBytes})
		if l.Stream == "RAW" && !l.OldestAt.IsZero() {
			st.OldestAt = &l.OldestAt
		}
	}
	for _, d := range lag.Durables {
		st.Readers = append(st.Readers, readerStatus{string(d.Durable), d.Pending, d.AckPending})
	}
	if err := s.channelStatus(ctx, &st); err != nil {
		return status{}, err
	}
	var fs syscall.Statfs_t
	if s.cfg.embedded() && syscall.Statfs(s.cfg.Data, &fs) == nil {
		st.DiskFree = fs.Bavail * uint64(fs.Bsize)
	}
	return st, nil
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
	fmt.Fprintf(tw, "failed\t%s\trecords\n", grouped(st.Failed))
	fmt.Fprintf(tw, "oldest raw\t%s\n", stamp(st.OldestAt))
	if st.DiskFree > 0 {
		fmt.Fprintf(tw, "disk free\t%s GiB\n", grouped(st.DiskFree>>30))
	}
	return tw.Flush()
}

func stamp(t *time.Time) string {
	if t == nil {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}
