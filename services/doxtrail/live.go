package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/doxtrail/doxtrail/pkg/throttle"
	telegramcollector "github.com/doxtrail/doxtrail/services/collector/telegram"
	twittercollector "github.com/doxtrail/doxtrail/services/collector/twitter"
)

// liveCollectors are the services that ask a platform, and so run only where a
// process is meant to last.
func liveCollectors() []string { return []string{telegramcollector.Name, twittercollector.Name} }

// notEnabled says that a collector was not told what to collect with.
func notEnabled(service string) error {
	needs := "collector_telegram.api_id and what belongs to it, or collector_telegram.preview.url"
	if service == twittercollector.Name {
		needs = "collector_twitter.bearer_token_file and what belongs to it"
	}
	return fmt.Errorf("this collector is not configured: set %s; see README", needs)
}

// errNoAccount says that there is no account to log in with.
var errNoAccount = errors.New("no account is configured: set collector_telegram.api_id and what belongs to it; see README")

// enabled says whether a service has something to do under this configuration.
func (c *Config) enabled(service string) bool {
	switch service {
	case telegramcollector.Name:
		return c.CollectorTelegram.Enabled()
	case twittercollector.Name:
		return c.CollectorTwitter.Enabled()
	default:
		return true
	}
}

// staleReport is how old a report may be before it is that of a collector which is
// not running, or stuck.
const staleReport = time.Minute

// collectorStatus adds what the live collectors last said of themselves. A
// collector that was never started said nothing.
func (s *session) collectorStatus(ctx context.Context, st *status) error {
	key, err := s.parts.stateKey()
	if err != nil {
		return nil //nolint:nilerr // who has no key sees the rest
	}
	if s.mayCollect(telegramcollector.Name) {
		cfg := s.cfg.CollectorTelegram
		report, found, err := telegramcollector.ReadReport(ctx, s.conn, key, cfg)
		if found, err = st.mayShow(ctx, "collector telegram "+cfg.Account, found, err); err != nil {
			return err
		}
		if found {
			st.addTelegram(report)
		}
	}
	if s.mayCollect(twittercollector.Name) {
		cfg := s.cfg.CollectorTwitter
		report, found, err := twittercollector.ReadReport(ctx, s.conn, key, cfg)
		if found, err = st.mayShow(ctx, "collector twitter "+cfg.Account, found, err); err != nil {
			return err
		}
		if found {
			st.addTwitter(report)
		}
	}
	return nil
}

// mayCollect says whether a collector may have said something: beside real servers
// it has a configuration of its own.
func (s *session) mayCollect(service string) bool {
	return !s.cfg.embedded() || s.cfg.enabled(service)
}

// mayShow says whether a report was found. That it cannot be read is one trouble of
// many, and no end of status.
func (st *status) mayShow(ctx context.Context, name string, found bool, err error) (bool, error) {
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	st.add(name, "its report cannot be read", "start it, and it writes a new one; if that does not help, see its log")
	return false, nil
}

// add notes something that somebody has to see to.
func (st *status) add(check, found, mend string) {
	st.Troubles = append(st.Troubles, trouble{check, found, mend})
}

// silent says, and adds, that a collector has said nothing for so long that what it
// said before no longer counts.
func (st *status) silent(name, service string, at time.Time) bool {
	age := time.Since(at)
	if age > staleReport {
		st.add(name, fmt.Sprintf("said nothing for %s", age.Round(time.Second)), "start it: doxtrail up, or doxtrail run "+service)
	}
	return age > staleReport
}

// addTelegram adds a report of the collector of Telegram and its troubles.
func (st *status) addTelegram(report telegramcollector.Report) {
	st.Collectors = append(st.Collectors, report)
	name := "collector telegram " + report.Account
	if st.silent(name, telegramcollector.Name, report.At) {
		return
	}
	if report.State != telegramcollector.StateCollecting && report.State != telegramcollector.StateStarting {
		st.add(name, "not collecting: "+string(report.State), report.Why)
	}
	for _, ch := range report.Channels {
		if ch.Why != "" {
			st.add("channel "+ch.Label, ch.State+": "+ch.Why, "it is asked for again by itself, more and more rarely")
		}
	}
}

// printCollector prints the lines of one collector.
func printCollector(w io.Writer, r telegramcollector.Report) {
	fmt.Fprintf(w, "collector\ttelegram %s\t%s\tsaid %s\n", r.Account, r.State, r.At.Format(time.RFC3339))
	for _, c := range r.Channels {
		fmt.Fprintf(w, "  %s\t%s\t%s\tlooked %s\n", c.Label, c.State, sweptText(c), momentOf(c.LookedAt, "never"))
	}
	printWaits(w, r.Waits)
}

// printWaits prints what may not be called now.
func printWaits(w io.Writer, waits []throttle.Wait) {
	for _, wait := range waits {
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
