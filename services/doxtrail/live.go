package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
)

// liveCollectors are the services that ask a platform, and so run only where a
// process is meant to last.
func liveCollectors() []string { return []string{telegramcollector.Name} }

// errNotEnabled says that a collector was not told what to collect with.
var errNotEnabled = errors.New("this collector is not configured: set collector_telegram.api_id and what belongs to it, or collector_telegram.preview.url; see README")

// errNoAccount says that there is no account to log in with.
var errNoAccount = errors.New("no account is configured: set collector_telegram.api_id and what belongs to it; see README")

// enabled says whether a service has something to do under this configuration.
func (c *Config) enabled(service string) bool {
	return service != telegramcollector.Name || c.CollectorTelegram.Enabled()
}

// staleReport is how old a report may be before it is that of a collector which is
// not running, or stuck.
const staleReport = time.Minute

// collectorStatus adds what the live collectors last said of themselves. A
// collector that was never started said nothing.
func (s *session) collectorStatus(ctx context.Context, st *status) error {
	cfg := s.cfg.CollectorTelegram
	if s.cfg.embedded() && !cfg.Enabled() {
		return nil // beside real servers the collector has a configuration of its own
	}
	key, err := s.parts.stateKey()
	if err != nil {
		return nil //nolint:nilerr // who has no key sees the rest
	}
	report, found, err := telegramcollector.ReadReport(ctx, s.conn, key, cfg)
	name := "collector telegram " + cfg.Account
	if err != nil && ctx.Err() == nil {
		st.Troubles = append(st.Troubles, trouble{name, "its report cannot be read", "start it, and it writes a new one; if that does not help, see its log"})
		return nil
	}
	if err != nil || !found {
		return err
	}
	st.Collectors = append(st.Collectors, report)
	if age := time.Since(report.At); age > staleReport {
		st.Troubles = append(st.Troubles, trouble{name, fmt.Sprintf("said nothing for %s", age.Round(time.Second)), "start it: doxtrail up, or doxtrail run " + telegramcollector.Name})
		return nil
	}
	if report.State != telegramcollector.StateCollecting && report.State != telegramcollector.StateStarting {
		st.Troubles = append(st.Troubles, trouble{name, "not collecting: " + string(report.State), report.Why})
	}
	for _, ch := range report.Channels {
		if ch.Why != "" {
			st.Troubles = append(st.Troubles, trouble{"channel " + ch.Label, ch.State + ": " + ch.Why, "it is asked for again by itself, more and more rarely"})
		}
	}
	return nil
}

// printCollector prints the lines of one collector.
func printCollector(w io.Writer, r telegramcollector.Report) {
	fmt.Fprintf(w, "collector\ttelegram %s\t%s\tsaid %s\n", r.Account, r.State, r.At.Format(time.RFC3339))
	for _, c := range r.Channels {
		fmt.Fprintf(w, "  %s\t%s\t%s\tlooked %s\n", c.Label, c.State, sweptText(c), momentOf(c.LookedAt, "never"))
	}
	for _, wait := range r.Waits {
		if left := time.Until(wait.Until); left > 0 {
			fmt.Fprintf(w, "  waiting\t%d s\ton %s\t(%s)\n", int(left.Seconds()+1), wait.Method, wait.Reason)
		}
	}
}

// sweptText says how much of a channel's history is read.
func sweptText(c telegramcollector.ChannelReport) string {
	switch {
	case c.Newest == 0:
		return "nothing read yet"
	case c.SweptTo > 0:
		return fmt.Sprintf("history from %s on", grouped(uint64(c.SweptTo)))
	default:
		return "all history"
	}
}
